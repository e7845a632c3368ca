"""The way in and out."""

from __future__ import annotations

from base64 import b32encode
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as django_logout
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from service.audit.acts import Act
from service.audit.services import Actor, append
from service.limit import Limit
from service.officers import services
from service.officers.access import address, current
from service.officers.forms import ChangeForm, CodeForm, LoginForm, PasswordForm
from service.officers.models import Officer

tries = Limit(30, 60)  # passwords from one address in a minute; each costs us a slow hash


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """User name and password."""
    if request.user.is_authenticated:
        return redirect(services.next_step(request.user))
    form = LoginForm(request.POST or None)
    if wanted := request.GET.get("next"):
        request.session["next"] = wanted[:300]
    if request.method == "POST" and form.is_valid():
        if wait := tries.wait(address(request)):
            form.add_error(None, _("Too many tries. Wait %(seconds)d seconds.") % {"seconds": wait})
            return render(request, "officers/login.html", {"form": form}, status=429)
        officer = services.begin(request, form.cleaned_data["username"], form.cleaned_data["password"])
        if officer:
            return redirect(services.next_step(request.user))
        form.add_error(None, _("User name and password do not fit together."))
    return render(request, "officers/login.html", {"form": form})


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """An own password in place of the one-time password."""
    officer = current(request)
    if officer.has_own_password:
        return redirect(services.next_step(officer))
    form = PasswordForm(officer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_own_password(officer, form.cleaned_data["password"])
        update_session_auth_hash(request, officer)
        return redirect(services.next_step(officer))
    return render(request, "officers/password.html", {"form": form})


@require_http_methods(["GET", "POST"])
def bind(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator app."""
    officer = current(request)
    if services.next_step(officer) != "officers:bind":
        return redirect(services.next_step(officer))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = services.bind(request, officer, form.cleaned_data["code"])
        if codes:
            request.session["recovery"] = codes
            return redirect("officers:recovery")
        form.add_error(
            "code", _wrong(officer, _("This code does not fit. Check the clock of your phone and take the next code."))
        )
        form.data = {}
    return render(request, "officers/bind.html", {"form": form, **_device(services.new_device(officer), officer)})


@require_http_methods(["GET", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """The recovery codes, until the officer says they are written down."""
    codes = request.session.get("recovery")
    if request.method == "POST" or not codes:
        request.session.pop("recovery", None)
        return redirect(_wanted(request))
    return render(request, "officers/recovery.html", {"codes": codes})


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second factor."""
    officer = current(request)
    if services.next_step(officer) != "officers:code":
        return redirect(services.next_step(officer))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if services.enter(request, officer, form.cleaned_data["code"]):
            return redirect(_wanted(request))
        form.add_error(
            "code", _wrong(officer, _("This code does not fit, or was used already. Wait for the next one."))
        )
        form.data = {}
    return render(request, "officers/code.html", {"form": form})


@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own name, role and password."""
    officer = current(request)
    form = ChangeForm(officer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_own_password(officer, form.cleaned_data["password"])
        update_session_auth_hash(request, officer)
        messages.success(request, _("Your new password is set. Your other sessions have ended."))
        return redirect("officers:account")
    return render(request, "officers/account.html", {"form": form})


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Leave; the session ends on the server too."""
    append(Actor.of(current(request)), Act.LOGOUT)
    django_logout(request)
    return redirect("officers:login")


def _wrong(officer: Officer, why: str) -> str:
    """Why a code was refused, and how long the next one will be: a right one given too soon is not looked at."""
    seconds = services.wait(officer)
    return f"{why} {_('Codes are looked at again in %(seconds)d seconds.') % {'seconds': seconds}}" if seconds else why


def _wanted(request: HttpRequest) -> str:
    wanted = str(request.session.pop("next", ""))
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if safe else "today:today"


def _device(device: TOTPDevice, officer: Officer) -> dict[str, Any]:
    secret = b32encode(device.bin_key).decode()
    issuer = settings.SERVICE.organisation or "shoumi"
    uri = f"otpauth://totp/{quote(issuer)}:{quote(officer.username)}?secret={secret}&issuer={quote(issuer)}"
    picture = segno.make(uri, error="m").svg_data_uri(scale=4, border=2, light="#fff")
    return {"secret": secret, "spaced": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)), "qr": picture}
