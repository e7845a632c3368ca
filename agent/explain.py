"""A verdict, a text or a policy in words."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from agent.decide import decide
from agent.scan.table import COLOURS
from config.coverage import explain
from config.events import Action
from config.levels import Level
from config.places import place
from config.policy import LOCAL, Match, Place, Policy, Zone
from config.text import Language, Text, printable
from config.verdict import Finding, Mark, Verdict
from detectors.engine import Detection

ACTIONS = {
    Action.ALLOW: Text("allowed", "允许"),
    Action.WARN: Text("allowed, with a warning", "允许但提醒"),
    Action.ASK: Text("after approval", "需审批"),
    Action.BLOCK: Text("blocked", "阻止"),
    Action.QUARANTINE: Text("taken into quarantine", "移入隔离区"),
}


def show(verdict: Verdict, policy: Policy, console: Console, language: Language) -> None:
    """What a file is, why, how much of it was read, and where it may go."""

    def say(en: str, zh: str) -> str:
        return zh if language == "zh" else en

    kind = Styled(printable(f" ({verdict.media_type})"))
    console.print(Styled(printable(Path(verdict.path).name), style="bold") + kind)
    console.print(say("Level: ", "密级："), _level(verdict, language), sep="")
    _hits(verdict.marks, verdict.findings, verdict.mentions, console, language)
    for note in verdict.notes:
        console.print(Styled("! " + printable(note.say(language)), style="yellow"))
    if verdict.coverage.inspected:
        console.print(say("All of it was read.", "已完整检查。"))
    elif verdict.coverage.partly:
        console.print(say("It was read in part.", "仅检查了一部分。"))
    for reason in verdict.coverage.reasons:
        console.print(Styled(say("Not read: ", "未检查：") + printable(explain(reason).say(language)), style="magenta"))
    if verdict.error:
        console.print(Styled(printable(verdict.error), style="magenta"))
    console.print(say("\nWhere it may go:", "\n可存放的位置："))
    for zone in (*policy.zones, LOCAL):
        action = decide(verdict, Place(Path(verdict.path)), msgspec.structs.replace(policy, zones=(_any(zone),))).action
        console.print(f"  {zone.words.say(language)}: ", _action(action, language), sep="")


def _any(zone: Zone) -> Zone:
    """The same zone for every place: what would happen if the file lay there."""
    return msgspec.structs.replace(zone, match=Match())


def _level(verdict: Verdict, language: Language) -> Styled:
    """The level's words; what was not read is not called public."""
    if verdict.level is Level.PUBLIC and not verdict.coverage.inspected:
        return Styled(Text("not known, for it was not all read", "未知（未能完整检查）").say(language), style="magenta")
    words = verdict.level.text.say(language)
    shown = words if words.replace(" ", "_") == verdict.level.id else f"{words} ({verdict.level.id})"
    return Styled(shown, style=COLOURS[verdict.level])


def show_detection(found: Detection, text: str, console: Console, language: Language) -> None:
    """What was found in a piece of text."""
    level = found.level.text.say(language)
    console.print(Text("Level: ", "密级：").say(language), Styled(level, style=COLOURS[found.level]), sep="")
    if not (found.marks or found.findings or found.mentions):
        console.print(Text("{n} characters, nothing found.", "共 {n} 个字符，未发现。").fill(n=len(text)).say(language))
    _hits(found.marks, found.findings, found.mentions, console, language)
    for note in found.notes:
        console.print(Styled("! " + printable(note.say(language)), style="yellow"))


def show_policy(policy: Policy, console: Console, language: Language) -> None:
    """Zones as rows, levels as columns."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column(Text("Zone", "区域").say(language))
    for level in Level:
        grid.add_column(Styled(level.text.say(language), style=COLOURS[level]))
    grid.add_column(Text("Unreadable", "无法检查").say(language))
    more = Table(box=None, pad_edge=False, header_style="bold")
    for head in (Text("Zone", "区域"), Text("Not read to the end", "未读完的文件"), Text("Media", "介质")):
        more.add_column(head.say(language))
    for zone in (*policy.zones, LOCAL):
        grid.add_row(
            zone.words.say(language),
            *(_cell(zone, level, language) for level in Level),
            _action(zone.on_uninspected, language),
        )
        used = Text("watched afterwards", "写入后检查") if zone.is_watched_only else zone.access.text
        media = "" if zone is LOCAL else used.say(language)
        more.add_row(zone.words.say(language), _action(zone.on_unfinished, language), media)
    console.print(grid)
    console.print()
    console.print(more)


def _cell(zone: Zone, level: Level, language: Language) -> Styled:
    return _action(Action.ALLOW if level <= zone.clearance else zone.on_violation, language)


def _action(action: Action, language: Language) -> Styled:
    styles = {Action.ALLOW: "green", Action.WARN: "yellow", Action.ASK: "yellow"}
    return Styled(ACTIONS[action].say(language), style=styles.get(action, "red"))


def _hits(
    marks: tuple[Mark, ...],
    findings: tuple[Finding, ...],
    mentions: tuple[Mark, ...],
    console: Console,
    language: Language,
) -> None:
    for mark in marks:
        _line(mark.text, mark.where, mark.reason, mark.confidence, COLOURS[mark.level], console, language)
    for finding in findings:
        name = f"{finding.name.say(language) or finding.rule} {finding.times}  {finding.excerpt}"
        _line(name, finding.where, finding.reason, finding.confidence, COLOURS[finding.level], console, language)
    for mention in mentions:
        name = Text("mention only: {text}", "仅为提及：{text}").fill(text=mention.text).say(language)
        _line(name, mention.where, mention.reason, mention.confidence, "dim", console, language)


def _line(
    name: str, where: str, reason: Text, confidence: float, style: str, console: Console, language: Language
) -> None:
    at = place(where, language) if where else "-"
    console.print(
        Styled("• ", style=style),
        Styled(printable(name), style=style),
        Styled(f"  {printable(at)}  {confidence:.0%}", style="dim"),
        sep="",
    )
    if reason.en:
        console.print(Styled("  " + printable(reason.say(language))))
