"""Word lists of any length and language: the rules of ``kind: keywords``, all found in one pass.

Text and terms are read in the plain form of :mod:`detectors.normal` and without regard to case. Latin terms stand by
themselves unless the rule says otherwise; of terms that overlap, the one that begins first and is the longest holds. A
term that lies within a phrase of ``except`` is none.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from config import words
from config.rules import Rule
from config.text import Text
from config.verdict import Segment
from detectors import traditional
from detectors.automaton import Automaton
from detectors.block import Block, blocks
from detectors.forms import AS_LISTED, CUT, TRADITIONAL, gates
from detectors.gate import Gate
from detectors.hits import Hit
from detectors.joined import Joined
from detectors.normal import Normal
from detectors.score import Surroundings
from detectors.spans import Beside, Cover
from detectors.spelling import fold, plain_term, stands_alone
from detectors.stretch import Stretch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from detectors.spans import Span

SHORT = 1_000  # terms
HELD = 1_000  # hits of a rule kept whole while it waits for more different terms; later ones only count
_EXAMPLE_DAY = date(2026, 1, 1)
_LISTED = Text("a term of this word list stands here", "命中本词表中的词语")
_BESIDE = Text("a word of its second list stands within {n} characters", "{n} 个字符内有第二词表中的词语")


def keyword_detectors(rules: Iterable[Rule], *, native: bool = True) -> tuple[Keywords, ...]:
    """One detector for all keyword rules, none when there are none."""
    wanted = [rule for rule in rules if rule.kind == "keywords"]
    return (Keywords(wanted, native=native),) if wanted else ()


class _List:
    """The terms of a rule in one of their roles; the automaton holds them, here stands what is special."""

    def __init__(self, rule: Rule, lines: Sequence[str]) -> None:
        self.terms: dict[str, None] = {}  # in small letters
        self.special: dict[str, words.Term] = {}
        self.spelled: dict[str, set[str]] = {}
        self.whole = rule.whole
        for line in lines:
            term = words.parse(line)
            spelling = traditional.plain(Normal(term.text).text)
            small = fold(spelling)
            if not small:
                continue
            self.terms[small] = None
            if rule.cased:
                self.spelled.setdefault(small, set()).add(spelling)
            if term.weight is not None or term.form:
                self.special[small] = term

    def takes(self, found: str, spelling: str) -> bool:
        """Whether a term is spelled as the list wants it."""
        return not self.spelled or spelling in self.spelled[found]


class _Roles:
    """One rule and the numbers of its lists."""

    def __init__(self, rule: Rule, first: int) -> None:
        self.rule = rule
        self.terms, self.exceptions, self.near = first, first + 1, first + 2
        weighed = rule.context.raises.words or rule.context.lowers.words
        self.surroundings = Surroundings(rule.context) if weighed else None
        self.reason = _LISTED
        if rule.near:
            beside = _BESIDE.fill(n=rule.near.within)
            self.reason = Text(f"{_LISTED.en}; {beside.en}", f"{_LISTED.zh}；{beside.zh}")


class Keywords:
    """The keyword rules of a rule set or of one register, compiled."""

    def __init__(self, rules: Sequence[Rule], *, native: bool = True) -> None:
        self.rules = tuple(rules)
        self.roles = [_Roles(rule, 3 * number) for number, rule in enumerate(rules)]
        self.lists: list[_List] = []
        for rule in rules:
            near = rule.near.words if rule.near else ()
            self.lists += [_List(rule, lines) for lines in (rule.words, rule.exceptions, near)]
        uses: dict[str, tuple[int, ...]] = {}
        for number, each in enumerate(self.lists):
            alone = (number,)  # most terms stand in one list: they share this
            for term in each.terms:
                uses[term] = (*uses[term], number) if term in uses else alone
        self._automaton = Automaton(list(uses), native=native)
        self._uses = list(uses.values())
        self._small = any(term != term.upper() for term in uses)  # Chinese alone has no small letters
        self._spaced = any(" " in term for term in uses)
        self.longest = max(map(len, uses), default=0)
        within = max((rule.near.within for rule in rules if rule.near), default=0)
        self.reach = within + 2 * self.longest + 1 if within else 0
        wanted = [term for roles in self.roles for term in self.lists[roles.terms].terms]
        short = len(wanted) <= SHORT and not self.reach and not self._small and not self._spaced
        patterns = gates(uses, wanted if short else ())
        self._forms, self._gate = tuple(patterns), Gate(list(patterns.values()))
        self._always = frozenset[str]() if short else frozenset({AS_LISTED})

    def open(self, today: date) -> KeywordSearch:  # noqa: ARG002 - words have no date
        """Begin a file."""
        return KeywordSearch(self)

    def fires(self, rule: Rule, example: str) -> bool:
        """Whether a rule finds something in an example."""
        search = self.open(_EXAMPLE_DAY)
        return any(hit.rule is rule for block in blocks([Segment(example, "")]) for hit in search.read(block))

    def holds(self, text: str, data: bytes = b"") -> frozenset[str]:
        """In which forms a text may hold a term: :data:`AS_LISTED`, :data:`TRADITIONAL`, :data:`CUT`.

        Short Chinese lists say none of most texts, at the cost of a look.
        """
        return self._always | {self._forms[number] for number in self._gate(text, data)}

    def spans(self, text: str, begin: int, forms: Collection[str]) -> dict[int, list[Span]]:
        """List number to its terms in ``text``, in order; ``begin`` is not 0 where text was cut off at the left."""
        joined = Joined(text) if CUT in forms else None
        plain = joined.text if joined else text
        if TRADITIONAL in forms:
            plain = traditional.plain(plain)
        seen = fold(plain) if self._small else plain
        if self._spaced:
            seen = seen.replace("\n", " ").replace("\t", " ").replace("\u00a0", " ")
        found: dict[int, list[Span]] = {}
        for term, start, end in self._automaton.find(seen):
            whole = not (begin and not start) and stands_alone(seen, start, end)
            for number in self._uses[term]:
                each = self.lists[number]
                if (whole or not each.whole) and each.takes(seen[start:end], plain[start:end]):
                    found.setdefault(number, []).append(joined.span(start, end) if joined else (start, end))
        for spans in found.values():
            spans.sort(key=lambda span: (span[0], -span[1]))
        return found


class KeywordSearch:
    """One file while it is read."""

    def __init__(self, keywords: Keywords) -> None:
        self._keywords = keywords
        self._before: Block | None = None
        self._said: set[tuple[int, int]] = set()  # rule and place of what was found near the end of the block before
        self._held: dict[int, _Held] = {}

    def read(self, block: Block) -> Iterator[Hit]:
        """The hits of a stretch of text."""
        keywords = self._keywords
        forms = keywords.holds(block.text, block.data)
        if not forms:
            return
        stretch = Stretch(block, self._before, keywords.reach)
        found = keywords.spans(stretch.text, stretch.begin, forms)
        said, self._said = self._said, set()
        for number, roles in enumerate(keywords.roles):
            if roles.terms not in found:
                continue
            for start, end in _chosen(roles, found):
                old = start < stretch.begin  # before this block: only what stands beside it can be new
                if old and (roles.rule.near is None or start <= keywords.longest):
                    continue
                place = stretch.place(start, end)
                if place is None or (old and (number, place[1]) in said):
                    continue
                if keywords.reach:
                    self._said.add((number, place[1]))
                yield from self._weighed(number, roles, *place)
        self._before = block if keywords.reach else None

    def close(self) -> Iterator[Hit]:
        """Nothing is left for the end."""
        return iter(())

    def _weighed(self, number: int, roles: _Roles, block: Block, start: int, end: int) -> Iterator[Hit]:
        rule, term = roles.rule, plain_term(block.text[start:end])
        special = self._keywords.lists[roles.terms].special.get(term)
        score = special.weight if special and special.weight is not None else rule.confidence.base
        reasons: tuple[Text, ...] = (roles.reason,)
        if roles.surroundings:
            scored = roles.surroundings.score(score, None, block.text, start, end)
            score, reasons = scored.score, scored.reasons
        if score < rule.confidence.threshold:
            return
        hit = Hit(rule, block, start, end, score, special.form if special and special.form else term, reasons)
        if rule.at_least == 1:
            yield hit
        else:
            yield from self._held.setdefault(number, _Held(rule.at_least)).add(hit)


class _Held:
    """Hits of a rule that wait until the file has shown enough different terms."""

    def __init__(self, least: int) -> None:
        self._least = least
        self._first: dict[str, Hit] = {}
        self._hits: list[Hit] = []

    def add(self, hit: Hit) -> list[Hit]:
        first = self._first.setdefault(hit.plain, hit)
        if len(self._first) > self._least:
            return [hit]
        self._hits.append(hit if len(self._hits) < HELD else first)  # counts, and keeps no more of the text in memory
        if len(self._first) < self._least:
            return []
        ready, self._hits = self._hits, []
        return ready


def _chosen(roles: _Roles, found: dict[int, list[Span]]) -> Iterator[Span]:
    """The terms of one rule that hold: not within an exception, near enough, not overlapping."""
    harmless = Cover(found.get(roles.exceptions, ()))
    near = roles.rule.near
    beside = Beside(found.get(roles.near, ()))
    taken = 0
    for start, end in found[roles.terms]:
        if start < taken or harmless.holds(start, end):
            continue
        taken = end
        if near is None or beside.gap(start, end) <= near.within:
            yield start, end
