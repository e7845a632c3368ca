"""Where PCs ask, tell, and fetch what was decided. Nothing is unpacked before its signature was checked."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from config.lending import Decisions, Heard
from service.approvals import services
from service.approvals.keys import GrantKeyError
from service.approvals.unpack import MAX_BODY, unpack
from service.ingest.unpack import TooLargeError, UnreadableError
from service.ingest.views import LATER, RefusedError, answer, later, read_body, refuse, sender_of

log = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def lending(request: HttpRequest) -> HttpResponse:
    """POST: Told in, Heard out, after commit. GET: Decisions out. Always about the agent that signed, and no other."""
    try:
        return answer(200, _said(request))
    except RefusedError as problem:
        return refuse(problem)
    except DatabaseError as problem:
        return later("lendings", problem)
    except (OSError, GrantKeyError) as problem:
        log.error("lendings cannot be kept now: %s", problem)  # noqa: TRY400 - the words say it all
        return refuse(RefusedError(503, "cannot be kept now; try again", LATER))


def _said(request: HttpRequest) -> Heard | Decisions:
    if request.method == "GET":
        return services.decisions(sender_of(request, b"").id)
    body = read_body(request, MAX_BODY)
    sender = sender_of(request, body)
    try:
        told = unpack(body)
    except TooLargeError:
        raise RefusedError(413, "too many items at once") from None
    except UnreadableError as problem:
        raise RefusedError(400, str(problem)) from None
    return services.hear(sender, told)
