"""What a sandbox and its worker say to each other: length-prefixed msgpack frames over a socket pair.

Every frame is ``<uint32 little endian: bytes of body> <body>``. Frames from a worker are untrusted: they are decoded
into the shapes below, at most ``MAX_FRAME`` bytes each, and nothing in them is ever run.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from datetime import date

import msgspec

from agent.extract.kits import Kit
from config.levels import Level
from config.limits import Limits
from config.text import Text
from config.verdict import Coverage, Finding, Mark, Segment

MAX_FRAME = 256 * 2**20
_LENGTH = struct.Struct("<I")


class Hello(msgspec.Struct, tag="hello", frozen=True):
    """The first frame a worker gets. Without ``detect`` no rules are loaded and only extraction is served."""

    limits: Limits
    rules: tuple[str, ...] | None
    key: bytes
    exam_level: Level
    detect: bool
    kit: Kit = Kit.COMMON
    ocr: bool = False
    passwords: tuple[str, ...] = ()
    registers: str = ""  # the folder of signed registers; none: nothing is registered
    signers: tuple[str, ...] = ()  # public keys (hex) whose registers are used
    thresholds: dict[str, dict[int, Level]] = {}  # the policy's own counts, by rule
    cache: str = ""  # a file for the compiled patterns, where only the user of this process can write
    verify: bool = False  # have each rule pass its own examples before it is used


class Job(msgspec.Struct, tag="job", frozen=True):
    """One file to read. Its descriptor travels with the frame; ``name`` is bytes because file names need not decode."""

    name: bytes
    today: date | None = None  # with a date the text is judged inside and only the judgement comes back
    path: bytes = b""  # only where descriptors cannot be passed
    careful: bool = False  # the last worker ran out of memory: leave out the library that asks for what a file claims
    stop: int = 0  # segments after which to stop, because what follows ended the last worker; 0: read to the end


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """The worker's first answer: which layers hold it, each true or the reason why not; or why it cannot serve."""

    layers: dict[str, bool | str]
    error: Text | None = None
    hint: Text | None = None


class Part(msgspec.Struct, tag="part", frozen=True):
    """Some of the text, in order."""

    segments: tuple[Segment, ...]


class Longer(msgspec.Struct, tag="longer", frozen=True):
    """The file unpacks to more than it looked, and takes ``seconds`` more from now on."""

    seconds: float


class Done(msgspec.Struct, tag="done", frozen=True):
    """The end of one job."""

    media_type: str
    sha256: str
    coverage: Coverage
    error: str = ""
    level: Level = Level.PUBLIC
    marks: tuple[Mark, ...] = ()
    mentions: tuple[Mark, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Text, ...] = ()
    needs: Kit | None = None  # nothing was judged: a worker with this kit is to read the file anew


ToWorker = Hello | Job
FromWorker = Ready | Part | Longer | Done


class Channel:
    """One end of the socket pair."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self._encoder = msgspec.msgpack.Encoder()

    def send(self, frame: ToWorker | FromWorker, descriptor: int | None = None) -> None:
        """Send one frame, and a file descriptor with it.

        Raises:
            OSError: the other end is gone, or did not take it in time.
        """
        try:
            body = self._encoder.encode(frame)
        except UnicodeEncodeError:  # half of a surrogate pair in extracted text
            body = self._encoder.encode(_clean(frame))
        data = _LENGTH.pack(len(body)) + body
        if sys.platform != "win32" and descriptor is not None:
            data = data[socket.send_fds(self.link, [data], [descriptor]) :]
        self.link.sendall(data)

    def receive(self, shape: type[FromWorker | ToWorker], timeout: float | None = None) -> tuple[object, int | None]:
        """The next frame and the descriptor that came with it.

        Args:
            shape: the union the frame must fit.
            timeout: seconds for the whole frame; none waits for ever.

        Raises:
            EOFError: the other end is gone.
            TimeoutError: the frame did not come in time.
            OSError: the connection broke.
            msgspec.DecodeError: the frame does not fit.
        """
        if self.link.gettimeout() != timeout:  # a worker may not change its socket any more
            self.link.settimeout(timeout)
        descriptor: int | None = None
        head = b""
        while len(head) < _LENGTH.size:
            data, descriptors = _receive(self.link, _LENGTH.size - len(head))
            for extra in descriptors:
                if descriptor is None:
                    descriptor = extra
                else:
                    os.close(extra)
            if not data:
                raise EOFError
            head += data
        length = _LENGTH.unpack(head)[0]
        if length > MAX_FRAME:
            raise msgspec.DecodeError(f"a frame of {length} bytes")
        body = bytearray(length)
        view, filled = memoryview(body), 0
        while filled < length:
            count = self.link.recv_into(view[filled:])
            if not count:
                raise EOFError
            filled += count
        return msgspec.msgpack.decode(body, type=shape), descriptor

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):
            self.link.close()


def _receive(link: socket.socket, size: int) -> tuple[bytes, list[int]]:
    if sys.platform == "win32":
        return link.recv(size), []
    else:  # noqa: RET505 - so that type checkers skip it on Windows
        data, descriptors, _, _ = socket.recv_fds(link, size, 1)
        return data, descriptors


def clean(text: str) -> str:
    """Text that UTF-8 can hold: paired surrogates become their character, single ones U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _clean(frame: ToWorker | FromWorker) -> object:
    def walk(value: object) -> object:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, dict):
            return {walk(key): walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list | tuple) else value

    tag = type(frame).__struct_config__.tag
    return {
        "type": tag,
        **{str(k): walk(v) for k, v in msgspec.to_builtins(frame, builtin_types=(bytes, date)).items()},
    }
