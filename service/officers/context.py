"""What every page shows around its own content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from service.officers.roles import ROLES, Who, who

_MENU = ("today:today", "incidents:list", "approvals:list", "fleet:agents", "officers:list", "audit:trail")


def console(request: HttpRequest) -> dict[str, Any]:
    """The organisation, the visitor, and the menu of the visitor's role."""
    visitor = who(request) if hasattr(request, "user") else Who.ANONYMOUS
    words = {
        "today:today": _("Today"),
        "incidents:list": _("Incidents"),
        "approvals:list": _("Lendings"),
        "fleet:agents": _("Agents"),
        "officers:list": _("Officers"),
        "audit:trail": _("Audit trail"),
    }
    here = request.resolver_match.namespace if request.resolver_match else ""
    is_shown_once = visitor in ROLES["officers:recovery"] and "recovery" in request.session
    shown = () if is_shown_once else _MENU  # nothing to click away to while recovery codes are on the screen
    menu = [(name, words[name], name.startswith(here + ":")) for name in shown if visitor in ROLES[name]]
    return {"organisation": settings.SERVICE.organisation, "visitor": visitor.value, "menu": menu}
