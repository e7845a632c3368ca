"""The agent's local socket: what members of staff may ask the agent of this machine, and its answers.

One request a connection: a line of JSON (:class:`Ask`), then a line of JSON back. Who asks is what the kernel says of
the other end, never what the request says. A file travels as an open descriptor (SCM_RIGHTS, unix(7)), so that the
agent reads only what the caller may read. Whatever a client sends or fails to send costs the agent one thread for some
seconds, and nobody else's place.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, Union

import msgspec

from agent.home import SYSTEM, Site
from agent.link import MAX_REQUEST, connect, peer_of, receive, send_line, short, taken
from agent.report.event import account
from config.errors import ShoumiError, UsageError
from config.events import User
from config.text import Text

log = logging.getLogger(__name__)
NAME = "agent.sock"
RUN = Path("/run/shoumi")
MAX_ANSWER = 8 * 2**20
READ_SECONDS = 5.0  # in which a whole request must have come
WRITE_SECONDS = 10.0
ANSWER_SECONDS = 900.0  # a client's patience: a large file is judged first
MOST, MOST_EACH = 32, 4  # clients at once, and of one person
T = TypeVar("T", bound=msgspec.Struct)


class Ask(msgspec.Struct, frozen=True, tag_field="ask", forbid_unknown_fields=True):
    """A request; every kind is a subclass with a ``tag``."""


class Said(msgspec.Struct, frozen=True):
    """Why not."""

    text: Text
    hint: Text = Text("", "")


class Answer(msgspec.Struct, frozen=True):
    """The line that goes back: one of the two."""

    ok: msgspec.Raw = msgspec.Raw(b"null")
    error: Said | None = None


class Peer(msgspec.Struct, frozen=True):
    """Who asks, as the kernel and the user database say."""

    uid: int
    user: User


Handler = Callable[[Peer, Any, int | None], msgspec.Struct]


def where(site: Site) -> Path:
    """The socket of the agent that lives at ``site``."""
    return RUN / NAME if site.folder == SYSTEM and sys.platform == "linux" else site.home / NAME


class Control(threading.Thread):
    """Answers until it is told to stop. Nothing a client does ends it."""

    def __init__(self, path: Path, handlers: Mapping[type[Ask], Handler]) -> None:
        super().__init__(name="control", daemon=True)
        self._path, self._handlers = path, dict(handlers)
        self._decoder = msgspec.json.Decoder(Union[tuple(handlers)])  # noqa: UP007 - made from what is handled
        self._lock, self._here = threading.Lock(), Counter[int]()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = None
        self.problem: Text | None = None  # why nobody can ask

    def start(self) -> None:
        """Listen; without a socket the agent works all the same, and says so."""
        try:
            self._listener = _listen(self._path)
        except OSError as problem:
            why = problem.strerror or str(problem)
            self.problem = Text(f"nobody can ask the agent at {self._path}: {why}", f"{self._path} 无法接受请求：{why}")
            log.warning("%s", self.problem.en)
            return
        super().start()

    def stop(self) -> None:
        """Take no more requests; answers under way are abandoned."""
        self._stopping.set()
        if self.is_alive():
            self.join(5)
        if self._listener is not None:
            self._listener.close()
            with suppress(OSError):
                self._path.unlink()

    def run(self) -> None:
        """Take one client after the other."""
        listener = self._listener
        while listener is not None and not self._stopping.is_set():
            try:
                link, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError as problem:  # no descriptors left, for example
                log.warning("cannot take a request: %s", problem)
                self._stopping.wait(1.0)
                continue
            try:
                self._take(link)
            except Exception:  # the thread must outlive every surprise
                log.exception("cannot take a request")
                link.close()

    def _take(self, link: socket.socket) -> None:
        peer = peer_of(link)
        with self._lock:
            full = self._here.total() >= MOST or self._here[peer] >= MOST_EACH
            if not full:
                self._here[peer] += 1
        if full:
            with link:
                link.settimeout(0.1)
                _send(link, _error(Text("the agent is busy with other requests", "客户端正忙"), _LATER))
            return
        try:
            threading.Thread(target=self._serve, args=(link, peer), name="control client", daemon=True).start()
        except RuntimeError:  # the system has no thread left
            self._left(peer)
            raise

    def _left(self, uid: int) -> None:
        with self._lock:
            self._here[uid] -= 1
            if not self._here[uid]:
                del self._here[uid]

    def _serve(self, link: socket.socket, uid: int) -> None:
        try:
            with link:
                answer = self._answer(link, uid)
                link.settimeout(WRITE_SECONDS)
                _send(link, answer)
        except Exception:  # a client's end is nobody else's
            log.exception("a request could not be answered")
        finally:
            self._left(uid)

    def _answer(self, link: socket.socket, uid: int) -> Answer:
        descriptors: list[int] = []
        try:
            line = receive(link, MAX_REQUEST, time.monotonic() + READ_SECONDS, descriptors)
            ask = self._decoder.decode(line)
            with taken(descriptors) as file:
                done = self._handlers[type(ask)](Peer(uid, account(uid)), ask, file)
            return Answer(ok=msgspec.Raw(msgspec.json.encode(done)))
        except msgspec.DecodeError as problem:
            return _error(Text(f"the request is not understood: {problem}", f"无法理解该请求：{problem}"), _VERSIONS)
        except ShoumiError as problem:
            return _error(problem.text, problem.hint)
        except OSError as problem:
            why = problem.strerror or str(problem)
            return _error(Text(f"that did not work: {why}", f"操作失败：{why}"), _LATER)
        except Exception:
            log.exception("a request could not be answered")
            return _error(Text("unexpected trouble in the agent; its log says more", "客户端发生意外错误，详见其日志"))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


def call(site: Site, ask: Ask, shape: type[T], file: int | None = None) -> T:
    """Ask the agent of this machine; ``file`` is a descriptor to hand over.

    Raises:
        UsageError: no agent runs here, or it says no; with what to do next.
    """
    if sys.platform == "win32":
        raise UsageError(Text("the agent cannot be asked on this system yet", "此系统尚不支持向客户端提出请求"))
    path = where(site)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(ANSWER_SECONDS)
        try:
            with short(path) as name:
                connect(link, name)
            if peer_of(link) not in {0, os.geteuid()}:  # an open file is handed to nobody else
                raise PermissionError(1, "somebody else listens there")
        except OSError as problem:
            raise UsageError(
                Text(
                    f"no agent answers at {path} ({problem.strerror})", f"{path} 处没有客户端响应（{problem.strerror}）"
                ),
                Text(
                    "start it with `shoumi agent run`, or ask your system admin",
                    "请运行 `shoumi agent run`，或联系系统管理员",
                ),
            ) from None
        try:
            with suppress(BrokenPipeError):  # it has said no already, which is read below
                send_line(link, msgspec.json.encode(ask), file)
            line = receive(link, MAX_ANSWER, time.monotonic() + ANSWER_SECONDS, [])
            answer = msgspec.json.decode(line, type=Answer)
            if answer.error is None:
                return msgspec.json.decode(answer.ok, type=shape)
        except (OSError, msgspec.DecodeError) as problem:
            raise UsageError(
                Text(f"the agent gave no answer: {problem}", f"客户端没有应答：{problem}"),
                Text("`shoumi request list` shows whether it was taken", "请用 `shoumi request list` 查看是否已受理"),
            ) from None
        except UsageError as problem:
            raise UsageError(problem.text, _VERSIONS) from None
    raise UsageError(answer.error.text, answer.error.hint)


_LATER = Text("try again in a moment", "请稍后重试")
_VERSIONS = Text("use the same version of shoumi as the agent's", "请使用与客户端版本一致的 shoumi")


def _error(text: Text, hint: Text = Text("", "")) -> Answer:  # noqa: B008 - it never changes
    return Answer(error=Said(text, hint))


def _send(link: socket.socket, answer: Answer) -> None:
    line = msgspec.json.encode(answer)
    if len(line) >= MAX_ANSWER:
        line = msgspec.json.encode(_error(Text("the answer is too large", "应答过大")))
    with suppress(OSError):  # the client has gone, or takes nothing
        link.sendall(line + b"\n")
        link.shutdown(socket.SHUT_WR)


def _listen(path: Path) -> socket.socket:
    """A socket that everybody may ask at, in a folder that only we may change."""
    if sys.platform == "win32":
        raise OSError(95, "this system has no such sockets")
    if path.parent == RUN:
        path.parent.mkdir(mode=0o755, exist_ok=True)
        folder = path.parent.lstat()
        if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.geteuid():
            raise PermissionError(1, "the folder is somebody else's")
        path.parent.chmod(0o755)
    path.unlink(missing_ok=True)  # of an agent that was killed: there is one a home
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with short(path) as name:
            listener.bind(name)
        path.chmod(0o666)
        listener.listen(128)
        listener.settimeout(0.5)
    except BaseException:
        listener.close()
        raise
    return listener
