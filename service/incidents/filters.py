"""Which incidents a list shows: chips and a search field, all in the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from config.levels import Level
from service.incidents.models import Incident, State
from service.ingest.models import Event
from service.officers.language import language
from service.officers.models import Officer

PAGE = 50
_OPEN = "open"  # new or in progress
_ALL = "all"


class Chip(msgspec.Struct, frozen=True):
    """One choice of a filter; ``query`` is the address that makes it."""

    text: str
    query: str
    is_on: bool
    level: str = ""


class Filter(msgspec.Struct, frozen=True):
    """What was asked for; everything unknown is as if it had not been asked."""

    state: str = _OPEN
    level: str = ""
    owner: str = ""  # mine, nobody
    text: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Filter:
        """Read an address."""
        state, level, owner = query.get("state", _OPEN), query.get("level", ""), query.get("owner", "")
        return cls(
            state if state in {_OPEN, _ALL, *State.values} else _OPEN,
            level if level in {one.id for one in Level} else "",
            owner if owner in {"mine", "nobody"} else "",
            query.get("q", "").strip()[:100],
        )

    def query(self, **changes: Any) -> str:
        """The address of this filter with something changed; defaults are left out."""
        other = msgspec.structs.replace(self, **changes)
        pairs = {"state": other.state, "level": other.level, "owner": other.owner, "q": other.text}
        plain = {"state": _OPEN, "level": "", "owner": "", "q": ""}
        return "?" + urlencode({key: value for key, value in pairs.items() if value != plain[key]})

    def incidents(self, officer: Officer) -> QuerySet[Incident]:
        """Those that fit, the latest first."""
        found = Incident.objects.select_related("owner")
        if self.state == _OPEN:
            found = found.filter(state__in=[State.NEW, State.IN_PROGRESS])
        elif self.state != _ALL:
            found = found.filter(state=self.state)
        if self.level:
            found = found.filter(level=Level(self.level).rank)
        if self.owner:
            found = found.filter(owner=officer if self.owner == "mine" else None)
        for word in self.text.split():
            number = Event.objects.filter(ticket__contains=word.upper()).values("incident")
            found = found.filter(Q(search__contains=word.lower()) | Q(pk__in=number))
        return found.order_by("-received", "-pk")

    def chips(self) -> dict[str, list[Chip]]:
        """States, levels and owners to choose from."""
        states = [(_OPEN, _("open")), *((one.value, str(one.label)) for one in State), (_ALL, _("all"))]
        owners = [("", _("anybody")), ("mine", _("mine")), ("nobody", _("nobody"))]
        levels = [Chip(_("every level"), self.query(level=""), not self.level)]
        for one in reversed(Level):
            text = one.text.zh if language() == "zh" else f"{one.text.zh} {one.text.en}"
            levels.append(Chip(text, self.query(level=one.id), self.level == one.id, one.id))
        return {
            "state": [Chip(text, self.query(state=key), self.state == key) for key, text in states],
            "level": levels,
            "owner": [Chip(text, self.query(owner=key), self.owner == key) for key, text in owners],
        }
