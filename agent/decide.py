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
_OPAQUE = {
    Reason.ENCRYPTED,
    Reason.PASSWORD,
    Reason.TOO_LARGE,
    Reason.TOO_DEEP,
    Reason.RATIO,
    Reason.TIMEOUT,
    Reason.MEMORY,
    Reason.CHANGED,
}
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
    if hidden := next(hiding(verdict), ""):
        reason = Text("it could not be read in full ({why})", "文件未能完整检查（{why}）").fill(why=explain(hidden))
        return Decision(zone.on_uninspected, zone, Kind.UNINSPECTED, f"zones.{zone.name}.on_uninspected", reason)
    return Decision(Action.ALLOW, zone, None, f"zones.{zone.name}.clearance", Text("", ""))


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
