"""Where members of staff ask: the agent's answers about lendings, to whoever the system says is asking."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from agent.control import Peer
from agent.decide import Decision, decide
from agent.extract.sandbox.pool import Sandbox
from agent.lending.clock import Clock
from agent.lending.returns import GivenBack, Returns
from agent.lending.shapes import Lent, Request
from agent.lending.store import Store
from agent.lending.words import STATES, GiveBack, Lend, Line, Lines, Listing, Withdraw
from agent.report.event import readable_medium
from config.errors import UsageError
from config.events import Action, Kind, Medium
from config.lending import DAY_MS, Act, Asked, State
from config.masking import mask_name
from config.policy import LOCAL, Place, Policy
from config.signing import utc_now
from config.text import Text, readable
from config.verdict import Reason, Verdict

_OPEN = {State.REQUESTED, State.APPROVED}
_PATIENCE = 60.0  # seconds
_MOST_DAILY = 200
_MOST_OPEN = 50  # requests of one person that nobody has decided
_LIST = Text("`shoumi request list` shows yours", "请用 `shoumi request list` 查看您的申请")


class Desk:
    """Answers :mod:`agent.lending.words`. Safe to use from several threads."""

    def __init__(self, store: Store, clock: Clock, returns: Returns, sandbox: Sandbox, policy: Policy) -> None:
        self._store, self._clock, self._returns = store, clock, returns
        self._sandbox, self._policy = sandbox, policy
        self._judging = threading.Lock()
        self.changed: Callable[[], None] = lambda: None  # called when there is something new to tell

    def lend(self, peer: Peer, ask: Lend, file: int | None) -> Lines:
        """Judge the file and keep the request.

        Raises:
            UsageError: no such device, a file that may go there anyway, or one that cannot be read.
        """
        if file is None:
            raise UsageError(Text("the file itself was not handed over", "未收到文件"))
        own, day = self._own(peer), self._clock.now() - DAY_MS
        if sum(one.asked.time > day for one in own) >= _MOST_DAILY:
            raise UsageError(
                Text(f"{_MOST_DAILY} requests a day are the most", f"每天最多申请 {_MOST_DAILY} 条"),
                Text("ask again tomorrow, or talk to your officer", "请明日再试，或联系保密管理员"),
            )
        waiting = [one for one in own if self._state(one) is State.REQUESTED]
        if len(waiting) >= _MOST_OPEN:
            raise UsageError(
                Text(f"{len(waiting)} of your requests are waiting already", f"您已有 {len(waiting)} 条申请待审批"),
                Text("withdraw those you no longer need", "请先撤回不再需要的申请"),
            )
        medium, plugged = self.device(ask.to)
        path = Path(os.path.basename(ask.name) or "file")  # noqa: PTH119 - a name, whatever the client calls it
        if not self._judging.acquire(timeout=_PATIENCE):  # one at a time: the readers are needed for prevention
            raise UsageError(
                Text("other requests are being looked at", "正在处理其他申请"),
                Text("try again in a moment", "请稍后重试"),
            )
        try:
            verdict = _judged(self._sandbox, file, path)
        finally:
            self._judging.release()
        lost = {Reason.VANISHED, Reason.CHANGED, Reason.PERMISSION} & set(verdict.coverage.reasons)
        if lost or not verdict.sha256:
            raise UsageError(
                Text("the file could not be read, or was changed meanwhile", "文件无法读取，或在读取时被改动"),
                Text("save and close it, then ask again", "请保存并关闭文件后重试"),
            )
        self._needed(verdict, medium, plugged=plugged)
        asked = Asked(
            id=secrets.token_hex(16),
            time=self._clock.now(),
            user=peer.user,
            hostname=socket.gethostname()[:500],
            file=mask_name(path.name)[-500:],
            sha256=verdict.sha256,
            size=verdict.size,
            level=verdict.level,
            marks=tuple(mark.text[:500] for mark in verdict.marks[:8]),
            medium=medium,
            reason=ask.reason,
            days=ask.days or self._policy.lending.days,
            uses=ask.uses,
        )
        self._store.ask(asked, path.name)
        self.changed()
        said = Text("", "")
        if not plugged:
            said = Text(
                "“{to}” is not plugged in here: it is taken as a serial number. If that is a label, withdraw this and "
                "ask again with the device plugged in.",
                "本机未插入“{to}”，已按序列号处理。如果它是卷标，请撤回，插入介质后重新申请。",
            ).fill(to=ask.to)
        return Lines((self._line(self._find(peer, asked.id)),), said)

    def listing(self, peer: Peer, _ask: Listing, _file: int | None) -> Lines:
        """What this person asked for, newest first."""
        return Lines(tuple(self._line(request) for request in self._own(peer)[:500]))

    def withdraw(self, peer: Peer, ask: Withdraw, _file: int | None) -> Lines:
        """Take a request or an unused grant back.

        Raises:
            UsageError: no such request, or it was used.
        """
        request = self._find(peer, ask.id)
        state = self._state(request)
        lent = self._store.lent(request.asked.id)
        if state not in _OPEN or (lent and lent.used):
            raise UsageError(
                Text("it is {state}, and cannot be withdrawn", "该申请{state}，不能撤回").fill(state=STATES[state]),
                Text(
                    "a copy that is out is returned: shoumi request return ID",
                    "已外借的请归还：shoumi request return 编号",
                ),
            )
        key = request.asked.id
        if lent:
            self._store.close_grant(key, State.WITHDRAWN)
        self._store.record(key, Act.WITHDRAWN, self._clock.now(), request.asked.user.name)
        self._store.decide(key, State.WITHDRAWN, request.note)
        self.changed()
        return Lines((self._line(self._find(peer, key)),))

    def give_back(self, peer: Peer, ask: GiveBack, _file: int | None) -> GivenBack:
        """Look through the device for what was lent, erase it where wanted, and close the lending when it is gone.

        Raises:
            UsageError: no such lending, nothing of it is out, or its device is not plugged in.
        """
        request = self._find(peer, ask.id)
        key = request.asked.id
        lent = self._store.lent(key)
        copies = self._store.copies(key)
        if lent is None or not copies:
            hint = Text(
                "a request that was not used is withdrawn: shoumi request withdraw ID",
                "未使用的请撤回：shoumi request withdraw 编号",
            )
            raise UsageError(Text("no copy of it is out", "没有外借在外的副本"), hint)
        roots = [(root, medium) for root, medium in self._returns.media().items() if lent.grant.fits(_plain(medium))]
        if not roots:
            raise UsageError(
                Text("the device “{name}” is not plugged in", "未插入介质“{name}”").fill(name=copies[0].medium.name),
                Text(
                    "plug it in and try again; if it is lost, tell your secrecy officer at once",
                    "请插入后重试；如已丢失，请立即报告安全保密管理员",
                ),
            )
        answer: GivenBack | None = None
        for root, medium in roots:  # a stick may have several file systems
            try:
                answer = self._returns.give_back(key, root, medium, erase=ask.erase)
            except UsageError:
                if (root, medium) == roots[-1] and answer is None:
                    raise
        if answer is None:
            raise AssertionError("unreachable")
        return answer

    def device(self, word: str) -> tuple[Medium, bool]:
        """The medium that a word means, and whether it is plugged in.

        Raises:
            UsageError: several are meant, none is mounted in that folder, or it can never be told from others.
        """
        media = {root: _plain(medium) for root, medium in self._returns.media().items()}
        inside = [
            (len(one.parts), root)
            for root, medium in media.items()
            for one in (root, Path(medium.mount or root))  # a gateway reaches it elsewhere than people do
            if "/" in word and (one == Path(word) or one in Path(word).parents)
        ]
        if inside:
            found = [media[max(inside)[1]]]
        else:
            low = word.casefold()
            found = [
                one for one in media.values() if low in {part.casefold() for part in (one.serial, one.label, one.uuid)}
            ]
        if len({(one.serial, one.uuid) for one in found}) > 1:
            listed = ", ".join(f"{one.serial or one.uuid} ({one.mount})" for one in found)
            raise UsageError(
                Text(f"several devices are called “{word}”: {listed}", f"有多个介质名为“{word}”：{listed}"),
                Text("name its folder or its serial number", "请指定挂载目录或序列号"),
            )
        if found:
            if not (found[0].serial or found[0].uuid):
                raise UsageError(
                    Text(
                        "this device has neither a serial number nor a file-system id, so a grant cannot name it",
                        "该介质没有序列号和文件系统标识，无法为其签发批准",
                    ),
                    Text("use a registered one", "请使用已登记的介质"),
                )
            return found[0], True
        if "/" in word or "\\" in word:
            raise UsageError(
                Text(f"no removable device is mounted at {word}", f"{word} 处没有挂载移动介质"),
                Text("plug it in, or give its serial number", "请插入介质，或给出其序列号"),
            )
        return Medium(serial=readable(word)), False

    def _needed(self, verdict: Verdict, medium: Medium, *, plugged: bool) -> None:
        place = Place(Path(medium.mount or os.sep), medium)
        decision: Decision = decide(verdict, place, self._policy)
        unknown = not plugged and decision.zone is LOCAL  # a zone may know it by more than its serial number
        passes = decision.action is Action.ALLOW or (
            decision.kind is Kind.UNINSPECTED and decision.action is Action.WARN
        )
        if passes and not unknown:
            raise UsageError(
                Text(
                    "no grant is needed: the file is {level}, and {zone} may hold files up to {clearance}",
                    "无需申请：该文件为{level}，{zone}可存放最高{clearance}文件",
                ).fill(level=verdict.level.text, zone=decision.zone.words, clearance=decision.zone.clearance.text),
                Text("just copy it", "可直接复制"),
            )

    def _own(self, peer: Peer) -> list[Request]:
        return [one for one in self._store.requests() if one.asked.user.uid == peer.user.uid]

    def _find(self, peer: Peer, word: str) -> Request:
        """A request of this person by the beginning of its number; root may name everybody's."""
        own = self._store.requests() if peer.uid == 0 else self._own(peer)
        found = [one for one in own if len(word) >= 4 and one.asked.id.startswith(word.lower())]
        if len(found) != 1:
            raise UsageError(
                Text("{count} of your lendings have the number {word}", "您有 {count} 条外借的编号为 {word}").fill(
                    count=len(found), word=word
                ),
                _LIST,
            )
        return found[0]

    def _state(self, request: Request) -> State:
        return standing(
            request, self._store.lent(request.asked.id), len(self._store.copies(request.asked.id)), self._clock.now()
        )

    def _line(self, request: Request) -> Line:
        asked = request.asked
        lent, copies = self._store.lent(asked.id), self._store.copies(asked.id)
        return Line(
            id=asked.id,
            state=standing(request, lent, len(copies), self._clock.now()),
            file=readable(request.name),
            level=asked.level,
            medium=asked.medium.name,
            reason=asked.reason,
            time=asked.time,
            days=asked.days,
            until=lent.grant.until if lent else 0,
            left=lent.left if lent else 0,
            copies=tuple(readable(str(copy.place)) for copy in copies[:20]),
            note=request.note,
            heard=request.heard,
        )


def standing(request: Request, lent: Lent | None, out: int, now: int) -> State:
    """Where a lending stands by what this PC knows, which may be more than the collector has heard."""
    if lent is None:
        return request.state
    revoked = lent.grant.revoked or lent.closed == State.REVOKED
    if out:
        return State.REVOKED if revoked else State.OVERDUE if now >= lent.grant.until else State.OUT
    if lent.closed or revoked:
        return State(lent.closed or State.REVOKED)
    return State.EXPIRED if now >= lent.grant.until else State.APPROVED


def _plain(medium: Medium) -> Medium:
    return readable_medium(medium) or medium


def _judged(sandbox: Sandbox, file: int, path: Path) -> Verdict:
    if sys.platform == "win32":  # where there is no socket to pass an open file through
        raise UsageError(Text("not on this system", "本系统不支持"))
    return sandbox.verdict_of(file, os.fspath(path), utc_now().astimezone().date())
