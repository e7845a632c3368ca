"""The queue and one incident."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.levels import Level
from service.incidents import services
from service.incidents.filters import PAGE, Filter
from service.incidents.models import Incident, Judgement, State
from service.incidents.timeline import latest, timeline
from service.officers.access import current
from service.officers.models import Officer, Role

_MAX_NOTE = 4000  # characters


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """The queue, filtered."""
    wanted = Filter.of(request.GET)
    pages = Paginator(wanted.incidents(current(request)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    shown = {
        "filter": wanted,
        "chips": wanted.chips(),
        "page": page,
        "total": pages.count,
        "exists": pages.count > 0 or Incident.objects.exists(),
    }
    return render(request, "incidents/list.html", shown)


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: the story, and what can be done."""
    one = get_object_or_404(Incident.objects.select_related("agent", "owner"), pk=pk)
    event = latest(one)
    related = Incident.objects.exclude(pk=pk).select_related("owner").order_by("-received")
    officer = current(request)
    draft_of, draft = request.session.pop("draft", None) or (0, "")  # typed before somebody else was faster
    shown = {
        "draft": draft if draft_of == pk else "",
        "incident": one,
        "event": event,
        "facts": event.unmapped,
        "lines": timeline(one),
        "level": list(Level)[one.level],
        "judgements": Judgement.choices,
        "is_open": one.state != State.RESOLVED,
        "can_act": officer.role == Role.OFFICER,
        "is_mine": one.owner_id == officer.pk,
        "colleagues": Officer.objects.filter(role=Role.OFFICER, is_active=True).exclude(
            pk__in=[officer.pk, one.owner_id or 0]
        ),
        "of_person": related.filter(user=one.user, device=one.device)[:5],
        "of_document": related.filter(agent=one.agent_id, finding=one.finding)[:5],
    }
    return render(request, "incidents/incident.html", shown)


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act of an officer, then the incident again."""
    if not Incident.objects.filter(pk=pk).exists():
        raise Http404
    by, text = current(request), request.POST.get("comment", "")[:_MAX_NOTE]
    edition = _number(request.POST.get("edition", ""))
    acts: dict[str, Callable[[], None]] = {
        "take": lambda: services.take(pk, edition, by),
        "assign": lambda: services.assign(pk, edition, by, _colleague(request)),
        "comment": lambda: services.comment(pk, by, text),
        "resolve": lambda: services.resolve(pk, edition, by, request.POST.get("judgement", ""), text),
        "reopen": lambda: services.reopen(pk, edition, by, text),
    }
    if name not in acts:
        raise Http404
    try:
        acts[name]()
    except services.StaleError:
        messages.warning(
            request, _("Somebody else worked on this incident meanwhile. Look at what changed, then decide again.")
        )
        request.session["draft"] = [pk, text]
    except services.ForbiddenError as problem:
        messages.warning(request, str(problem))
    return redirect("incidents:detail", pk=pk)


def _colleague(request: HttpRequest) -> Officer:
    found = Officer.objects.filter(pk=_number(request.POST.get("owner", ""))).first()
    if found is None:
        raise services.ForbiddenError(_("Choose who should work on it."))
    return found


def _number(text: str) -> int:
    """A number from a form; what is none is 0, which fits nothing."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
