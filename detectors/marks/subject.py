"""The mark that the subject of a message begins with: [Confidential] Minutes, RE: CONFIDENTIAL: minutes."""

from __future__ import annotations

import re

LINE = re.compile(r"\s{0,4}(?:Subject|SUBJECT|Betreff|Objet|主题|主題|标题)\s?[:：]\s{0,4}")
OPENING = re.compile(
    r"\s*(?P<replies>(?:(?:(?:re|fwd?|aw|wg|tr|回复|答复|转发)\s?[:：]|\[(?:external|extern|ext)\])\s*)*)"
    r"(?:(?P<open>[\[【(（])(?P<inner>[^\[\]【】()（）]{1,40})(?P<close>[\]】)）])"
    r"|(?P<word>[^:：|–—-]{1,40}(?:-[^:：|\s–—-]{2,20}){0,2}\s?)(?P<colon>[:：|]|(?<=\s)[–—-]))(?=.*\S)",
    re.IGNORECASE,
)


def begins(line: str) -> tuple[int, int] | None:
    """Where in a line that names its subject the words stand that it begins with."""
    field = LINE.match(line)
    found = OPENING.match(line, field.end()) if field else None
    if not found:
        return None
    start, end = found.span("inner" if found["open"] else "word")
    return start, start + len(line[start:end].rstrip())
