"""What templates say about times, levels, sizes and texts."""

from __future__ import annotations

import json

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.coverage import explain
from config.events import Kind
from config.levels import Level
from config.places import place
from config.text import Text
from service.approvals import words as lending_words
from service.audit.acts import Act
from service.clock import moment, now
from service.fleet.health import span
from service.incidents import words
from service.incidents.models import Incident
from service.officers.language import language
from service.officers.models import Role

register = template.Library()
LEVELS = list(Level)


@register.filter
def when(milliseconds: int | None) -> SafeString:
    """A local time with its zone on hover and how long ago beside it."""
    if milliseconds is None:
        return SafeString("")
    local = timezone.localtime(moment(milliseconds))
    return format_html(
        '<time datetime="{}" title="{}"><span>{}</span> <small>{}</small></time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M:%S} {local.tzinfo} (UTC{local:%z})",
        f"{local:%Y-%m-%d %H:%M}",
        ago(milliseconds),
    )


@register.filter
def ago(milliseconds: int | None) -> str:
    """How long ago, in its largest unit."""
    if milliseconds is None:
        return ""
    past = now() - milliseconds
    if past < -60_000:
        return _("in %(span)s") % {"span": span(-past)}
    return _("just now") if past < 60_000 else _("%(span)s ago") % {"span": span(past)}


@register.filter
def say(text: Text) -> str:
    """A text of the wire in the language of the page."""
    return text.say(language())


@register.filter
def uninspected(reason: str) -> str:
    """Why a file, or a part of it, was not read."""
    return explain(reason).say(language())


@register.filter
def where(place_in_file: str) -> str:
    """A place inside a document, in words."""
    return place(place_in_file, language())


@register.filter
def chip(level: Level | int) -> SafeString:
    """The coloured word of a level; Chinese in both languages."""
    one = level if isinstance(level, Level) else LEVELS[level]
    english = "" if language() == "zh" else format_html(" <small>{}</small>", one.text.en)
    return format_html('<span class="level {}">{}{}</span>', one.id, one.text.zh, english)


@register.filter
def badge(incident: Incident) -> SafeString:
    """The chip of an incident; what nobody could read is not called public."""
    if incident.kind == Kind.UNINSPECTED and LEVELS[incident.level] is Level.PUBLIC:
        return format_html('<span class="level unread">{}</span>', _("not read"))
    return chip(incident.level)


@register.filter
def size(count: int) -> str:
    """Bytes in a unit people read."""
    if count < 1024:
        return f"{count} B"
    amount = float(count)
    for unit in ("KB", "MB", "GB"):
        amount /= 1024
        if amount < 1024:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1024:.1f} TB"


@register.filter
def act_words(act: str) -> str:
    """A recorded act in words; one of a newer edition stays as it is."""
    return str(Act(act).label) if act in Act.values else act


@register.filter
def pairs(detail: str) -> str:
    """The detail of a record, as `key: value` pairs."""
    try:
        return " · ".join(f"{key}: {value}" for key, value in dict(json.loads(detail)).items())
    except (ValueError, TypeError):  # somebody tampered with it: the auditor sees what stands there
        return detail


@register.filter
def role_words(role: str) -> str:
    """A role in words."""
    others = {"server": _("server console"), "agent": _("agent"), "anonymous": _("not logged in")}
    return str(Role(role).label) if role in Role.values else others.get(role, role)


register.filter("headline", words.headline)
register.filter("lending_headline", lending_words.headline)
register.filter("remaining", lending_words.remaining)
register.filter("brief", lending_words.brief)
register.filter("days", lending_words.days)
register.filter("clock", lending_words.clock)
register.filter("outcome", words.outcome)
register.filter("destination", words.destination)
register.filter("zone", words.zone)
