"""Agents, as the system admin sees them: health, never what they found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from service.clock import now
from service.fleet import services
from service.fleet.health import Grade, guarded, health, lacking
from service.fleet.models import Agent, Token
from service.officers.access import current

PAGE = 60


class TokenForm(forms.Form):
    department = forms.CharField(label=gettext_lazy("Department"), max_length=64, required=False)
    uses = forms.IntegerField(label=gettext_lazy("How many PCs"), min_value=1, max_value=1000, initial=1)
    days = forms.IntegerField(label=gettext_lazy("Valid for how many days"), min_value=1, max_value=30, initial=3)


@require_safe
def agents(request: HttpRequest) -> HttpResponse:
    """All agents, the worst first."""
    moment = now()
    rows = [_row(agent, moment) for agent in Agent.objects.order_by("hostname")]
    order = [Grade.BAD, Grade.NOTE, Grade.GOOD]
    rows.sort(key=lambda row: (row["agent"].revoked is not None, order.index(row["remarks"][0].grade)))
    wanted = request.GET.get("health", "")
    if wanted in set(Grade):
        rows = [row for row in rows if row["remarks"][0].grade == wanted and not row["agent"].revoked]
    if text := request.GET.get("q", "").strip().lower():
        rows = [row for row in rows if text in f"{row['agent'].hostname} {row['agent'].department}".lower()]
    query = urlencode({key: value for key, value in (("health", wanted), ("q", text)) if value})
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    tokens = Token.objects.filter(expires__gt=moment).order_by("-created")[:20]
    waiting = [token for token in tokens if token.used < token.uses]
    shown = {"page": page, "tokens": waiting, "wanted": wanted, "text": text, "query": query}
    return render(request, "fleet/agents.html", shown)


@require_http_methods(["GET", "POST"])
def token(request: HttpRequest) -> HttpResponse:
    """Make an enrolment token; the one command that uses it is shown once."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = services.make_token(data["department"], data["uses"], data["days"], current(request))
        url = f"{request.scheme}://{request.get_host()}"
        command = f"shoumi agent enrol --collector {url} --token {made}"
        if not settings.HOME.is_local:
            command += " --ca ca.pem"
        shown = {"command": command, "ca": None if settings.HOME.is_local else settings.HOME.ca, **data}
        return render(request, "fleet/token_made.html", shown)
    return render(request, "fleet/token.html", {"form": form})


@require_POST
def revoke(request: HttpRequest, pk: str) -> HttpResponse:
    """Take an agent's trust away."""
    agent = get_object_or_404(Agent, pk=pk)
    services.revoke(agent, current(request))
    messages.success(request, _("%(name)s is revoked. A new token lets it in again.") % {"name": agent.hostname})
    return redirect("fleet:agents")


def _row(agent: Agent, moment: int) -> dict[str, Any]:
    beat = services.last_beat(agent)
    layers = f"{sum(beat.sandbox.values())}/{len(beat.sandbox)}" if beat and beat.sandbox else ""
    missing = ", ".join(name for name, holds in beat.sandbox.items() if not holds) if beat else ""
    share = None
    if beat and (looked_at := beat.inspected + beat.uninspected) > 0:
        share = 100 * beat.inspected / looked_at
    return {
        "agent": agent,
        "beat": beat,
        "remarks": health(agent, moment),
        "layers": layers,
        "missing": missing,
        "share": share,
        "guarded": guarded(beat.guard) if beat else "",
        "lacking": lacking(beat.guard) if beat else [],
    }
