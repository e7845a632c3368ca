"""Events as an agent makes them, with invented content."""

from config.events import Done, Medium, User
from config.levels import Level
from config.policy import Match, Place, Zone
from config.signing import utc_now
from config.text import Text
from config.verdict import Mark, Outcome, Verdict
from config.verdict import Zone as Part

STICK = Medium(mount="/media/x", bus="usb", vendor="SanDisk", product="Ultra", serial="4C530001", label="WORK")
REMOVABLE = Zone(
    "removable", Level.PUBLIC, Match(removable=True), text=Text("unregistered removable medium", "未登记移动介质")
)


def mark(text="机密★10年", level=Level.SECRET, **changes):
    fields = {
        "regime": "cn",
        "level": level,
        "outcome": Outcome.VALID,
        "text": text,
        "original": text[:2],
        "where": "page 1 line 2",
        "zone": Part.BODY,
        "term": "10年",
        "reason": Text("a complete mark", "完整的国家秘密标志"),
    }
    return Mark(**(fields | changes))


def verdict(path="/media/x/方案.docx", level=Level.SECRET, **changes):
    fields = {
        "path": str(path),
        "media_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "size": 1234,
        "level": level,
        "marks": (mark(level=level),) if level > Level.PUBLIC else (),
        "sha256": "ab" * 32,
    }
    return Verdict(**(fields | changes))


def event(path="/media/x/方案.docx", done=Done.LEFT, place=None, **changes):
    from agent.decide import decide
    from agent.report.event import finish, make_event, ticket
    from config.policy import Policy

    seen = verdict(path, **changes)
    spot = place or Place(path, STICK)
    if isinstance(spot.path, str):
        from pathlib import Path

        spot = Place(Path(spot.path), spot.medium)
    decision = decide(seen, spot, Policy(1, (REMOVABLE,)))
    made = make_event(seen, decision, spot, User("li", "李某", "1000"), ticket(utc_now()), utc_now())
    return finish(made, done)
