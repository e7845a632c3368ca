"""The four numbers that matter to a role, each with the address that lists what it counts."""

from __future__ import annotations

import msgspec
from django.urls import reverse
from django.utils.translation import gettext as _

from config.levels import Level
from service.approvals.models import State as Lent
from service.approvals.reach import visible, waiting_for
from service.audit import services as audit
from service.audit.acts import Act
from service.audit.models import Record
from service.clock import DAY, now
from service.fleet.health import Grade, health, span
from service.fleet.models import Agent
from service.fleet.services import last_beat
from service.incidents.models import Incident, State
from service.officers import services as officers
from service.officers.models import Officer


class Figure(msgspec.Struct, frozen=True):
    """One number; ``is_urgent`` when somebody should do something about it."""

    count: int
    text: str
    address: str
    is_urgent: bool = False
    note: str = ""


def for_officer(officer: Officer) -> list[Figure]:
    """The queue, and the lendings."""
    incidents = reverse("incidents:list")
    still = Incident.objects.exclude(state=State.RESOLVED)
    new = Incident.objects.filter(state=State.NEW)
    grave = still.filter(level__gte=Level.SECRET.rank)
    week = Incident.objects.filter(state=State.RESOLVED, resolved__gte=now() - 7 * DAY)
    mine = Incident.objects.filter(state=State.IN_PROGRESS, owner=officer)
    oldest = new.order_by("received").first()
    waiting = _("the oldest waits for %(span)s") % {"span": span(now() - oldest.received)} if oldest else ""
    return [
        Figure(new.count(), _("new"), f"{incidents}?state=new", new.exists(), waiting),
        Figure(mine.count(), _("in my hands"), f"{incidents}?state=in_progress&owner=mine"),
        Figure(
            grave.filter(level=Level.TOP_SECRET.rank).count(),
            _("open, 绝密"),
            f"{incidents}?level=top_secret",
            grave.filter(level=Level.TOP_SECRET.rank).exists(),
        ),
        Figure(week.count(), _("resolved in 7 days"), f"{incidents}?state=resolved"),
        *lendings(officer),
    ]


def for_approver(officer: Officer) -> list[Figure]:
    """The lendings of the own department."""
    page, mine = reverse("approvals:list"), visible(officer)
    lent, back = mine.filter(state=Lent.OUT), mine.filter(state=Lent.RETURNED, closed__gte=now() - 30 * DAY)
    return [
        *lendings(officer),
        Figure(lent.count(), _("lent out now"), f"{page}?state=out"),
        Figure(back.count(), _("returned in 30 days"), f"{page}?state=returned"),
    ]


def lendings(officer: Officer) -> list[Figure]:
    """What waits for this person, and what is not back in time."""
    page = reverse("approvals:list")
    waiting = waiting_for(officer)
    oldest = waiting.order_by("received").first()
    note = _("the oldest waits for %(span)s") % {"span": span(now() - oldest.received)} if oldest else ""
    return [
        Figure(waiting.count(), _("lendings waiting for you"), f"{page}?state=mine", waiting.exists(), note),
        overdue(officer),
    ]


def overdue(officer: Officer) -> Figure:
    """Copies that are not back in time."""
    late = visible(officer).filter(state=Lent.OVERDUE).count()
    return Figure(late, _("lendings overdue"), f"{reverse('approvals:list')}?state=overdue", late > 0)


def for_sysadmin() -> list[Figure]:
    """The machines and the logins."""
    moment = now()
    agents = list(Agent.objects.filter(revoked=None))
    grades = [health(agent, moment)[0].grade for agent in agents]
    waiting = sum(beat.spool for agent in agents if (beat := last_beat(agent)))
    locked = len(officers.locked())
    page = reverse("fleet:agents")
    bad, note = grades.count(Grade.BAD), grades.count(Grade.NOTE)
    return [
        Figure(bad, _("agents in trouble"), f"{page}?health=bad", bad > 0),
        Figure(note, _("agents with a remark"), f"{page}?health=note"),
        Figure(grades.count(Grade.GOOD), _("agents well"), f"{page}?health=good"),
        Figure(waiting, _("events waiting on PCs"), page),
        Figure(locked, _("logins locked"), reverse("officers:list"), locked > 0),
    ]


def for_auditor(officer: Officer) -> list[Figure]:
    """The others' work."""
    trail, incidents = reverse("audit:trail"), reverse("incidents:list")
    since = now() - 7 * DAY

    def acts(act: Act) -> int:
        return Record.objects.filter(act=act.value, time__gte=since).count()

    state = audit.verified_lately()
    untouched = Incident.objects.filter(state=State.NEW, received__lt=since).count()
    return [
        Figure(
            state.count,
            _("acts in the chain"),
            trail,
            state.broken is not None,
            _("it is broken") if state.broken else _("it holds"),
        ),
        Figure(acts(Act.LOGIN_FAILED), _("failed logins in 7 days"), f"{trail}?act={Act.LOGIN_FAILED.value}"),
        Figure(acts(Act.RESET), _("sign-in resets in 7 days"), f"{trail}?act={Act.RESET.value}", acts(Act.RESET) > 0),
        Figure(untouched, _("incidents untouched for 7 days"), f"{incidents}?state=new", untouched > 0),
        overdue(officer),
    ]
