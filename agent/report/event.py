"""An event out of a verdict and a decision: what the officers will read, and nothing a collector must not hold."""

from __future__ import annotations

import getpass
import hashlib
import platform
import secrets
import socket
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from agent.decide import Decision
from config.events import (
    CONFIDENTIALITY,
    MAX_EVENT_BYTES,
    SEVERITY,
    Action,
    Actor,
    Circumstances,
    DataSecurity,
    Device,
    Done,
    Event,
    File,
    FindingInfo,
    Fingerprint,
    Kind,
    Metadata,
    Product,
    User,
)
from config.masking import mask_name
from config.policy import Place
from config.verdict import Mark, Verdict

_LISTED = 20  # marks and findings kept one by one in an event


def make_event(verdict: Verdict, decision: Decision, place: Place, user: User, ticket: str, now: datetime) -> Event:
    """One event; ``done`` and ``quarantine`` are set afterwards by :func:`finish`."""
    medium = place.medium
    name = mask_name(place.path.name)
    kind = decision.kind or Kind.VIOLATION
    who = f"{socket.gethostname()}\0{user.name}\0{place.path.parent}\0{decision.zone.name}\0{verdict.sha256}"
    return Event(
        time=int(now.timestamp() * 1000),
        metadata=Metadata(uid=secrets.token_hex(16), product=Product(version=version("shoumi"))),
        finding_info=FindingInfo(
            uid=hashlib.sha256((who + "\0" + (medium.serial or medium.mount if medium else "")).encode()).hexdigest()[
                :32
            ],
            title=decision.reason.en,
            types=(kind,),
        ),
        severity_id=SEVERITY[verdict.level],
        message=decision.reason.en,
        actor=Actor(user),
        device=Device(socket.gethostname(), os=f"{platform.system()} {platform.release()}"),
        file=File(
            name=name,
            path=str(place.path.parent / name),
            size=verdict.size,
            mime_type=verdict.media_type,
            hashes=(Fingerprint(verdict.sha256),) if verdict.sha256 else (),
        ),
        data_security=DataSecurity(
            category_id=2 if verdict.marks else 1,
            confidentiality_id=CONFIDENTIALITY[verdict.level],
            confidentiality=_worded(verdict),
        ),
        unmapped=Circumstances(
            kind=kind,
            level=verdict.level,
            zone=decision.zone.name,
            zone_text=decision.zone.words,
            clearance=decision.zone.clearance,
            action=decision.action,
            done=Done.LEFT,
            rule=decision.rule,
            reason=decision.reason,
            ticket=ticket,
            place=str(place.path.parent),
            medium=medium,
            marks=verdict.marks[:_LISTED],
            findings=verdict.findings[:_LISTED],
            coverage=verdict.coverage,
        ),
        action_id=3,
        disposition_id=15,
    )


def finish(event: Event, done: Done, quarantine: str = "") -> Event:
    """The same event with what really happened to the file, made small enough to travel."""
    replace = msgspec.structs.replace
    allowed = event.unmapped.action in {Action.ALLOW, Action.WARN}
    event = replace(
        event,
        unmapped=replace(event.unmapped, done=done, quarantine=quarantine),
        action_id=2 if done is Done.QUARANTINED else 1 if allowed else 3,
        disposition_id={Done.QUARANTINED: 3, Done.LEFT: 15, Done.HELD: 14}[done],
    )
    for keep in (8, 2, 0):
        if len(msgspec.json.encode(event)) <= MAX_EVENT_BYTES:
            break
        facts = event.unmapped
        short = replace(facts, marks=facts.marks[:keep], findings=facts.findings[:keep])
        event = replace(
            event, unmapped=replace(short, coverage=replace(facts.coverage, reasons=facts.coverage.reasons[:keep]))
        )
    return event


def owner(path: Path) -> User:
    """Who put a file here: its owner, or where the medium keeps none (FAT), the owner of the mount."""
    if sys.platform == "win32":  # the owner of a file is an account number there; the agent runs in the session
        return User(getpass.getuser())
    import pwd

    uid = path.lstat().st_uid
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(str(uid), uid=str(uid))
    return User(entry.pw_name, entry.pw_gecos.split(",")[0], str(uid))


def ticket(now: datetime) -> str:
    """A number people can say on the phone: local date, and six characters that no other event of the day has."""
    alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike
    return f"{now.astimezone():%Y-%m%d}-" + "".join(secrets.choice(alphabet) for _ in range(6))


def _worded(verdict: Verdict) -> str:
    raising: list[Mark] = [mark for mark in verdict.marks if mark.raises == verdict.level]
    return raising[0].text if raising else verdict.level.text.zh
