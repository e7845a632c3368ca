"""The officers as the system admin sees them: who may come in, who is locked out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from service.officers import services
from service.officers.access import current
from service.officers.models import Officer


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a login."""
    bound = set(TOTPDevice.objects.filter(confirmed=True).values_list("user_id", flat=True))
    locked = services.locked()
    rows = [
        {
            "officer": officer,
            "is_bound": officer.pk in bound,
            "is_locked": officer.username in locked,
            "is_me": officer.pk == request.user.pk,
        }
        for officer in Officer.objects.order_by("role", "username")
    ]
    return render(request, "officers/people.html", {"rows": rows})


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody try again."""
    officer = get_object_or_404(Officer, pk=pk)
    services.release(officer, current(request))
    messages.success(request, _("%(name)s may try again.") % {"name": officer})
    return redirect("officers:list")


@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time password for somebody else. One's own is reset at the server."""
    officer = get_object_or_404(Officer, pk=pk)
    if officer.pk == request.user.pk:
        messages.error(request, _("Your own sign-in is reset on the server: shoumi collector officer reset"))
        return redirect("officers:list")
    password = services.reset(officer, current(request))
    return render(request, "officers/reset.html", {"officer": officer, "password": password})
