"""The start page, by role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from service.approvals.models import State as Lent
from service.approvals.reach import visible, waiting_for
from service.approvals.services import due
from service.audit.models import Record
from service.clock import now
from service.fleet.health import Grade, health
from service.fleet.models import Agent
from service.incidents.models import Incident, State
from service.officers.access import current
from service.officers.models import Role
from service.today import figures

_NEWS = 12  # lines


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Numbers first, then what changed since the last login."""
    officer = current(request)
    due()  # nobody else looks at the clock
    since = officer.before or 0
    shown: dict[str, object] = {"since": officer.before}
    if officer.role == Role.OFFICER:
        shown["figures"] = figures.for_officer(officer)
        shown["incidents"] = Incident.objects.filter(received__gte=since).order_by("-received")[:_NEWS]
        waiting = Incident.objects.filter(state=State.NEW, received__lt=since)
        shown["waiting"] = waiting.order_by("received")[:_NEWS]
        shown["overdue"] = visible(officer).filter(state=Lent.OVERDUE).order_by("until")[:_NEWS]
    elif officer.role == Role.APPROVER:
        shown["figures"] = figures.for_approver(officer)
        shown["asked"] = waiting_for(officer).order_by("received")[:_NEWS]
        shown["overdue"] = visible(officer).filter(state=Lent.OVERDUE).order_by("until")[:_NEWS]
    elif officer.role == Role.SYSADMIN:
        shown["figures"] = figures.for_sysadmin()
        moment = now()
        rows = [(agent, health(agent, moment)) for agent in Agent.objects.filter(revoked=None).order_by("hostname")]
        shown["agents"] = [row for row in rows if row[1][0].grade is not Grade.GOOD][:_NEWS]
        shown["fleet_exists"] = bool(rows)
    else:
        shown["figures"] = figures.for_auditor(officer)
        shown["records"] = Record.objects.filter(time__gte=since).order_by("-seq")[:_NEWS]
    return render(request, "today/today.html", shown)
