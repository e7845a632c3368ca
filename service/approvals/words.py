"""A lending in words, in the language of the page."""

from __future__ import annotations

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lending import Act
from config.levels import Level
from service.approvals.models import Lending, State, Step
from service.clock import moment, now
from service.fleet.health import span
from service.incidents.models import APART
from service.incidents.timeline import Line
from service.officers.language import language

LEVELS = list(Level)


def marked(lending: Lending) -> str:
    """What the document is: its first mark, else its level."""
    return str(lending.marks[0]) if lending.marks else LEVELS[lending.level].text.say(language())


def days(count: int) -> str:
    """A number of days."""
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def headline(lending: Lending) -> str:
    """Who asks to take what where."""
    facts = {"who": lending.person, "what": marked(lending), "file": lending.file, "medium": lending.stick.name}
    return _("%(who)s asks to take %(file)s, %(what)s, out on “%(medium)s”") % facts


def remaining(lending: Lending) -> SafeString:
    """The time left until a copy is due, as a bar with words; a plain word where none is running."""
    if lending.until is None or lending.state not in {State.APPROVED, State.OUT, State.OVERDUE}:
        return SafeString("")
    left, whole = lending.until - now(), max(1, lending.until - (lending.approved or lending.until))
    if lending.state == State.OVERDUE or left <= 0:
        if left > -60_000:
            return format_html('<span class="grade bad">{}</span>', _("due now"))
        return format_html('<span class="grade bad">{}</span>', _("%(span)s over") % {"span": span(-left)})
    text = _("%(span)s left") % {"span": span(left)}
    share = max(1, min(100, round(100 * left / whole)))
    return format_html(
        '<meter min="0" max="100" low="25" optimum="100" value="{}">{}</meter> <span>{}</span>', share, text, text
    )


def brief(milliseconds: int | None) -> SafeString:
    """A local time in as few signs as a column has room for; the year only where it is another one."""
    if milliseconds is None:
        return SafeString('<span class="none">—</span>')
    local = timezone.localtime(moment(milliseconds))
    year = "" if local.year == timezone.localdate().year else f"{local:%Y}-"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M:%S} {local.tzinfo} (UTC{local:%z})",
        f"{year}{local:%m-%d %H:%M}",
    )


def clock(milliseconds: int) -> str:
    """A local time without anything around it."""
    return f"{timezone.localtime(moment(milliseconds)):%Y-%m-%d %H:%M}"


def timeline(lending: Lending) -> list[Line]:
    """The story, newest last."""
    return [_line(step, lending) for step in lending.steps.select_related("officer").order_by("time", "pk")]


def _line(step: Step, lending: Lending) -> Line:
    told = step.told if step.told is not None and abs(step.time - step.told) > APART else None
    if step.source == "officer":
        text = {"approve": _("approved it for %(days)s"), "deny": _("denied it"), "revoke": _("revoked the approval")}
        words = text[step.act]
        if "%(days)s" in words:
            words = words % {"days": days(step.days or 0)}
        return Line(step.time, "officer", str(step.officer), words, step.comment)
    if step.source == "system":
        expired = step.act == State.EXPIRED
        words = _("the time ran out unused") if expired else _("the copy is due and nobody has shown that it is gone")
        return Line(step.time, "system", "", words)
    words = _acts()[step.act]
    if step.place:
        words = _("%(act)s: %(place)s") % {"act": words, "place": step.place}
    if step.act == Act.USED and step.told is not None and lending.until is not None and step.told > lending.until:
        words = _("%(act)s (after it was due)") % {"act": words}
    if step.other:
        words = _("%(act)s (on another medium, “%(medium)s”: this proves nothing)") % {
            "act": words,
            "medium": step.other,
        }
    who = lending.person if step.act in {"asked", Act.WITHDRAWN} else lending.hostname
    return Line(step.time, "agent", who, words, told=told)


def _acts() -> dict[str, str]:
    return {
        "asked": _("asked for it"),
        Act.USED.value: _("copied it to the medium"),
        Act.SEEN.value: _("saw the medium, the copy still on it"),
        Act.ERASED.value: _("erased the copy and did not find it again"),
        Act.RETURNED.value: _("looked through the medium and found no copy"),
        Act.OVERDUE.value: _("reported that the time is over and the copy was not shown to be gone"),
        Act.WITHDRAWN.value: _("withdrew the request"),
    }
