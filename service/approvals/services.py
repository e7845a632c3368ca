"""The rules of lending: who may ask, who may allow it, what the PC may report. Every act stands in the audit trail."""

from __future__ import annotations

import base64
import hashlib
import logging

import msgspec
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config import lending as wire
from config.events import Medium
from config.levels import Level
from config.signed import seal
from service.approvals.keys import signing_key
from service.approvals.models import OPEN, Approval, Lending, State, Step
from service.approvals.names import are_one, is_own, spellings, written
from service.approvals.reach import visible
from service.approvals.standing import is_out, settle
from service.approvals.unpack import Unpacked
from service.audit.acts import Act
from service.audit.services import SERVER, Actor, append
from service.clock import DAY, now
from service.database import writing
from service.fleet.models import Agent
from service.ingest.store import PATIENCE, Sender
from service.officers.models import Officer, Role

log = logging.getLogger(__name__)
MAX_OPEN = 200  # requests of one PC that somebody still has to do something about
MAX_A_DAY = 200  # requests of one PC
MAX_STEPS = 1000  # lines of one lending: a PC that tells without end fills no disk
MAX_CLOSED = 300  # of the closed ones, an agent is told the latest
REMEMBERED = 30 * DAY
MAX_NOTE = 500  # characters
AT_ONCE = 500  # lendings that fall due in one change of the database
LEVELS = list(Level)


class StaleError(Exception):
    """Somebody else decided something since the form was made."""


class ForbiddenError(Exception):
    """This act does not fit the lending's state, or the person; says why."""


def needed(lending: Lending) -> int:
    """How many officers must approve."""
    return 2 if LEVELS[lending.level] is Level.TOP_SECRET else 1


def longest(lending: Lending) -> int:
    """Days the next approval may give at most; nobody makes it longer than an earlier approver did."""
    given = [approval.days for approval in lending.approvals.all()]
    return min([lending.days, settings.SERVICE.lending_max_days, *given])


def approve(pk: int, edition: int, by: Officer, days: int, note: str = "") -> State:
    """One officer's yes; with enough of them the grant is signed. The state it is in afterwards."""
    moment = now()
    with writing():
        lending = _for_decision(pk, edition, by, moment)
        before = [approval.officer for approval in lending.approvals.select_related("officer")]
        if any(one.pk == by.pk or are_one(one, by) for one in before):
            raise ForbiddenError(_("You approved this already. A different person must be the second."))
        if not 1 <= days <= longest(lending):
            raise ForbiddenError(_("Choose 1 to %(days)d days.") % {"days": longest(lending)})
        Approval.objects.create(lending=lending, officer=by, time=moment, days=days)
        lending.note = _short(note) or lending.note
        if len(before) + 1 >= needed(lending):
            _grant(lending, moment)
        _decided(lending, by, "approve", moment, note, days=days)
        detail = {"days": days, "approvals": len(before) + 1, "of": needed(lending), "version": lending.version}
        append(Actor.of(by), Act.LENDING_APPROVED, lending.uid, **detail)
    return State(lending.state)


def deny(pk: int, edition: int, by: Officer, note: str) -> None:
    """No; the person is told why."""
    if not note.strip():
        raise ForbiddenError(_("Say why: the person who asked reads it."))
    moment = now()
    with writing():
        lending = _for_decision(pk, edition, by, moment)
        lending.denied, lending.note = moment, _short(note)
        _decided(lending, by, "deny", moment, note)
        append(Actor.of(by), Act.LENDING_DENIED, lending.uid)


def revoke(pk: int, edition: int, by: Officer, note: str = "") -> State:
    """Take an approval back. A copy that is out already is due at once. The state it is in afterwards."""
    moment = now()
    with writing():
        lending = _find(pk, edition, by, moment)
        if not lending.version or lending.revoked is not None or lending.state not in OPEN:
            raise ForbiddenError(_("There is no approval to revoke."))
        lending.revoked, lending.note = moment, _short(note) or lending.note
        lending.until = min(lending.until or moment, moment)
        _seal(lending)
        _decided(lending, by, "revoke", moment, note)
        append(Actor.of(by), Act.LENDING_REVOKED, lending.uid, version=lending.version, state=lending.state)
    return State(lending.state)


def hear(sender: Sender, told: Unpacked) -> wire.Heard:
    """Keep what a PC says; committed when this returns.

    Raises:
        django.db.OperationalError: it cannot be kept now; nothing of it was.
    """
    kept: list[str] = []
    refused = dict(told.refused)
    moment = now()
    with writing(PATIENCE):
        due(sender.id)
        agent = Agent.objects.get(pk=sender.id)
        for asked in told.asked:
            _note(asked.id, _ask(agent, asked, moment), kept, refused)
        for acted in told.acted:
            _note(acted.id, _act(agent, acted, moment), kept, refused)
    return wire.Heard(tuple(dict.fromkeys(kept)), refused)


def decisions(agent: str) -> wire.Decisions:
    """What one agent is told: everything open, and what was closed of late. Of other agents nothing."""
    due(agent)
    rows = [*_told(agent).filter(closed=None), *_told(agent).exclude(closed=None)[:MAX_CLOSED]]
    return wire.Decisions(
        tuple(
            wire.Decided(
                row.uid,
                wire.State(row.state),
                row.note,
                base64.b64encode(bytes(row.grant)).decode() if row.grant else "",
            )
            for row in rows
        )
    )


def digest(agent: str) -> str:
    """What changes whenever the decisions for an agent do; empty when there are none."""
    due(agent)
    rows = list(_told(agent).values_list("uid", "state", "version", "note"))
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()[:16] if rows else ""


def due(agent: str = "") -> None:
    """Whatever is past its time by our own clock becomes expired or overdue; called before lendings are shown."""
    moment = now()
    late = Lending.objects.filter(state__in=[State.APPROVED, State.OUT], until__lte=moment)
    if agent:
        late = late.filter(agent=agent)
    if not late.exists():
        return
    with writing():
        for lending in late.order_by("pk")[:AT_ONCE]:
            if settle(lending, moment):
                lending.save()
                Step.objects.create(lending=lending, time=moment, source="system", act=lending.state)
                append(SERVER, Act.LENDING_DUE, lending.uid, state=lending.state)


def _note(name: str, why_not: str, kept: list[str], refused: dict[str, str]) -> None:
    if why_not:
        refused[name] = why_not
    else:
        kept.append(name)


def _ask(agent: Agent, asked: wire.Asked, moment: int) -> str:
    """Keep a request; why not, or nothing. One that is here already stays as it was first told."""
    before = Lending.objects.filter(uid=asked.id).first()
    if before is not None:
        return "" if before.agent_id == agent.pk else _foreign(agent, asked.id)
    ours = Lending.objects.filter(agent=agent)
    if ours.filter(closed=None).count() >= MAX_OPEN or ours.filter(received__gt=moment - DAY).count() >= MAX_A_DAY:
        return "too many requests of this PC; ask again tomorrow"
    lending = Lending.objects.create(
        uid=asked.id,
        agent=agent,
        asked=asked.time,
        received=moment,
        user=asked.user.name,
        full_name=asked.user.full_name,
        department=agent.department,
        hostname=asked.hostname,
        file=asked.file,
        sha256=asked.sha256,
        size=asked.size,
        level=asked.level.rank,
        marks=list(asked.marks),
        medium=msgspec.to_builtins(asked.medium),
        serial=asked.medium.serial,
        uuid=asked.medium.uuid,
        reason=asked.reason,
        days=asked.days,
        uses=asked.uses,
        names=written(spellings(asked.user.name, asked.user.full_name)),
        search=_searched(agent, asked),
    )
    Step.objects.create(lending=lending, agent=agent, time=moment, told=asked.time, source="agent", act="asked")
    detail = {"agent": agent.pk, "level": asked.level.id, "sha256": asked.sha256, "days": asked.days}
    append(_actor(agent), Act.LENDING_ASKED, asked.id, **detail)
    return ""


def _act(agent: Agent, acted: wire.Acted, moment: int) -> str:
    """Keep an act and what follows from it; why not, or nothing."""
    if Step.objects.filter(agent=agent, uid=acted.id).exists():
        return ""
    lending = Lending.objects.filter(uid=acted.grant).first()
    if lending is None:
        return "there is no such request"
    if lending.agent_id != agent.pk:
        return _foreign(agent, acted.grant)
    if not lending.version and acted.act is not wire.Act.WITHDRAWN:
        log.warning("agent %s reports %s of %s, which was never granted", agent.pk, acted.act, acted.grant)
        return "nothing was granted"
    if lending.steps.count() >= MAX_STEPS:
        return "too many acts of one lending"
    other = acted.medium is not None and not _meant(lending, acted.medium)
    _learn(lending, acted, min(acted.time, moment), is_elsewhere=other)
    settle(lending, moment)
    lending.save()
    Step.objects.create(
        lending=lending,
        agent=agent,
        uid=acted.id,
        time=moment,
        told=acted.time,
        source="agent",
        act=acted.act.value,
        place=acted.place,
        other=acted.medium.name[:300] if other and acted.medium else "",
    )
    append(_actor(agent), Act.LENDING_TOLD, lending.uid, told=acted.act.value, state=lending.state)
    return ""


def _learn(lending: Lending, acted: wire.Acted, at: int, *, is_elsewhere: bool) -> None:
    """Add what an act says to what is known. ``at`` is its time by the agent's clock, never in our future."""
    match acted.act:
        case wire.Act.USED | wire.Act.SEEN | wire.Act.OVERDUE:
            lending.shown = max(lending.shown or 0, at)
            if acted.act is wire.Act.USED:
                lending.used = at if lending.used is None else min(lending.used, at)
                left = min(acted.left, lending.uses)
                lending.left = left if lending.left is None else min(left, lending.left)
            elif acted.act is wire.Act.OVERDUE:
                lending.late = max(lending.late or 0, at)
        case wire.Act.ERASED | wire.Act.RETURNED:
            if not is_elsewhere:  # another medium without the copy proves nothing
                lending.gone = max(lending.gone or 0, at)
        case wire.Act.WITHDRAWN:
            if lending.state not in OPEN or is_out(lending):
                return  # too late to matter; the story keeps it
            lending.withdrawn = at
            if lending.version:
                _seal(lending)  # nobody needs the grant any more: from now on it opens nothing


def _for_decision(pk: int, edition: int, by: Officer, moment: int) -> Lending:
    lending = _find(pk, edition, by, moment)
    if lending.state != State.REQUESTED:
        raise ForbiddenError(_("It was decided already."))
    if is_own(lending, by):
        raise ForbiddenError(_("This is your own request: somebody else must decide it."))
    return lending


def _find(pk: int, edition: int, by: Officer, moment: int) -> Lending:
    """The lending, as it stands now.

    Raises:
        Lending.DoesNotExist: there is none that this person may see.
    """
    if by.role not in {Role.OFFICER, Role.APPROVER} or not by.is_active:
        raise ForbiddenError(_("Only a secrecy officer or an approver decides lendings."))
    lending = visible(by).get(pk=pk)
    if lending.edition != edition:
        raise StaleError
    settle(lending, moment)
    return lending


def _decided(lending: Lending, by: Officer, act: str, moment: int, note: str, days: int | None = None) -> None:
    lending.edition += 1
    settle(lending, moment)
    lending.save()
    Step.objects.create(
        lending=lending, time=moment, source="officer", officer=by, act=act, days=days, comment=_short(note)
    )


def _grant(lending: Lending, moment: int) -> None:
    days = min(approval.days for approval in lending.approvals.all())
    lending.approved, lending.until = moment, moment + days * DAY
    _seal(lending)


def _seal(lending: Lending) -> None:
    """Sign the grant as it is now, one version higher."""
    if lending.approved is None or lending.until is None:
        raise ValueError("only what was approved is signed")
    approvers = lending.approvals.select_related("officer").order_by("pk")
    grant = wire.Grant(
        id=lending.uid,
        agent=lending.agent_id,
        user=lending.user,
        sha256=lending.sha256,
        level=LEVELS[lending.level],
        serial=lending.serial,
        uuid=lending.uuid,
        since=lending.approved,
        until=lending.until,
        uses=lending.uses,
        approved_by=tuple(approval.officer.username for approval in approvers),
        revoked=lending.revoked is not None or lending.withdrawn is not None,
    )
    lending.version += 1
    name = f"grant-{lending.uid[:12]}"
    lending.grant = seal(signing_key(settings.HOME), wire.KIND, name, lending.version, msgspec.json.encode(grant))


def _told(agent: str) -> QuerySet[Lending]:
    """What an agent hears of, the latest first."""
    return Lending.objects.filter(Q(closed=None) | Q(closed__gt=now() - REMEMBERED), agent=agent).order_by("-pk")


def _meant(lending: Lending, medium: Medium) -> bool:
    """Whether a medium is the one granted; the same comparison as :meth:`config.lending.Grant.fits`."""
    if lending.serial:
        return medium.serial == lending.serial and (not lending.uuid or medium.uuid == lending.uuid)
    return medium.uuid == lending.uuid


def _foreign(agent: Agent, uid: str) -> str:
    """What is another's does not exist for this one."""
    log.warning("agent %s names %s, which is another agent's", agent.pk, uid)
    return "there is no such request"


def _actor(agent: Agent) -> Actor:
    return Actor(agent.hostname[:64], "agent")


def _searched(agent: Agent, asked: wire.Asked) -> str:
    medium = asked.medium
    words = [asked.id, asked.user.name, asked.user.full_name, agent.department, asked.hostname, agent.hostname]
    return "\n".join([*words, asked.file, *asked.marks, medium.name, medium.serial, asked.reason]).lower()


def _short(note: str) -> str:
    return note.strip()[:MAX_NOTE]
