"""Where agents fetch signed registers: a list, and any of them part by part, so that no answer takes long."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from service.ingest.views import RefusedError, answer, later, refuse, sender_of
from service.registers import services

MAX_NUMBER = 2**53


@require_safe
def registers(request: HttpRequest) -> HttpResponse:
    """A Listing out."""
    try:
        sender_of(request, b"")
        return answer(200, services.listing())
    except RefusedError as problem:
        return refuse(problem)
    except DatabaseError as problem:
        return later("registers", problem)


@require_safe
def part(request: HttpRequest, register: str) -> HttpResponse:
    """``?version=`` and ``&from=`` (bytes) in, at most ``config.registers.PART`` bytes out.

    The ETag is the digest of the whole register; ``If-None-Match`` with it is answered with 304.
    """
    try:
        sender_of(request, b"")
        found = services.part(register, _number(request, "version"), _number(request, "from"))
    except RefusedError as problem:
        return refuse(problem)
    except DatabaseError as problem:
        return later("registers", problem)
    except OSError:  # replaced by a newer version this moment, or its disk is gone
        found = None
    if found is None:
        return refuse(RefusedError(404, "no such register, version or part"))
    data, digest = found
    tag = f'"{digest}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    return HttpResponse(data, content_type="application/octet-stream", headers={"ETag": tag})


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and int(text) <= MAX_NUMBER):
        raise RefusedError(400, f"{name} is no number")
    return int(text)
