"""The pages that say no, in plain words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's own wording
    """A form from before a login or logout, or from another site."""
    text = _("This form is out of date, most often because you logged in or out in another window.")
    return _say(request, 403, _("Please try again"), text)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:  # noqa: ARG001 - says too much
    """400."""
    return _say(request, 400, _("This request makes no sense"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:  # noqa: ARG001
    """403."""
    text = _("The three roles are kept apart: this page belongs to another one.")
    return _say(request, 403, _("Not with your role"), text)


def missing(request: HttpRequest, exception: Any = None) -> HttpResponse:  # noqa: ARG001
    """404."""
    return _say(request, 404, _("Nothing here"), _("There is no such page, or no longer."))


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    return _say(request, 500, _("That went wrong"), _("Nothing was changed. The cause stands in the server's log."))


def _say(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "said.html", {"title": title, "text": text}, status=status)
