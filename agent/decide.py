"""May this document be here? The one rule: clearance >= level; anything else is a violation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from config.coverage import explain
from config.events import Action, Kind
from config.policy import Place, Policy, Zone
from config.text import Text
from config.verdict import Reason, Verdict

# What hides content, wherever in the file it stands. A picture without text recognition or an unknown format is
# counted in the coverage but hides nothing on purpose: every holiday photo would be an incident.
_OPAQUE = {Reason.ENCRYPTED, Reason.PASSWORD, Reason.CHANGED}
# What was begun and not brought to its end: padding a document until the reader gives up must not be a way out.
_UNFINISHED = {Reason.TOO_LARGE, Reason.TOO_DEEP, Reason.RATIO, Reason.TIMEOUT, Reason.MEMORY}
_STRICTEST = [Action.QUARANTINE, Action.BLOCK, Action.ASK, Action.WARN, Action.ALLOW]
_OPAQUE_WHOLE = {Reason.CORRUPT, Reason.PERMISSION}
# Containers we cannot open yet, and bytes that are nothing known: as good a hiding place as encryption.
_SEALED = re.compile(
    r"application/(age|pgp-encrypted|octet-stream|zip|x-7z-compressed|vnd\.rar|vnd\.ms-cab-compressed|x-arj|x-lz4"
    r"|x-compress|x-lzh-compressed|x-xar|x-cpio|x-archive|vnd\.ms-outlook-pst)"
)
_ORNAMENT = re.compile(r"(?i)(/media/|\.(png|jpe?g|gif|emf|wmf|wdp|bmp|tiff?|svg|ico|ttf|odttf|xml|rels)$)")


class Decision(msgspec.Struct, frozen=True):
    """What policy wants done with one file, and which line of it decided."""

    action: Action
    zone: Zone
    kind: Kind | None  # None: all is well
    rule: str
    reason: Text


def decide(verdict: Verdict, place: Place, policy: Policy) -> Decision:
    """Compare what a file is with where it lies."""
    zone = policy.zone(place)
    if verdict.level > zone.clearance:
        return Decision(
            zone.on_violation, zone, Kind.VIOLATION, f"zones.{zone.name}.clearance", _too_high(verdict, zone)
        )
    kept = [
        (action, key, why)
        for action, key, why in (
            (zone.on_unfinished, "on_unfinished", _unfinished(verdict)),
            (zone.on_uninspected, "on_uninspected", next(hiding(verdict), "")),
        )
        if why
    ]
    if kept:
        action, key, why = min(kept, key=lambda one: _STRICTEST.index(one[0]))
        reason = Text("it could not be read in full ({why})", "文件未能完整检查（{why}）").fill(why=explain(why))
        return Decision(action, zone, Kind.UNINSPECTED, f"zones.{zone.name}.{key}", reason)
    return Decision(Action.ALLOW, zone, None, f"zones.{zone.name}.clearance", Text("", ""))


def _unfinished(verdict: Verdict) -> str:
    """The first reason why a file, or a part of it, was not read to its end, empty when there is none."""
    reasons = verdict.coverage.reasons
    return next((reason for reason in reasons if reason.partition(": ")[0] in _UNFINISHED), "")


def hiding(verdict: Verdict) -> Iterator[str]:
    """The reasons why content may hide in a file."""
    for reason in verdict.coverage.reasons:
        kind, _, part = reason.partition(": ")
        whole = not part and (
            kind in _OPAQUE_WHOLE or (kind == Reason.UNSUPPORTED and _SEALED.match(verdict.media_type))
        )
        damaged = kind == Reason.CORRUPT and part and not _ORNAMENT.search(part)  # a document inside, not a picture
        if kind in _OPAQUE or whole or damaged:
            yield reason


def _too_high(verdict: Verdict, zone: Zone) -> Text:
    raising = [mark for mark in verdict.marks if mark.raises == verdict.level]
    if raising:
        what = Text("it is marked {mark}", "该文件标有“{mark}”").fill(mark=raising[0].text)
    elif verdict.findings:
        best = max(verdict.findings, key=lambda finding: (finding.level, finding.confidence))
        rule = best.name if best.name.en else best.rule
        what = Text("it holds {count} × {rule}", "该文件含有{rule} {count} 处").fill(count=best.count, rule=rule)
    else:
        what = Text("its level is {level}", "该文件密级为{level}").fill(level=verdict.level.text)
    where = Text("{zone} may hold {clearance} files only", "{zone}只能存放{clearance}文件")
    if zone.clearance.rank:
        where = Text("{zone} may hold files up to {clearance} only", "{zone}最高只能存放{clearance}文件")
    return Text("{what}, and {where}", "{what}，而{where}").fill(
        what=what, where=where.fill(zone=zone.words, clearance=zone.clearance.text)
    )
