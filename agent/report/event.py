"""An event out of a verdict and a decision: what the officers will read, and nothing a collector must not hold."""

from __future__ import annotations

import getpass
import hashlib
import os
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
    Medium,
    Metadata,
    Product,
    User,
)
from config.masking import mask_name, mask_place, mask_reason
from config.policy import Place
from config.text import readable
from config.verdict import Mark, Verdict

replace = msgspec.structs.replace
_BEFORE = {Done.REFUSED, Done.RELEASED}  # judged before anything landed
_DISPOSITION = {  # OCSF disposition_id: 1 allowed, 2 blocked, 3 quarantined, 14 delayed, 15 detected
    Done.QUARANTINED: 3,
    Done.LEFT: 15,
    Done.HELD: 14,
    Done.GONE: 15,
    Done.REFUSED: 2,
    Done.RELEASED: 1,
}
_LISTED = 20  # marks and findings kept one by one in an event


def make_event(verdict: Verdict, decision: Decision, place: Place, user: User, ticket: str, now: datetime) -> Event:
    """One event; ``done`` and ``quarantine`` are set afterwards by :func:`finish`."""
    medium = readable_medium(place.medium)
    folder, name = readable(str(place.path.parent)), mask_name(place.path.name)
    kind = decision.kind or Kind.VIOLATION
    return Event(
        time=int(now.timestamp() * 1000),
        metadata=Metadata(uid=secrets.token_hex(16), product=Product(version=version("shoumi"))),
        finding_info=FindingInfo(uid=_finding(verdict, decision, place, user), title=decision.reason.en, types=(kind,)),
        severity_id=SEVERITY[verdict.level],
        message=decision.reason.en,
        actor=Actor(user),
        device=Device(socket.gethostname(), os=f"{platform.system()} {platform.release()}"),
        file=File(
            name=name,
            path=f"{folder}/{name}",
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
            place=folder,
            medium=medium,
            marks=tuple(replace(mark, where=mask_place(mark.where)) for mark in verdict.marks[:_LISTED]),
            findings=tuple(replace(found, where=mask_place(found.where)) for found in verdict.findings[:_LISTED]),
            coverage=replace(verdict.coverage, reasons=tuple(map(mask_reason, verdict.coverage.reasons))),
        ),
        action_id=3,
        disposition_id=15,
    )


def _finding(verdict: Verdict, decision: Decision, place: Place, user: User) -> str:
    """The same for the same content, put into the same folder of the same medium by the same person."""
    content = verdict.sha256 or f"{place.path.name}\0{verdict.size}"  # what could not be read is known by its name
    medium = (place.medium.serial or place.medium.mount) if place.medium else ""
    parts = (socket.gethostname(), user.name, str(place.path.parent), decision.zone.name, content, medium)
    return hashlib.sha256(os.fsencode("\0".join(parts))).hexdigest()[:32]


def readable_medium(medium: Medium | None) -> Medium | None:
    """A medium whose words can be sent: a stick may carry any bytes as its label or mount point."""
    if medium is None:
        return None
    words = {key: readable(word) for key, word in msgspec.structs.asdict(medium).items() if key != "channel"}
    return replace(medium, **words)


def finish(event: Event, done: Done, quarantine: str = "") -> Event:
    """The same event with what really happened to the file, made small enough to travel."""
    allowed = done is Done.RELEASED or event.unmapped.action in {Action.ALLOW, Action.WARN}
    facts = replace(
        event.unmapped,
        done=done,
        quarantine=quarantine,
        after_the_fact=event.unmapped.after_the_fact and done not in _BEFORE,
    )
    event = replace(
        event,
        unmapped=facts,
        action_id=2 if done in {Done.QUARANTINED, Done.REFUSED} else 1 if allowed else 3,
        disposition_id=_DISPOSITION[done],
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
    try:
        uid = path.lstat().st_uid
    except OSError:  # it is gone already: whoever owns the folder is the nearest answer
        try:
            uid = path.parent.lstat().st_uid
        except OSError:
            return User("")
    return account(uid)


def account(uid: int) -> User:
    """A user of this machine by number."""
    if sys.platform == "win32":
        return User(str(uid), uid=str(uid))
    import pwd

    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(str(uid), uid=str(uid))
    return User(readable(entry.pw_name), readable(entry.pw_gecos.split(",")[0]), str(uid))


def ticket(now: datetime) -> str:
    """A number people can say on the phone: local date, and six characters that no other event of the day has."""
    alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike
    return f"{now.astimezone():%Y-%m%d}-" + "".join(secrets.choice(alphabet) for _ in range(6))


def _worded(verdict: Verdict) -> str:
    raising: list[Mark] = [mark for mark in verdict.marks if mark.raises == verdict.level]
    return raising[0].text if raising else verdict.level.text.zh
