"""An incident in one sentence, in the language of the page."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from config.events import Action, Done, Kind
from config.levels import Level
from service.clock import moment
from service.incidents.models import Incident
from service.officers.language import language

LEVELS = list(Level)


def zone(incident: Incident) -> str:
    """What people call the place a copy went to."""
    return incident.zone_zh if language() == "zh" else incident.zone_en


def outcome(incident: Incident) -> str:
    """What became of the copy."""
    return {
        Done.QUARANTINED: _("moved to quarantine"),
        Done.LEFT: _("left in place, the person was told") if incident.action == Action.WARN else _("left in place"),
        Done.HELD: _("not sealed yet, the agent keeps trying"),
        Done.GONE: _("already gone from there when the agent wanted to seal it"),
        Done.REFUSED: _("refused, nothing was written there"),
        Done.RELEASED: _("allowed by a lending"),
    }[Done(incident.done)]


def destination(incident: Incident) -> str:
    """Zone and medium: 未登记移动介质“SanDisk 4C53”."""
    if not incident.medium:
        return zone(incident)
    return _("%(zone)s “%(medium)s”") % {"zone": zone(incident), "medium": incident.medium}


def marked(incident: Incident) -> str:
    """What the document is, as briefly as can be: its mark, else its level."""
    if incident.kind == Kind.UNINSPECTED:
        return _("uninspected")
    if incident.mark:
        return incident.mark
    level = LEVELS[incident.level]
    return level.text.say(language())


def headline(incident: Incident) -> str:
    """Who, when, what, where to, and what became of it."""
    local = timezone.localtime(moment(incident.last))
    facts = {
        "who": incident.person,
        "time": f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}",
        "what": marked(incident),
        "document": incident.document,
        "where": destination(incident),
        "outcome": outcome(incident),
    }
    if incident.kind == Kind.UNINSPECTED:
        return _("At %(time)s %(who)s copied %(document)s, which could not be read, to %(where)s: %(outcome)s") % facts
    return _("At %(time)s %(who)s tried to copy %(document)s, %(what)s, to %(where)s: %(outcome)s") % facts
