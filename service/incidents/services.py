"""What an officer does with an incident. Every act is kept in its story and in the audit trail, or not at all."""

from __future__ import annotations

from django.utils.translation import gettext as _

from service.audit.acts import Act as Recorded
from service.audit.services import Actor, append
from service.clock import now
from service.database import writing
from service.incidents.models import Act, Incident, Judgement, State
from service.officers.models import Officer, Role

_OURS = ["state", "owner", "judgement", "resolved", "edition"]  # agents fill the other columns, perhaps this moment


class StaleError(Exception):
    """Somebody else did something to this incident since the form was made."""


class ForbiddenError(Exception):
    """This act does not fit the state the incident is in, or the person; says why."""


def take(pk: int, edition: int, by: Officer) -> None:
    """Make it one's own work."""
    assign(pk, edition, by, by)


def assign(pk: int, edition: int, by: Officer, to: Officer) -> None:
    """Make it somebody's work; only secrecy officers work on incidents."""
    if to.role != Role.OFFICER or not to.is_active:
        raise ForbiddenError(_("Only a secrecy officer can work on an incident."))
    with writing():
        incident = _open(pk, edition, by)
        if incident.state == State.RESOLVED:
            raise ForbiddenError(_("It is resolved. Reopen it first."))
        if incident.owner_id == to.pk:
            raise ForbiddenError(_("%(name)s works on it already.") % {"name": to})
        kind = Recorded.TAKE if by.pk == to.pk else Recorded.ASSIGN
        incident.state, incident.owner = State.IN_PROGRESS, to
        _done(incident, by, kind, value=to.username)


def comment(pk: int, by: Officer, text: str) -> None:
    """Add a note. Notes of two officers do not disturb each other, so an older form is good enough."""
    if not text.strip():
        raise ForbiddenError(_("The note is empty."))
    with writing():
        incident = _open(pk, None, by)
        _done(incident, by, Recorded.COMMENT, comment=text.strip())


def resolve(pk: int, edition: int, by: Officer, judgement: str, text: str) -> None:
    """Close it with a verdict."""
    if judgement not in Judgement.values:
        raise ForbiddenError(_("Choose what it turned out to be."))
    with writing():
        incident = _open(pk, edition, by)
        if incident.state == State.RESOLVED:
            raise ForbiddenError(_("It is resolved already."))
        incident.state, incident.judgement, incident.resolved = State.RESOLVED, judgement, now()
        incident.owner = incident.owner or by
        _done(incident, by, Recorded.RESOLVE, value=judgement, comment=text.strip())


def reopen(pk: int, edition: int, by: Officer, text: str) -> None:
    """Take a verdict back."""
    with writing():
        incident = _open(pk, edition, by)
        if incident.state != State.RESOLVED:
            raise ForbiddenError(_("It is open already."))
        twin = Incident.objects.filter(agent=incident.agent_id, finding=incident.finding).exclude(state=State.RESOLVED)
        if twin.exists():
            raise ForbiddenError(_("The same copy was reported again since; work on the newer incident."))
        incident.state, incident.judgement, incident.resolved = State.IN_PROGRESS, "", None
        incident.owner = by
        _done(incident, by, Recorded.REOPEN, comment=text.strip())


def _open(pk: int, edition: int | None, by: Officer) -> Incident:
    if by.role != Role.OFFICER:
        raise ForbiddenError(_("Only a secrecy officer can work on an incident."))
    incident = Incident.objects.get(pk=pk)
    if edition is not None and incident.edition != edition:
        raise StaleError
    return incident


def _done(incident: Incident, by: Officer, kind: Recorded, *, value: str = "", comment: str = "") -> None:
    incident.edition += 1
    incident.save(update_fields=_OURS)
    Act.objects.create(
        incident=incident,
        time=now(),
        officer=by,
        act=kind.value.removeprefix("incident."),
        value=value,
        comment=comment,
    )
    append(Actor.of(by), kind, str(incident.pk), **({"value": value} if value else {}))
