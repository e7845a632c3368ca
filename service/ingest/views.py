"""What agents talk to: enrol, events, heartbeat. Nothing is unpacked before its signature was checked."""

from __future__ import annotations

import logging
from typing import TypeVar

import msgspec
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.errors import SignatureError
from config.events import Enrolled, Enrolment, Heartbeat, Pulse, Receipt
from config.signing import verify
from service.approvals.keys import GrantKeyError, lenders
from service.approvals.services import digest
from service.clock import now
from service.fleet.keys import officers_recipient
from service.fleet.services import beat, enrol, public_key
from service.ingest.store import Sender, store
from service.ingest.unpack import MAX_BODY, MAX_UID, TooLargeError, UnreadableError, sort_out, unpack
from service.limit import Limit
from service.officers.access import address
from service.registers.services import listing, trusted_signers

log = logging.getLogger(__name__)
S = TypeVar("S", bound=msgspec.Struct)
enrolments = Limit(20, 60)  # from one address in a minute
MAX_ENROLMENT, MAX_HEARTBEAT = 16 * 2**10, 64 * 2**10  # bytes
LATER = 30  # seconds an agent should wait when events cannot be kept now


class RefusedError(Exception):
    """The answer is no; ``status`` says which."""

    def __init__(self, status: int, text: str, wait: int = 0) -> None:
        super().__init__(text)
        self.status, self.wait = status, wait


@csrf_exempt
@require_POST
def enrol_agent(request: HttpRequest) -> HttpResponse:
    """Enrolment in, Enrolled out. 403 says nothing about why."""
    if wait := enrolments.wait(address(request)):
        return refuse(RefusedError(429, "too many tries", wait))
    try:
        asked = _decode(read_body(request, MAX_ENROLMENT), Enrolment)
        believed = lenders(settings.HOME)
        agent = enrol(asked, address(request))
    except RefusedError as refused:
        return refuse(refused)
    except DatabaseError as problem:
        return later("enrolment", problem)
    except (OSError, GrantKeyError) as problem:  # before anything was kept
        log.error("enrolment cannot be answered now: %s", problem)  # noqa: TRY400 - the words say it all
        return refuse(RefusedError(503, "cannot be kept now; try again", LATER))
    if agent is None:
        return refuse(RefusedError(403, "this token is not accepted"))
    recipient = officers_recipient(settings.HOME)
    return answer(200, Enrolled(agent.pk, agent.department, recipient, now(), trusted_signers(), believed))


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """A batch in, a Receipt out; 202 only after everything in it is on disk."""
    try:
        body = read_body(request, MAX_BODY)
        sender = sender_of(request, body)
        good, refused = sort_out(unpack(body, request.headers.get("Content-Encoding", "").lower()))
        stored = store(sender, good, request.headers.get("Idempotency-Key", "")[:MAX_UID])
    except RefusedError as problem:
        return refuse(problem)
    except TooLargeError:
        return refuse(RefusedError(413, "this batch is too large"))
    except UnreadableError as problem:
        return refuse(RefusedError(400, str(problem)))
    except DatabaseError as problem:
        return later("events", problem)
    return answer(202, Receipt(stored.accepted, stored.duplicate, tuple(refused)))


@csrf_exempt
@require_POST
def heartbeat(request: HttpRequest) -> HttpResponse:
    """Heartbeat in, Pulse out."""
    try:
        body = read_body(request, MAX_HEARTBEAT)
        sender = sender_of(request, body)
        beat(sender.id, _decode(body, Heartbeat), body, address(request))
        lending = digest(sender.id)
    except RefusedError as problem:
        return refuse(problem)
    except DatabaseError as problem:
        return later("heartbeat", problem)
    return answer(200, Pulse(now(), listing().digest, lending))


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The bytes of a request, at most ``limit`` of them."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if length > limit:
        raise RefusedError(413, "too large")
    return request.body


def sender_of(request: HttpRequest, body: bytes) -> Sender:
    """Who signed this request; one answer for everything that can be wrong."""
    seen: dict[str, Sender] = {}

    def known(name: str) -> bytes | None:
        found = public_key(name)
        if found is None:
            return None
        seen[name] = Sender(name, found[1])
        return found[0]

    try:
        return seen[verify(request.method or "", request.get_full_path(), request.headers, body, known)]
    except (SignatureError, KeyError):
        raise RefusedError(401, "not a known agent's signature, or its clock is wrong") from None


def _decode(body: bytes, shape: type[S]) -> S:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError):
        raise RefusedError(400, "not in the expected shape") from None


def answer(status: int, said: msgspec.Struct) -> HttpResponse:
    """A struct as JSON."""
    return HttpResponse(msgspec.json.encode(said), status=status, content_type="application/json")


def refuse(refused: RefusedError) -> HttpResponse:
    """No, and when to come back."""
    response = HttpResponse(str(refused), status=refused.status, content_type="text/plain; charset=utf-8")
    if refused.wait:
        response["Retry-After"] = str(refused.wait)
    return response


def later(what: str, problem: DatabaseError) -> HttpResponse:
    """Not now: the database is busy or its disk is full."""
    log.error("%s cannot be kept now: %s", what, problem)
    return refuse(RefusedError(503, "cannot be kept now; try again", LATER))
