"""The list of lendings, one of them, and the register. Who may see which stands in the services."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from service.approvals import register as table
from service.approvals import services
from service.approvals.filters import PAGE, Filter
from service.approvals.models import OPEN, Lending, State
from service.approvals.names import is_own
from service.approvals.reach import visible
from service.approvals.words import days, timeline
from service.audit.acts import Act
from service.audit.services import Actor, append
from service.clock import DAY, now
from service.officers.access import current
from service.officers.models import Role

_LINES = 100  # of the register on one page
_EARLIER = 5
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def lendings(request: HttpRequest) -> HttpResponse:
    """The list, filtered."""
    services.due()
    officer, wanted = current(request), Filter.of(request.GET)
    pages = Paginator(wanted.lendings(officer).annotate(given=Count("approvals")), PAGE)
    shown = {
        "filter": wanted,
        "chips": wanted.chips(decides=officer.role != Role.AUDITOR),
        "page": pages.get_page(request.GET.get("page")),
        "total": pages.count,
        "exists": pages.count > 0 or visible(officer).exists(),
    }
    return render(request, "approvals/list.html", shown)


@require_safe
def lending(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: who, what, why, the decision, and what happened to earlier ones."""
    return _detail(request, pk)


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One decision, then the lending again. What was refused is said beside its form, with what was typed."""
    by, note = current(request), request.POST.get("note", "")[: services.MAX_NOTE]
    edition = _number(request.POST.get("edition", ""))
    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: services.approve(pk, edition, by, _number(request.POST.get("days", "")), note),
        "deny": lambda: services.deny(pk, edition, by, note),
        "revoke": lambda: services.revoke(pk, edition, by, note),
    }
    if name not in acts:
        raise Http404
    try:
        acts[name]()
    except Lending.DoesNotExist:
        raise Http404 from None
    except services.StaleError:
        problem = _("Somebody else decided something meanwhile. Look at what changed, then decide again.")
        return _detail(request, pk, problem=(name, problem, note), status=409)
    except services.ForbiddenError as refused:
        return _detail(request, pk, problem=(name, str(refused), note), status=409)
    messages.success(request, _said(Lending.objects.get(pk=pk), name))
    return redirect("approvals:detail", pk=pk)


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The register, for the printer."""
    services.due()
    officer, wanted = current(request), Filter.of(request.GET, "all")
    found = wanted.lendings(officer).prefetch_related("approvals__officer", "steps").order_by("-received", "-pk")
    pages = Paginator(found, _LINES)
    page = pages.get_page(request.GET.get("page"))
    shown = {"filter": wanted, "page": page, "rows": table.rows(page.object_list), "total": pages.count}
    return render(request, "approvals/register.html", shown)


@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """The register as XLSX; that somebody took it away is recorded."""
    services.due()
    officer, wanted = current(request), Filter.of(request.GET, "all")
    found = wanted.lendings(officer).prefetch_related("approvals__officer", "steps").order_by("-received", "-pk")
    if found.count() > table.LINES:
        problem = _("More than %(count)d lendings: choose a shorter period, then download again.")
        messages.warning(request, problem % {"count": table.LINES})
        return redirect(reverse("approvals:register") + wanted.query())
    lines = table.rows(found.iterator(1000))
    body = table.workbook(lines, _("Register of lendings"))
    append(Actor.of(officer), Act.LENDING_EXPORTED, count=len(lines))
    name = f"lendings-{timezone.localdate():%Y%m%d}.xlsx"
    return HttpResponse(body, content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _detail(
    request: HttpRequest, pk: int, *, problem: tuple[str, str, str] = ("", "", ""), status: int = 200
) -> HttpResponse:
    services.due()
    officer = current(request)
    mine = visible(officer)
    one = get_object_or_404(mine.select_related("agent"), pk=pk)
    others = mine.exclude(pk=pk).order_by("-received")
    approvals = list(one.approvals.select_related("officer").order_by("pk"))
    decides = officer.role != Role.AUDITOR and one.state == State.REQUESTED
    own = is_own(one, officer)
    has_approved = any(approval.officer_id == officer.pk for approval in approvals)
    forms = {
        "approve": decides and not own and not has_approved,
        "deny": decides and not own,
        "revoke": officer.role != Role.AUDITOR and one.version > 0 and not one.revoked and one.state in OPEN,
    }
    most = services.longest(one)
    shown = {
        "lending": one,
        "medium": one.stick,
        "level": services.LEVELS[one.level],
        "lines": timeline(one),
        "approvals": approvals,
        "needed": services.needed(one),
        "missing": services.needed(one) - len(approvals),
        "is_own": own,
        "has_approved": has_approved,
        "can_decide": decides,
        "forms": forms,
        "choices": [(count, days(count), now() + count * DAY) for count in range(1, most + 1)],
        "most": most,
        "late": others.filter(_person(one) | _medium(one), state=State.OVERDUE).count(),
        "problem": dict(zip(("act", "text", "note"), problem, strict=True)),
        "has_form": forms.get(problem[0], False),  # else what was refused stands above
        "earlier": [
            (_("this person"), others.filter(_person(one))[:_EARLIER]),
            (_("this medium"), others.filter(_medium(one))[:_EARLIER]),
            (_("this document"), others.filter(sha256=one.sha256)[:_EARLIER]),
        ],
    }
    return render(request, "approvals/lending.html", shown, status=status)


def _person(one: Lending) -> Q:
    same = Q(user=one.user, agent=one.agent_id)
    return same | Q(full_name=one.full_name, department=one.department) if one.full_name else same


def _medium(one: Lending) -> Q:
    return Q(serial=one.serial) if one.serial else Q(serial="", uuid=one.uuid)


def _said(lending: Lending, name: str) -> str:
    if name == "deny":
        return _("Denied. The person reads your note on the PC.")
    if name == "revoke":
        if lending.state == State.OVERDUE:
            return _("Revoked. The copy is out: it is due back at once.")
        return _("Revoked. The PC learns of it with its next heartbeat.")
    if lending.state == State.REQUESTED:
        return _("Your approval is kept. A second approver must agree before the document may leave.")
    return _("Approved. The PC learns of it with its next heartbeat.")


def _number(text: str) -> int:
    """A number from a form; what is none is 0, which fits nothing."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
