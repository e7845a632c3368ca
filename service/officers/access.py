"""The gate before every page: deny by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from service.officers.models import Officer
from service.officers.roles import ROLES, Who, who
from service.officers.services import next_step

Answer = Callable[[HttpRequest], HttpResponseBase]


class AccessMiddleware:
    """Looks up every address in the table of roles before its view runs. What is shown is never kept in a cache."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and keep the answer out of caches."""
        response = self.answer(request)
        add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, _view: Any, _arguments: Any, _names: Any) -> HttpResponseBase | None:
        """None lets the view run."""
        match = request.resolver_match
        allowed = ROLES.get(match.view_name, frozenset()) if match else frozenset()
        if Who.AGENT in allowed:
            return None  # the view checks the signature
        visitor = who(request)
        if visitor in allowed:
            return None
        if visitor is Who.ANONYMOUS:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if visitor is Who.HALF:
            return redirect(next_step(request.user))
        raise PermissionDenied


def current(request: HttpRequest) -> Officer:
    """The officer who asks; the gate lets nobody else come this far."""
    if not isinstance(request.user, Officer):
        raise PermissionDenied
    return request.user


def address(request: HttpRequest) -> str:
    """Where a request came from: the peer of the connection. Forwarding headers are not believed."""
    return str(request.META.get("REMOTE_ADDR", ""))
