"""Copies coming back: what is still on a medium, erasing it, and reminding people before and after it is due."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

import msgspec

from agent.act.destroy import DestroyError
from agent.lending.clock import Clock
from agent.lending.grants import on_medium, same
from agent.lending.search import Folder, Look, View, digest, search, size
from agent.lending.shapes import Copy, Lent, masked
from agent.lending.store import KEPT_DAYS, LendingError, Store
from agent.report.event import readable_medium
from agent.watch.removable import mounted
from config.errors import ShoumiError, UsageError
from config.events import Medium
from config.lending import DAY_MS, Act, Acted, State
from config.text import Text, readable

log = logging.getLogger(__name__)
HOUR_MS = 3_600_000
_UNSETTLED = HOUR_MS  # a copy that neither landed nor failed for so long counts as landed
_LISTED = 20  # places named in an answer
_REMINDERS = 40  # days after which the daily reminder ends; the officers have had it for long


class GivenBack(msgspec.Struct, frozen=True):
    """How a return went. ``done`` says that the medium was looked through and holds no such content."""

    done: bool
    erased: int = 0
    found: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    problem: Text = Text("", "")


class Returns:
    """Watches over copies that are out. Safe to use from several threads."""

    def __init__(self, store: Store, clock: Clock, told: Callable[[str, Text], None]) -> None:
        """``told`` says something to a person (account name)."""
        self._store, self._clock, self._told = store, clock, told
        self._lock = threading.Lock()  # one medium at a time is looked through
        self.changed: Callable[[], None] = lambda: None  # called when there is something new to tell
        self.media: Callable[[], dict[Path, Medium]] = mounted  # what is plugged in, by the folder to reach it through
        self.seen_at: Callable[[Path], Path | None] = lambda _root: None  # where everybody else sees it, if elsewhere

    def inserted(self, root: Path, medium: Medium, view: View | None = None) -> None:
        """A medium came: note that a copy is still there; when it is due, look for it and say what to do.

        Args:
            root: the folder through which the medium can be read.
            medium: which one it is.
            view: another way to its files than ``root`` itself; its paths lie below ``root``.
        """
        view, medium = view or Folder(root, self.seen_at(root)), readable_medium(medium) or medium
        try:
            out = [lent for lent in self._store.lents() if lent.closed != State.RETURNED and self._on(lent, medium)]
        except LendingError as problem:
            log.warning("%s", problem)
            return
        for lent in out:
            try:
                with self._lock:
                    self._look_after(lent, self._on(lent, medium), root, medium, view)
            except (ShoumiError, OSError) as problem:  # pulled while it was looked through: the next time is another
                log.info("a medium could not be looked through: %s", problem)

    def give_back(self, grant: str, root: Path, medium: Medium, *, erase: bool, view: View | None = None) -> GivenBack:
        """Look whether a medium still holds what was lent, after erasing it where that is wanted.

        The grant is returned when nothing of all it was used for is left.

        Raises:
            UsageError: nothing of this grant is out, or it is out on another medium.
        """
        view, medium = view or Folder(root, self.seen_at(root)), readable_medium(medium) or medium
        lent = self._store.lent(grant)
        if lent is None or not self._store.copies(grant):
            raise UsageError(
                Text("nothing is out under this number", "该编号下没有外借在外的副本"),
                Text("`shoumi request list` shows what is", "请用 `shoumi request list` 查看"),
            )
        copies = self._on(lent, medium)
        if not copies:
            raise UsageError(
                Text("this is not the device it was lent on", "这不是该次外借所用的介质"),
                Text("plug that one in", "请插入外借时使用的介质"),
            )
        if any(copy.state == "pending" for copy in copies):  # it lands after the look
            raise UsageError(
                Text("a copy is being written just now", "正在写入副本"),
                Text("try again when it is done", "请在写入完成后重试"),
            )
        with self._lock:
            erased, problem = self._erase(lent, copies, root, medium, view) if erase else (0, Text("", ""))
            look = self._look(lent, self._on(lent, medium), root, medium, view)
            done = not (look.found or look.changed or look.unread)
            if done:
                self._gone(lent, copies, medium, Act.ERASED if erased else Act.RETURNED)
        found, changed, unread = (_places(root, paths) for paths in (look.found, look.changed, look.unread))
        return GivenBack(done, erased, found, changed, unread, problem)

    def tick(self, now: datetime) -> None:
        """What the passing of time asks for: overdue told once, reminders 24 and 2 hours before, and daily after."""
        time = self._clock.now(now)
        if self._store.settle(before=time - _UNSETTLED):
            self.changed()
        self._store.prune(time - KEPT_DAYS * DAY_MS)
        for lent in self._store.lents():
            copies = [] if lent.closed == State.RETURNED else self._store.copies(lent.grant.id)
            if not copies:
                continue
            if time >= lent.grant.until and self._store.record(lent.grant.id, Act.OVERDUE, time, lent.grant.user):
                self.changed()
            self._remind(lent, copies, time)

    def name(self, grant: str) -> str:
        """What the person calls the file of a grant."""
        request = self._store.request(grant)
        return readable(request.name) if request else f"No. {grant[:12]}"

    def _on(self, lent: Lent, medium: Medium) -> list[Copy]:
        """Copies of a grant that are on this medium."""
        return [copy for copy in self._store.copies(lent.grant.id) if same(copy.medium, medium)]

    def _look_after(self, lent: Lent, copies: list[Copy], root: Path, medium: Medium, view: View) -> None:
        grant, time = lent.grant, self._clock.now()
        revoked = grant.revoked or bool(lent.closed)
        if time < grant.until and not revoked:
            there = [copy for copy in copies if digest(view, root / copy.place) == copy.sha256]
            if there and self._store.record(
                grant.id, Act.SEEN, time, grant.user, place=masked(there[0].place), medium=medium
            ):
                self.changed()
            return
        if any(copy.state == "pending" for copy in copies):
            return
        look = self._look(lent, copies, root, medium, view)
        if not (look.found or look.changed or look.unread):
            self._gone(lent, copies, medium, Act.RETURNED)
            words = Text(
                "{file} is no longer on {medium}: the lending is closed as returned. Thank you.",
                "{medium} 中已无 {file}：外借已按归还结清，谢谢。",
            )
            self._told(grant.user, words.fill(file=self.name(grant.id), medium=medium.name))
            return
        words = Text(
            "{file} on {medium} is due back{why}. Erase and return it: shoumi request return {no} --erase",
            "{medium} 上的 {file} 应当归还{why}。擦除并归还：shoumi request return {no} --erase",
        )
        why = Text(" (the grant was revoked)", "（批准已撤销）") if revoked else Text("", "")
        no, name = grant.id[:12], self.name(grant.id)
        self._told(grant.user, words.fill(file=name, medium=medium.name, why=why, no=no))

    def _look(self, lent: Lent, copies: list[Copy], root: Path, medium: Medium, view: View) -> Look:
        """Every file on the medium that has the content, but for copies of other grants that are still good."""
        sizes = {copy.size for copy in copies}
        look = search(view, root, lent.grant.sha256, sizes, {root / copy.place for copy in copies}, self._spared(lent))
        now = self.media().get(root)
        if now is None or not same(readable_medium(now) or now, medium):  # pulled: an empty folder shows nothing
            look.unread.append(root)
        return look

    def _erase(self, lent: Lent, copies: list[Copy], root: Path, medium: Medium, view: View) -> tuple[int, Text]:
        """Destroy every copy; how many, and the first thing that went wrong."""
        erased, problem = 0, Text("", "")
        half = {  # overwritten by a call that was killed, which left the size as it was
            root / copy.place
            for copy in copies
            if copy.state == "erasing" and size(view, root / copy.place) == copy.size
        }
        for path in (*half, *(one for one in self._look(lent, copies, root, medium, view).found if one not in half)):
            place = on_medium(path.relative_to(root).as_posix())
            copy = next((one for one in copies if one.place == place), None)
            if copy is None:  # renamed, or a copy of the copy: from now on it is known by this name
                copy = next((one for one in copies if digest(view, root / one.place) != lent.grant.sha256), None)
            if copy is not None and path not in half:
                self._store.move(copy.act, place)
                self._store.mark([copy.act], "erasing")
            try:
                view.destroy(path, "" if path in half else lent.grant.sha256)
                erased += 1
            except FileNotFoundError:
                erased += path in half  # it was overwritten before, and is gone now
            except (DestroyError, OSError) as trouble:
                why = readable(trouble.strerror or str(trouble)) if isinstance(trouble, OSError) else ""
                said = trouble.text if isinstance(trouble, DestroyError) else Text(why, why)
                problem = problem if problem.en else said
                if copy is not None and digest(view, path) == lent.grant.sha256:
                    self._store.mark([copy.act], "out")
        return erased, problem

    def _spared(self, lent: Lent) -> set[PurePosixPath]:
        """Where copies of the same content lie under other grants that are not due yet."""
        time = self._clock.now()
        good = {
            one.grant.id
            for one in self._store.lents()
            if one.grant.id != lent.grant.id
            and one.grant.sha256 == lent.grant.sha256
            and not (one.closed or one.grant.revoked)
            and time < one.grant.until
        }
        return {copy.place for copy in self._store.copies() if copy.grant in good}

    def _gone(self, lent: Lent, copies: list[Copy], medium: Medium, act: Act) -> None:
        """Copies are off this medium; the grant is returned when none is left anywhere."""
        key, place = secrets.token_hex(16), masked(copies[0].place) if copies else ""
        said = Acted(key, lent.grant.id, act, self._clock.now(), lent.grant.user, place, medium, lent.left)
        if self._store.returned([copy.act for copy in copies], said):
            self.changed()

    def _remind(self, lent: Lent, copies: list[Copy], time: int) -> None:
        until = lent.grant.until
        days = range(min(_REMINDERS, (time - until) // DAY_MS + 1) if time >= until else 0)
        stages = [until - DAY_MS, until - 2 * HOUR_MS, *(until + day * DAY_MS for day in days)]
        stage = max((one for one in stages if one <= time and one > copies[0].time), default=0)
        if stage <= lent.reminded:
            return
        self._store.note(lent.grant.id, reminded=stage)
        words = Text(
            "{file} on {medium} was due back {when}. Plug it in, then: shoumi request return {no} --erase",
            "{medium} 上的 {file} 已于 {when} 到期，请尽快归还：插入介质后运行 shoumi request return {no} --erase",
        )
        if time < until:
            words = Text(
                "{file} on {medium} is due back {when}. To return it: shoumi request return {no} --erase",
                "{medium} 上的 {file} 应于 {when} 前归还。归还方法：shoumi request return {no} --erase",
            )
        no, when = lent.grant.id[:12], f"{datetime.fromtimestamp(until / 1000).astimezone():%Y-%m-%d %H:%M}"
        name = self.name(lent.grant.id)
        self._told(lent.grant.user, words.fill(file=name, medium=copies[0].medium.name, when=when, no=no))


def _places(root: Path, paths: list[Path]) -> tuple[str, ...]:
    return tuple(readable(str(path.relative_to(root))) for path in paths[:_LISTED])


def guarded(act: Callable[[], object]) -> None:
    """Run one thing whose failure must not end a thread."""
    try:
        act()
    except LendingError as problem:
        log.warning("%s", problem)
    except Exception:
        log.exception("lending")
