"""Which lendings a list shows: chips, a search field and, for the register, a period; all in the address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from config.levels import Level
from service.approvals.models import OPEN, Lending, State
from service.approvals.reach import visible, waiting_for
from service.incidents.filters import Chip
from service.officers.language import language
from service.officers.models import Officer

PAGE = 50
_OPEN = "open"
_MINE = "mine"  # waiting, and this person can decide
_ALL = "all"
_CHIPS = (  # as a lending goes, then how else it may end
    State.REQUESTED,
    State.APPROVED,
    State.OUT,
    State.OVERDUE,
    State.RETURNED,
    State.DENIED,
    State.WITHDRAWN,
    State.EXPIRED,
    State.REVOKED,
)
_URGENCY = (State.OVERDUE, State.REQUESTED, State.OUT, State.APPROVED)


class Filter(msgspec.Struct, frozen=True):
    """What was asked for; everything unknown is as if it had not been asked."""

    state: str = _OPEN
    level: str = ""
    text: str = ""
    since: str = ""  # days such as 2026-11-01, by the request
    until: str = ""

    @classmethod
    def of(cls, query: QueryDict, state: str = _OPEN) -> Filter:
        """Read an address; ``state`` is what is meant where it names none."""
        asked, level = query.get("state", state), query.get("level", "")
        return cls(
            asked if asked in {_OPEN, _MINE, _ALL, *State.values} else state,
            level if level in {one.id for one in Level} else "",
            query.get("q", "").strip()[:100],
            *(day.isoformat() if (day := _day(query.get(key, ""))) else "" for key in ("since", "until")),
        )

    def query(self, **changes: Any) -> str:
        """The address of this filter with something changed."""
        other = msgspec.structs.replace(self, **changes)
        pairs = {"state": other.state, "level": other.level, "q": other.text}
        pairs |= {"since": other.since, "until": other.until}
        return "?" + urlencode({key: value for key, value in pairs.items() if value})

    def lendings(self, officer: Officer) -> QuerySet[Lending]:
        """Those that fit and that this person may see; what is urgent first, then the latest."""
        found = waiting_for(officer) if self.state == _MINE else visible(officer)
        if self.state == _OPEN:
            found = found.filter(state__in=OPEN)
        elif self.state in State.values:
            found = found.filter(state=self.state)
        if self.level:
            found = found.filter(level=Level(self.level).rank)
        for word in self.text.split():
            found = found.filter(search__contains=word.lower())
        if day := _day(self.since):
            found = found.filter(received__gte=_midnight(day))
        if day := _day(self.until):
            found = found.filter(received__lt=_midnight(day + timedelta(days=1)))
        ranks = [When(state=state, then=Value(rank)) for rank, state in enumerate(_URGENCY)]
        urgency = Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())
        soonest = Case(When(state__in=[State.OVERDUE, State.OUT], then=F("until")))
        return found.select_related("agent").order_by(urgency, soonest, "-received", "-pk")

    def chips(self, *, decides: bool) -> dict[str, list[Chip]]:
        """States and levels to choose from; ``decides``: this person can approve."""
        states = [(_OPEN, _("open")), *([(_MINE, _("waiting for you"))] if decides else [])]
        states += [*((one.value, str(one.label)) for one in _CHIPS), (_ALL, _("all"))]
        levels = [Chip(_("every level"), self.query(level=""), not self.level)]
        for one in reversed(Level):
            text = one.text.zh if language() == "zh" else f"{one.text.zh} {one.text.en}"
            levels.append(Chip(text, self.query(level=one.id), self.level == one.id, one.id))
        return {
            "state": [Chip(text, self.query(state=key), self.state == key) for key, text in states],
            "level": levels,
        }


def _day(text: str) -> date | None:
    """A day as an address writes it, moved into the years that every calendar and zone can show."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-01") else None
    except ValueError:
        return None
    return min(max(day, date(1971, 1, 1)), date(9998, 12, 31)) if day else None


def _midnight(day: date) -> int:
    """The beginning of a day where the organisation is; UTC, milliseconds."""
    return int(datetime.combine(day, time(), timezone.get_current_timezone()).timestamp() * 1000)
