"""How an agent is, in words."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.guarding import GATEWAY, PARTS, YES
from service.clock import DAY, HOUR, MINUTE
from service.fleet.models import Agent
from service.fleet.services import last_beat
from service.officers.language import language

SILENT = 5 * MINUTE  # agents beat every minute
CLOCK = 2 * MINUTE  # below, nobody minds


class Grade(StrEnum):
    """How urgent a remark is; shown as a word and a shape as well as a colour."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


class Remark(msgspec.Struct, frozen=True):
    """One thing to know about an agent."""

    grade: Grade
    text: str


def span(milliseconds: int) -> str:
    """A length of time in its largest unit."""
    if milliseconds >= DAY:
        days = milliseconds // DAY
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if milliseconds >= HOUR:
        hours = milliseconds // HOUR
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = max(1, round(milliseconds / MINUTE))
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def health(agent: Agent, moment: int) -> list[Remark]:
    """Everything worth saying, the worst first; one good word when there is nothing."""
    if agent.revoked:
        return [Remark(Grade.NOTE, _("revoked"))]
    remarks = [*_silence(agent, moment), *_said(agent)]
    if not remarks:
        remarks = [Remark(Grade.GOOD, _("well"))]
    return sorted(remarks, key=lambda remark: [Grade.BAD, Grade.NOTE, Grade.GOOD].index(remark.grade))


def _silence(agent: Agent, moment: int) -> list[Remark]:
    if agent.seen is None:
        return [Remark(Grade.NOTE, _("enrolled, not heard yet"))]
    quiet = moment - agent.seen
    if quiet < SILENT:
        return []
    return [Remark(Grade.BAD if quiet >= DAY else Grade.NOTE, _("silent for %(span)s") % {"span": span(quiet)})]


def guarded(guard: dict[str, str]) -> str:
    """When copies to media are stopped on this PC, in a few words; empty for an agent that does not say."""
    if GATEWAY not in guard:
        return ""
    return _("before they land") if guard[GATEWAY] == YES else _("after they landed")


def lacking(guard: dict[str, str]) -> list[str]:
    """What prevention lacks there: the parts, each with what is not enforced without it."""
    said = language()
    return [
        f"{PARTS[name].name.say(said)}: {PARTS[name].lacks.say(said)}"
        for name, word in guard.items()
        if name in PARTS and word != YES and PARTS[name].matters
    ]


def _guard(guard: dict[str, str]) -> list[Remark]:
    """One remark: either nothing is prevented there, or what prevention lacks."""
    if not guard:
        return []
    if guard.get(GATEWAY) != YES:
        return [Remark(Grade.NOTE, _("copies to media are found after they landed"))]
    said = language()
    names = [
        PARTS[name].name.say(said)
        for name, word in guard.items()
        if name in PARTS and word != YES and PARTS[name].matters
    ]
    if not names:
        return []
    return [Remark(Grade.NOTE, _("prevention without %(parts)s") % {"parts": ", ".join(names)})]


def _said(agent: Agent) -> list[Remark]:
    remarks: list[Remark] = []
    beat = last_beat(agent)
    if beat is None:
        return remarks
    if beat.spool:
        text = ngettext("%(count)d event waiting", "%(count)d events waiting", beat.spool) % {"count": beat.spool}
        remarks.append(Remark(Grade.NOTE, text))
    if beat.parked:
        text = ngettext(
            "%(count)d event refused, kept on the PC", "%(count)d events refused, kept on the PC", beat.parked
        ) % {"count": beat.parked}
        remarks.append(Remark(Grade.BAD, text))
    if abs(agent.clock) >= CLOCK:
        words = _("clock %(span)s ahead") if agent.clock > 0 else _("clock %(span)s behind")
        remarks.append(Remark(Grade.NOTE, words % {"span": span(abs(agent.clock))}))
    missing = [layer for layer, holds in beat.sandbox.items() if not holds]
    if missing:
        remarks.append(Remark(Grade.NOTE, _("sandbox without %(layers)s") % {"layers": ", ".join(missing)}))
    remarks += _guard(beat.guard)
    if beat.watched == 0:
        remarks.append(Remark(Grade.NOTE, _("watches nothing yet")))
    told = [one for one in beat.problems if not (missing and one.en.startswith("the sandbox lacks"))]  # said above
    return [*remarks, *(Remark(Grade.BAD, problem.say(language())) for problem in told)]
