"""Everything that changes what we know of agents."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.db.models import F

from config.events import Enrolment, Heartbeat
from config.signing import agent_id
from service.audit.acts import Act
from service.audit.services import SERVER, Actor, append
from service.clock import DAY, now
from service.database import writing
from service.fleet.models import Agent, Token
from service.officers.models import Officer

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_KEY_BYTES = 32


def make_token(department: str, uses: int, days: int, by: Officer | None = None) -> str:
    """An enrolment token for ``uses`` agents within ``days``; shown once, kept as a hash."""
    token = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(5))
    with writing():
        row = Token.objects.create(
            hash=_hash(token), department=department, uses=uses, created=now(), expires=now() + days * DAY, made_by=by
        )
        append(Actor.of(by) if by else SERVER, Act.TOKEN, str(row.pk), department=department, uses=uses, days=days)
    return token


def enrol(asked: Enrolment, address: str) -> Agent | None:
    """Make an agent known; None when its token is wrong, used up, out of date, or its key was revoked after it."""
    key = _key(asked.public_key)
    if key is None:
        return None
    name = agent_id(key)
    with writing():
        token = Token.objects.filter(hash=_hash(asked.token), expires__gt=now()).first()
        before = Agent.objects.filter(pk=name).first()
        if token is None or (before and before.revoked and before.revoked >= token.created):
            return None
        again = before is not None and before.token_id == token.pk  # the answer was lost on the way
        if not again and not Token.objects.filter(pk=token.pk, used__lt=F("uses")).update(used=F("used") + 1):
            return None
        agent, _ = Agent.objects.update_or_create(
            pk=name,
            defaults={
                "public_key": key,
                "hostname": asked.hostname[:253],
                "os": asked.os[:120],
                "version": asked.version[:40],
                "department": token.department,
                "token": token,
                "enrolled": now(),
                "revoked": None,
                "address": address,
            },
        )
        append(Actor(asked.hostname[:64], "agent"), Act.ENROLLED, name, token=token.pk, department=token.department)
    return agent


def revoke(agent: Agent, by: Officer) -> None:
    """Nothing this agent signs is taken any more."""
    with writing():
        Agent.objects.filter(pk=agent.pk, revoked=None).update(revoked=now())
        append(Actor.of(by), Act.REVOKED, agent.pk, hostname=agent.hostname)


def public_key(name: str) -> tuple[bytes, str] | None:
    """The key and the department of an agent that is known and not revoked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public_key, department FROM fleet_agent WHERE id = %s AND revoked IS NULL", (name,))
        row = cursor.fetchone()
    return (bytes(row[0]), row[1]) if row else None


def beat(name: str, said: Heartbeat, body: bytes, address: str) -> None:
    """Keep what an agent last said about itself."""
    moment = now()
    clock = max(-(2**62), min(2**62, said.time - moment))
    with writing(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fleet_agent SET seen = %s, beat = %s, clock = %s, version = %s, address = %s WHERE id = %s",
            (moment, body, clock, said.version[:40], address, name),
        )


def last_beat(agent: Agent) -> Heartbeat | None:
    """What the agent last said, None before its first heartbeat."""
    return msgspec.json.decode(bytes(agent.beat), type=Heartbeat) if agent.beat else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.strip().encode()).hexdigest()


def _key(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (binascii.Error, ValueError):
        return None
    return raw
