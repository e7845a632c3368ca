"""The story of an incident: what the agent, officers and the system did, in one column."""

from __future__ import annotations

import msgspec
from django.utils.translation import gettext as _

from config.events import Done
from config.events import Event as Wire
from service.audit.acts import Act as Recorded
from service.incidents.models import APART, Act, Incident, Judgement
from service.ingest.models import Event

_SHOWN = 10  # repeats shown one by one at either end


class Line(msgspec.Struct, frozen=True):
    """One line; ``time`` is UTC in milliseconds by our clock, ``told`` the agent's where it differs by minutes."""

    time: int
    source: str  # agent, officer, system
    who: str
    text: str
    comment: str = ""
    told: int | None = None


def timeline(incident: Incident) -> list[Line]:
    """Newest last."""
    events = Event.objects.filter(incident=incident).order_by("received", "id")
    count = incident.count
    first = [_event(event, incident) for event in events[:_SHOWN]]
    rest = max(0, count - 2 * _SHOWN)
    last = [_event(event, incident) for event in events[_SHOWN + rest :]] if count > _SHOWN else []
    between = []
    if rest and first:
        between = [Line(first[-1].time, "system", "", _("%(count)d more repeats") % {"count": rest})]
    lines = [*first, *between, *last, *(_act(act) for act in incident.acts.select_related("officer"))]
    return sorted(lines, key=lambda line: line.time)


def latest(incident: Incident) -> Wire:
    """The last event as the agent sent it."""
    event = Event.objects.filter(incident=incident).order_by("-received", "-id")[0]
    return msgspec.json.decode(bytes(event.body), type=Wire)


def _event(event: Event, incident: Incident) -> Line:
    wire = msgspec.json.decode(bytes(event.body), type=Wire)
    text = {
        Done.QUARANTINED: _("stopped a copy and moved it to quarantine"),
        Done.LEFT: _("saw a copy and left it in place"),
        Done.HELD: _("saw a copy that could not be sealed yet"),
        Done.GONE: _("saw a copy that was taken away before it could be sealed"),
        Done.REFUSED: _("refused a copy before anything was written"),
        Done.RELEASED: _("let a copy through that a lending covers"),
    }[wire.unmapped.done]
    facts = {"text": text, "document": wire.file.name, "ticket": wire.unmapped.ticket}
    text = _("%(text)s: %(document)s, no. %(ticket)s") % facts
    told = event.time if abs(event.received - event.time) > APART else None
    return Line(event.received, "agent", incident.device, text, told=told)


def _act(act: Act) -> Line:
    words = {
        Recorded.TAKE.value: _("took it"),
        Recorded.ASSIGN.value: _("assigned it to %(value)s"),
        Recorded.COMMENT.value: _("noted"),
        Recorded.RESOLVE.value: _("resolved it: %(value)s"),
        Recorded.REOPEN.value: _("reopened it"),
    }
    value = str(Judgement(act.value).label) if act.act == "resolve" else act.value
    text = words["incident." + act.act]
    if "%(value)s" in text:
        text = text % {"value": value}
    return Line(act.time, "officer", str(act.officer), text, act.comment)
