"""Everything that changes an officer's sign-in. Each change stands in the audit trail."""

from __future__ import annotations

import secrets
from datetime import timedelta
from math import ceil

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth import authenticate, user_login_failed
from django.contrib.auth import login as django_login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as otp_login
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from service.audit.acts import Act
from service.audit.services import NOBODY, SERVER, Actor, append
from service.clock import now
from service.database import writing
from service.officers.models import Officer, Role
from service.officers.roles import is_verified

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper
RECOVERY_CODES = 8
HALF_SECONDS = 900  # between the password and the second factor
STARTING = ((Role.SYSADMIN, "sysadmin"), (Role.OFFICER, "officer"), (Role.AUDITOR, "auditor"))


def one_time_password() -> str:
    """Four groups of four, about 79 bits: easy to read out, good for one use."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def issue_starting() -> list[tuple[Officer, str | None]]:
    """The officers of a new collector, made when missing, each with a fresh one-time password until it was used."""
    issued: list[tuple[Officer, str | None]] = []
    with writing():
        for role, username in STARTING:
            officer = Officer.objects.filter(role=role).order_by("pk").first()
            if officer is None:
                officer = Officer(username=username, role=role)
            password = None
            if not officer.has_own_password:
                password = one_time_password()
                officer.set_password(password)
                officer.save()
                append(SERVER, Act.ISSUED, officer.username)
            issued.append((officer, password))
    return issued


def add(username: str, role: str, name: str = "", department: str = "") -> str:
    """One more person, by somebody at the server's own console; the one-time password.

    An approver has a department, nobody else has one; the database refuses anything else.
    """
    password = one_time_password()
    with writing():
        officer = Officer(username=username, role=Role(role), name=name, department=department)
        officer.set_password(password)
        officer.save(force_insert=True)
        append(SERVER, Act.ADDED, username, role=role, **_said(name, department))
    return password


def change(officer: Officer, name: str | None, department: str | None) -> None:
    """Somebody's full name, or an approver's department; None leaves it as it is. Same console."""
    with writing():
        officer.name = officer.name if name is None else name
        officer.department = officer.department if department is None else department
        officer.save(update_fields=["name", "department"])
        append(SERVER, Act.CHANGED, officer.username, **_said(name or "", department or ""))


def begin(request: HttpRequest, username: str, password: str) -> Officer | None:
    """Check a password; when right, the visitor is half in, with a new session. None counts as a failed login."""
    was_locked = is_locked(request, username)
    officer = authenticate(request, username=username, password=password)
    if isinstance(officer, Officer):
        django_login(request, officer, backend="django.contrib.auth.backends.ModelBackend")
        request.session.set_expiry(HALF_SECONDS)
        return officer
    if not was_locked:
        _record_failure(request, username)
    return None


def is_locked(request: HttpRequest, username: str) -> bool:
    """Whether a name is locked out; the gate then shows the page that says so."""
    locked = not AxesProxyHandler.is_allowed(request, {"username": username})
    if locked:
        request.axes_locked_out = True  # type: ignore[attr-defined]  # read by AxesMiddleware
        request.axes_credentials = {"username": username}  # type: ignore[attr-defined]
    return locked


def next_step(officer: Officer | AnonymousUser) -> str:
    """The name of the address of what is still missing between a password and the console."""
    if isinstance(officer, AnonymousUser):
        return "officers:login"
    if not officer.has_own_password:
        return "officers:first_password"
    if not TOTPDevice.objects.filter(user=officer, confirmed=True).exists():
        return "officers:bind"
    if not is_verified(officer):
        return "officers:code"
    return "today:today"


def set_own_password(officer: Officer, password: str) -> None:
    """An officer chooses; other sessions of theirs end by it."""
    with writing():
        officer.set_password(password)
        officer.has_own_password = True
        officer.save(update_fields=["password", "has_own_password"])
        append(Actor.of(officer), Act.PASSWORD, officer.username)


def new_device(officer: Officer) -> TOTPDevice:
    """The second factor that waits to be bound; the same one until it is."""
    with writing():
        device = TOTPDevice.objects.filter(user=officer, confirmed=False).first()
        return device or TOTPDevice.objects.create(user=officer, confirmed=False, name="app")


def bind(request: HttpRequest, officer: Officer, code: str) -> list[str] | None:
    """Bind the second factor with its first code and come in; the recovery codes, shown once. None: a wrong code."""
    with writing():
        device = new_device(officer)
        if not _fits(device, code):
            append(Actor.of(officer), Act.LOGIN_FAILED, officer.username, step="second factor")
            return None
        device.confirmed = True
        device.save()
        codes = _recovery_codes(officer)
        append(Actor.of(officer), Act.TOTP, officer.username)
        _come_in(request, officer, device)
    return codes


def enter(request: HttpRequest, officer: Officer, code: str) -> bool:
    """Come in with a code of the app or a recovery code; false counts as a failed login."""
    if is_locked(request, officer.username):
        return False
    with writing():
        for device in (
            *TOTPDevice.objects.filter(user=officer, confirmed=True),
            *StaticDevice.objects.filter(user=officer, confirmed=True),
        ):
            if _fits(device, code):
                if isinstance(device, StaticDevice):
                    append(Actor.of(officer), Act.RECOVERY, officer.username, left=device.token_set.count())
                _come_in(request, officer, device)
                return True
    user_login_failed.send(sender=__name__, credentials={"username": officer.username}, request=request)
    _record_failure(request, officer.username)
    return False


def release(officer: Officer, by: Officer) -> None:
    """Let somebody try again after too many failures."""
    with writing():
        forget_failures(username=officer.username)
        append(Actor.of(by), Act.RELEASED, officer.username)


def reset(officer: Officer, by: Officer | None) -> str:
    """Start somebody's sign-in anew; the one-time password. ``by`` is None at the server's own console."""
    password = one_time_password()
    with writing():
        TOTPDevice.objects.filter(user=officer).delete()
        StaticDevice.objects.filter(user=officer).delete()
        officer.set_password(password)
        officer.has_own_password = False
        officer.save(update_fields=["password", "has_own_password"])
        forget_failures(username=officer.username)
        append(Actor.of(by) if by else SERVER, Act.RESET, officer.username)
    return password


def locked() -> set[str]:
    """The names that are locked out now."""
    full = AccessAttempt.objects.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT)
    return set(full.values_list("username", flat=True))


def wait(officer: Officer) -> int:
    """Seconds until another code is looked at; each wrong one doubles them. 0 when the next one is."""
    times = []
    for device in TOTPDevice.objects.filter(user=officer):
        allowed, why = device.verify_is_allowed()
        if not allowed and why and "locked_until" in why:
            times.append((why["locked_until"] - timezone.now()).total_seconds())
    return max(0, ceil(max(times, default=0)))


def _said(name: str, department: str) -> dict[str, str]:
    return {key: value for key, value in (("name", name), ("department", department)) if value}


def _fits(device: TOTPDevice | StaticDevice, code: str) -> bool:
    allowed, _ = device.verify_is_allowed()
    return bool(allowed and device.verify_token(code))


def _recovery_codes(officer: Officer) -> list[str]:
    StaticDevice.objects.filter(user=officer).delete()
    device = StaticDevice.objects.create(user=officer, name="recovery")
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _come_in(request: HttpRequest, officer: Officer, device: TOTPDevice | StaticDevice) -> None:
    request.session.cycle_key()
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))  # whatever happens
    otp_login(request, device)
    forget_failures(username=officer.username)
    append(Actor.of(officer), Act.LOGIN, officer.username)
    officer.before, officer.entered = officer.entered, now()
    officer.save(update_fields=["before", "entered"])


def _record_failure(request: HttpRequest, username: str) -> None:
    known = Officer.objects.filter(username=username).exists()  # people type passwords into the wrong field
    what, where = username if known else "", str(request.META.get("REMOTE_ADDR", ""))
    with writing():
        append(NOBODY, Act.LOGIN_FAILED, what, address=where)
        if known and getattr(request, "axes_locked_out", False):
            append(NOBODY, Act.LOCKED, what, address=where)
