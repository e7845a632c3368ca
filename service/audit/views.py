"""The audit trail, as the auditor sees it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from service.audit import services
from service.audit.acts import Act
from service.audit.models import Record
from service.officers.access import current
from service.officers.language import language

PAGE = 100


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """What was done, the latest first."""
    chosen = {key: request.GET.get(key, "").strip()[:100] for key in ("actor", "act", "object")}
    found = Record.objects.order_by("-seq")
    if chosen["actor"]:
        found = found.filter(actor=chosen["actor"])
    if chosen["act"] in Act.values:
        found = found.filter(act=chosen["act"])
    if chosen["object"]:
        found = found.filter(object=chosen["object"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown: dict[str, Any] = {
        "page": page,
        "chosen": chosen,
        "query": urlencode({key: value for key, value in chosen.items() if value}),
        "actors": sorted(set(Record.objects.values_list("actor", flat=True)) - {""}),
        "acts": Act.choices,
        "state": services.verified_lately(),
    }
    return render(request, "audit/trail.html", shown)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Follow the chain now; that somebody did is itself recorded."""
    state = services.verify_for(current(request))
    if state.broken:
        text = _("The chain is broken at record %(seq)d: %(why)s")
        messages.error(request, text % {"seq": state.broken.seq, "why": state.broken.why.say(language())})
    else:
        messages.success(request, _("The chain holds: %(count)d acts verified.") % {"count": state.count})
    return redirect("audit:trail")
