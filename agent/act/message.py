"""What is said about a file: what happened, why, that nothing was lost, what to do next, by which rule and number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from config.events import Done, Event, Kind
from config.policy import UNFINISHED, UNINSPECTED
from config.text import Language, Text

_HEAD = {
    Done.QUARANTINED: Text("Copy stopped", "已阻止复制"),
    Done.LEFT: Text("Please check this copy", "请核对此次复制"),
    Done.HELD: Text("This copy must not stay here", "该副本不应留在此处"),
    Done.GONE: Text("This copy should not have been made", "不应进行此次复制"),
    Done.REFUSED: Text("Copy stopped", "已阻止复制"),
    Done.RELEASED: Text("Copy made under a lending", "已按外借审批放行"),
}
_TAIL = {
    Done.QUARANTINED: Text(
        "It was taken off {medium} and sealed in quarantine: nothing is lost. "
        "If you copied it, your original is untouched; if you moved it, the officers can give it back.",
        "该文件已从{medium}移出并封存于隔离区，内容未丢失。如为复制，原文件未受影响；如为移动，可由管理员解封归还。",
    ),
    Done.LEFT: Text("It was left where it is and reported.", "文件未被移动，已记录上报。"),
    Done.HELD: Text(
        "It could not be sealed yet and was left where it is; the agent keeps trying. Please do not hand it on.",
        "暂时无法封存，文件仍在原处，客户端将持续重试。请勿传递该文件。",
    ),
    Done.GONE: Text("It was gone before it could be sealed, and was reported.", "封存前文件已不在原处，已记录上报。"),
    Done.REFUSED: Text(
        "Nothing of it was written to {medium}. Your original is untouched.", "未写入{medium}，原文件未受影响。"
    ),
    Done.RELEASED: Text(
        "It was written to {medium} and entered in the register. Please return it in time.",
        "文件已写入{medium}并登记，请按期归还。",
    ),
}


class Message(msgspec.Struct, frozen=True):
    """Headline and body."""

    head: Text
    body: Text
    urgent: bool = True

    def say(self, language: Language) -> tuple[str, str]:
        """Both in one language."""
        return self.head.say(language), self.body.say(language)


def message(event: Event, name: str, help_text: Text, coaching: Mapping[str, Text] | None = None) -> Message:
    """The message about an event; ``name`` is the file's own name, which stays on this PC."""
    facts = event.unmapped
    medium = facts.zone_text
    if facts.medium and facts.medium.name:
        medium = Text("{zone} “{name}”", "{zone}“{name}”").fill(zone=facts.zone_text, name=facts.medium.name)
    what = Text("{head}: {name}: {reason}.", "{head}：{name}：{reason}。")
    tail = _TAIL[facts.done].fill(medium=medium)
    rules = list(reasons(event))
    number = Text("No. {ticket} (rule {rule})", "编号 {ticket}（规则 {rule}）").fill(
        ticket=facts.ticket, rule=rules[0] if rules else facts.rule
    )
    if facts.done is Done.RELEASED:  # they asked already, and were told yes
        head = Text("{head}: {name}.", "{head}：{name}。").fill(head=_HEAD[facts.done], name=name)
        body = Text("{tail}\nNo. {ticket}", "{tail}\n编号 {ticket}").fill(tail=tail, ticket=facts.ticket)
        return Message(head, body, urgent=False)
    head = what.fill(head=_HEAD[facts.done], name=name, reason=facts.reason)
    known = coaching or {}
    taught = next((known[word] for word in (*rules, facts.level.id) if word in known), None)
    body = Text("{tail}\n{help} {number}", "{tail}\n{help} {number}")
    if taught:
        body = Text("{tail}\n{taught}\n{help} {number}", "{tail}\n{taught}\n{help} {number}")
    return Message(head, body.fill(tail=tail, taught=taught or "", help=help_text, number=number))


def reasons(event: Event) -> Iterator[str]:
    """Rule ids behind an event, the deciding one first; for a file that could not be judged, which way it was not."""
    facts = event.unmapped
    if facts.kind is Kind.UNINSPECTED:
        yield UNFINISHED if facts.rule.endswith(".on_unfinished") else UNINSPECTED
        return
    for mark in facts.marks:
        if mark.raises == facts.level:
            yield "mark.commercial" if mark.regime.startswith("cn-") else f"mark.{mark.regime}"
    for finding in sorted(facts.findings, key=lambda one: (one.level, one.confidence), reverse=True):
        if finding.level == facts.level:
            yield finding.rule


def left_out(count: int, body: Text | None = None) -> Text:
    """How many messages were not shown one by one, alone or under another message."""
    if body is None:
        return Text(
            f"{count} more files were treated in the same way; the agent's record names each.",
            f"另有 {count} 个文件同样被处理，详见客户端记录。",
        )
    return Text("{body}\n(and {count} more just before)", "{body}\n（此前另有 {count} 条）").fill(
        body=body, count=count
    )
