"""Lendings between this PC and the collector: requests and acts are told until they are heard, decisions fetched.

Works offline for weeks: what waits stays in the store, and grants that are here need nobody.
"""

from __future__ import annotations

import base64
import binascii
import logging
import random
import threading
from collections.abc import Callable, Collection
from datetime import datetime

import msgspec

from agent.lending.grants import checked
from agent.lending.shapes import Request
from agent.lending.store import Store
from agent.report.collector import Collector
from config.errors import IdentityError, RejectedError, ShoumiError, SignatureError, TransportError
from config.lending import MAX_ITEMS, PATH, Acted, Asked, Decided, Decisions, Grant, Heard, State, Told
from config.text import Text, readable

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 5.0, 600.0  # seconds between tries
SHUT = {State.DENIED, State.WITHDRAWN, State.RETURNED, State.EXPIRED, State.REVOKED}


class Sync(threading.Thread):
    """Tells and fetches until it is told to stop. Nothing it meets ends it."""

    def __init__(
        self,
        store: Store,
        collector: Collector,
        lenders: Collection[str],
        agent: str,
        told: Callable[[str, Text], None],
    ) -> None:
        """``collector`` must be this thread's own; ``told`` says something to a person (account name)."""
        super().__init__(name="lending", daemon=True)
        self._store, self._collector = store, collector
        self._lenders, self._agent, self._told = frozenset(lenders), agent, told
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._offered = self._done = ""
        self.problems: dict[str, Text] = {}  # by number: why a grant is not in use
        self.problem: Text | None = None  # why nothing can be told now

    def wake(self) -> None:
        """There is something new to tell."""
        self._wake.set()

    def offered(self, digest: str) -> None:
        """The collector's decisions have this digest now; empty: it has none."""
        self._offered = digest
        if digest != self._done:
            self._wake.set()

    def stop(self) -> None:
        """End after the request under way."""
        self._stopping.set()
        self._wake.set()
        if self.is_alive():
            self.join(5)
        self._collector.close()

    def run(self) -> None:
        """Tell what waits, wait for news, fetch them, and again."""
        failures = 0
        self._wake.set()
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            if self._stopping.is_set():
                return
            if self._try():
                failures = 0
                continue
            failures += 1
            ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 10))
            self._stopping.wait(random.uniform(ceiling / 4, ceiling))  # noqa: S311 - spreads load, guards nothing
            self._wake.set()

    def tell(self) -> None:
        """Tell the collector everything that it has not confirmed, oldest first.

        Raises:
            TransportError: it cannot be reached, or confirms nothing; what is not confirmed stays.
        """
        while not self._stopping.is_set():
            asked, acted = self._store.untold(MAX_ITEMS)
            if not (asked or acted):
                return
            self._send(asked, acted)

    def fetch(self) -> None:
        """Bring what was decided.

        Raises:
            TransportError: the collector cannot be reached, or its answer makes no sense.
        """
        digest = self._offered
        try:
            decisions = msgspec.json.decode(self._collector.get(PATH), type=Decisions)
        except msgspec.DecodeError as problem:
            raise TransportError(f"the collector's answer is no list of lendings: {problem}") from None
        for decided in decisions.lendings:
            self._take(decided)
        self._done = digest

    def _try(self) -> bool:
        try:
            self.tell()
            if self._offered not in ("", self._done) and not self._stopping.is_set():
                self.fetch()
        except ShoumiError as problem:
            if self.problem is None:
                log.warning("lendings wait: %s", problem)
            self.problem = problem.text
            return False
        except Exception as problem:  # the thread must outlive every surprise
            log.exception("lendings wait")
            self.problem = Text(f"{type(problem).__name__}: {problem}", f"{type(problem).__name__}：{problem}")
            return False
        self.problem = None
        return True

    def _send(self, asked: tuple[Asked, ...], acted: tuple[Acted, ...]) -> None:
        """Send so much; by halves when the collector takes it not, until it is known which one is at fault."""
        try:
            answer = self._collector.post(PATH, msgspec.json.encode(Told(asked, acted)))
        except IdentityError:
            raise
        except RejectedError as problem:
            if len(asked) + len(acted) == 1:
                refused = asked[0].id if asked else acted[0].id
                log.warning("the collector refuses %s for good: %s", refused, problem)
                self._heard(Heard(refused={refused: problem.text.en}))
                return
            self._send(asked[: (len(asked) + 1) // 2], () if asked else acted[: (len(acted) + 1) // 2])
            return  # the rest comes with the next round
        try:
            heard = msgspec.json.decode(answer, type=Heard)
        except msgspec.DecodeError as problem:  # a proxy's page: not heard
            raise TransportError(f"the collector's answer confirms nothing: {problem}") from None
        if not {*heard.kept, *heard.refused} & {*(one.id for one in asked), *(one.id for one in acted)}:
            raise TransportError("the collector confirms nothing of what it was told")
        self._heard(heard)

    def _heard(self, heard: Heard) -> None:
        for request in self._store.told(heard.kept, heard.refused):
            self._say(request, State.DENIED, request.note, None)

    def _take(self, decided: Decided) -> None:
        number = decided.id[:12]
        self.problems.pop(number, None)
        request, known = self._store.request(decided.id), self._store.lent(decided.id)
        fresh: Grant | None = None
        if decided.grant:
            try:
                fresh = self._bring(decided, request)
            except SignatureError as problem:
                words = Text("the grant of lending {no} {why}", "外借 {no} 的批准无效：{why}")
                self.problems[number] = words.fill(no=number, why=problem.text)
                log.warning("%s", self.problems[number].en)
        lent = self._store.lent(decided.id)
        if decided.state not in SHUT | {State.REQUESTED} and lent is None:
            return  # said to be approved, and no grant that can be believed: it is as it was
        if request is not None and request.state is State.WITHDRAWN and decided.state not in SHUT:
            if lent is not None and not lent.closed:  # approved before it was heard that it is not needed
                self._store.close_grant(decided.id, State.WITHDRAWN)
            return
        if lent is not None and decided.state in SHUT and not lent.closed:
            self._store.close_grant(decided.id, decided.state)
        self._store.decide(decided.id, decided.state, decided.note)
        if request is not None and self._is_news(request, decided, known.closed if known else "", fresh):
            state = State.APPROVED if fresh and decided.state not in SHUT else decided.state
            self._say(request, state, decided.note, lent.grant if lent else None)

    def _is_news(self, request: Request, decided: Decided, closed: str, fresh: Grant | None) -> bool:
        """Whether the person does not know it yet; ``closed`` is what the grant was before."""
        if decided.state == request.state:  # a newer grant may have come: it was extended
            return fresh is not None and not fresh.revoked and decided.state not in SHUT
        return decided.state != closed  # the person returned or withdrew it here

    def _bring(self, decided: Decided, request: Request | None) -> Grant | None:
        """Keep the grant of a decision; None when it is here already.

        Raises:
            SignatureError: it cannot be believed, is not what was asked for, or is older than the one that is here.
        """
        try:
            file = base64.b64decode(decided.grant, validate=True)
        except (binascii.Error, ValueError):
            raise SignatureError(Text("is no signed file", "不是签名文件")) from None
        known = self._store.lent(decided.id)
        if known is not None and file == self._store.file(decided.id):
            return None
        grant, version = checked(file, self._lenders, self._agent)
        asked = request.asked if request else None
        if grant.id != decided.id or (asked and (grant.sha256, grant.user) != (asked.sha256, asked.user.name)):
            raise SignatureError(Text("is not about what was asked for", "与申请内容不符"))
        if known is not None and version <= known.version:
            raise SignatureError(Text("is older than the one in use", "早于当前使用的版本"))
        self._store.keep(grant, version, file)
        return grant

    def _say(self, request: Request, state: State, note: str, grant: Grant | None) -> None:
        words = _WORDS.get(state)
        if words is None:
            return
        until = f"{datetime.fromtimestamp(grant.until / 1000).astimezone():%Y-%m-%d %H:%M}" if grant else "?"
        text = words.fill(
            no=request.asked.id[:12],
            file=readable(request.name),
            medium=request.asked.medium.name,
            until=until,
            uses=grant.uses if grant else 0,
        )
        if note:
            text = Text("{text} The officer writes: {note}", "{text} 审批人留言：{note}").fill(text=text, note=note)
        self._told(request.asked.user.name, text)


_WORDS = {
    State.APPROVED: Text(
        "Lending {no} is approved: {file} may be copied to {medium}, {uses} time(s), and is due back by {until}.",
        "外借 {no} 已批准：可将 {file} 复制到 {medium}（{uses} 次），请于 {until} 前归还。",
    ),
    State.DENIED: Text(
        "Lending {no} of {file} was not approved; please do not copy it.",
        "外借 {no}（{file}）未获批准，请勿复制。",
    ),
    State.REVOKED: Text(
        "Lending {no} of {file} was revoked. If it is on {medium}, return it: shoumi request return {no} --erase",
        "外借 {no}（{file}）已被撤销。如已复制到 {medium}，请归还：shoumi request return {no} --erase",
    ),
    State.RETURNED: Text(
        "Lending {no} of {file} was closed as returned by an officer.", "外借 {no}（{file}）已由管理员按归还结清。"
    ),
    State.WITHDRAWN: Text("Lending {no} of {file} was withdrawn.", "外借 {no}（{file}）已撤回。"),
}
