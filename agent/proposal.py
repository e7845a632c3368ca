"""What an officer wishes corrected, as a correction proven on the text it was found in."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Sequence
from datetime import date

import msgspec

from config.errors import UsageError
from config.rules import Rule
from config.text import Text
from config.verdict import Finding, Mark, Segment
from detectors.corrections import Correction, derive, shape
from detectors.engine import Detection, Engine
from detectors.marks import REGIMES

YEARS = 2  # a correction is looked at again after that


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer asks for; ``number`` counts the finds of the rule from one, 0 where there is only one."""

    rule: str
    reason: str
    number: int = 0
    before: str | None = None
    after: str | None = None
    officer: str = ""
    expires: str = ""
    still: Sequence[str] = ()


def propose(wish: Wish, segments: Sequence[Segment], engine: Engine, today: date) -> Correction:
    """The correction that a wish comes to, proven on the text it was found in.

    Raises:
        UsageError: there is no such rule or find, or the correction would do too little or too much.
    """
    rule = next((rule for rule in engine.rules.rules if rule.id == wish.rule), None)
    if rule is None:
        raise UsageError(
            Text(f"no rule '{wish.rule}'", f"没有规则“{wish.rule}”"),
            Text("`shoumi scan --format jsonl` names the rules", "`shoumi scan --format jsonl` 的输出含规则名"),
        )
    hit = _chosen(_hits(rule, engine.each(segments, today)), wish)
    text = segments[hit.segment].text
    before, after = derive(text, hit.start, hit.end, whole=rule.kind == "marks")
    sign = shape(hit.text).strip() if isinstance(hit, Mark) else ""
    before = before if wish.before is None else shape(wish.before.replace("\\n", "\n"))
    after = after if wish.after is None else shape(wish.after.replace("\\n", "\n"))
    entry = Correction(
        id=secrets.token_hex(6),
        rule=rule.id,
        zone=segments[hit.segment].zone,
        before=before,
        after=after,
        mark=sign,
        reason=wish.reason,
        officer=wish.officer or getpass.getuser(),
        made=str(today),
        expires=wish.expires or _later(today),
        example="",
        counter_examples=(*wish.still, *((sign.replace("#", "10"),) if sign else ())),
    )
    return _proven(entry, rule, hit, segments, engine, today)


def _proven(
    entry: Correction, rule: Rule, hit: Mark | Finding, segments: Sequence[Segment], engine: Engine, today: date
) -> Correction:
    """The correction with an example that proves it: invented values of the rule's own examples in its context."""
    why: Text | None = None
    values = [hit.text] if isinstance(hit, Mark) else _values(rule, engine, today)
    for value in values:
        tried = msgspec.structs.replace(entry, example=_filled(entry.before) + value + _filled(entry.after))
        refused = engine.correct([tried], today)
        why = refused[0][1] if refused else None
        if why is None:
            left = _hits(rule, engine.each(segments, today))
            engine.correct((), today)
            if any((each.segment, each.start) == (hit.segment, hit.start) and not each.corrected for each in left):
                raise _no(Text("its context does not fit the find", "上下文与命中处不符"))
            return tried
    raise _no(why or Text("the rule has no example to prove it with", "该规则没有可用于验证的示例"))


def _no(why: Text) -> UsageError:
    return UsageError(
        Text("this cannot be corrected: {why}", "无法更正：{why}").fill(why=why),
        Text(
            "say more of what stands around it with --before and --after; a rule that errs everywhere is to be changed",
            "请用 --before、--after 给出更多上下文；若规则普遍误报，应修改规则本身",
        ),
    )


def _hits(rule: Rule, found: Detection) -> list[Mark | Finding]:
    if rule.kind == "marks":
        writes = next(regime.writes for regime in REGIMES if regime.name == rule.regime)
        return [mark for mark in found.marks if mark.regime in writes]
    return [finding for finding in found.findings if finding.rule == rule.id]


def _chosen(hits: Sequence[Mark | Finding], wish: Wish) -> Mark | Finding:
    if not hits:
        raise UsageError(
            Text(f"'{wish.rule}' finds nothing there", f"“{wish.rule}”在此没有命中"),
            Text("check the rule's name with `shoumi explain FILE`", "请用 `shoumi explain 文件` 核对规则名"),
        )
    if wish.number == 0 and len(hits) == 1:
        return hits[0]
    if 1 <= wish.number <= len(hits):
        return hits[wish.number - 1]
    listed = "".join(f"\n  {number}  {hit.where}  {hit.excerpt}" for number, hit in enumerate(hits[:50], 1))
    raise UsageError(
        Text(
            f"it finds {len(hits)}; say which with --finding N:{listed}",
            f"共命中 {len(hits)} 处，请用 --finding N 指明：{listed}",
        )
    )


def _values(rule: Rule, engine: Engine, today: date) -> list[str]:
    """What the rule finds in its own examples: invented, and valid."""
    return [
        example[finding.start : finding.end]
        for example in rule.hits
        for finding in engine.detect(example, today).findings
        if finding.rule == rule.id
    ]


def _filled(side: str) -> str:
    return side.replace("#", "20")


def _later(today: date) -> str:
    try:
        return str(today.replace(year=today.year + YEARS))
    except ValueError:  # the 29th of February
        return str(today.replace(year=today.year + YEARS, day=28))
