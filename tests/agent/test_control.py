"""The agent's socket: answers for whoever the kernel says is asking, and no client can harm it."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time

import msgspec
import pytest

from agent import control as module
from agent.control import Ask, Control, call, where
from agent.home import SYSTEM, Site
from config.errors import UsageError
from config.settings import AgentSettings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such sockets there")


class Size(Ask, frozen=True, tag="size"):
    """Of a file."""

    word: str = ""


class Sleep(Ask, frozen=True, tag="sleep"):
    """Until told."""


class Trouble(Ask, frozen=True, tag="trouble"):
    """A handler that fails."""

    known: bool


class Told(msgspec.Struct):
    uid: int = -1
    name: str = ""
    content: str = ""
    word: str = ""


class Server:
    def __init__(self, site):
        self.release = threading.Event()
        self.control = Control(where(site), {Size: self.size, Sleep: self.sleep, Trouble: self.trouble})
        self.path = where(site)

    def size(self, peer, ask, file):
        content = "" if file is None else os.fdopen(os.dup(file), "rb")
        if content:
            with content as opened:
                content = opened.read().decode()
        return Told(peer.uid, peer.user.name, content, ask.word)

    def sleep(self, peer, ask, file):
        self.release.wait(20)
        return Told(peer.uid)

    def trouble(self, peer, ask, file):
        raise UsageError("no, because", "do this") if ask.known else RuntimeError("surprise")


@pytest.fixture
def site(tmp_path):
    return Site(AgentSettings(), tmp_path)


@pytest.fixture
def server(site):
    made = Server(site)
    made.control.start()
    yield made
    made.release.set()
    made.control.stop()


def descriptors():
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def raw(server, data, files=(), *, end=True):
    """What comes back when a client sends just this."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(20)
        link.connect(str(server.path))
        if files:
            socket.send_fds(link, [data], list(files))
        else:
            link.sendall(data)
        if end:
            link.shutdown(socket.SHUT_WR)
        answer = b""
        while part := link.recv(65_536):
            answer += part
    return json.loads(answer)


def works(site):
    assert call(site, Size("still"), Told).word == "still"


def test_the_agent_hears_who_asks_and_what(server, site, tmp_path):
    (tmp_path / "a").write_text("内容")
    with (tmp_path / "a").open("rb") as file:
        file.seek(3)
        told = call(site, Size("字"), Told, file.fileno())
    assert (told.uid, told.content, told.word) == (os.geteuid(), "内容", "字")
    assert told.name
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o666


def test_no_agent_is_said_with_what_to_do(site):
    with pytest.raises(UsageError, match="no agent answers") as caught:
        call(site, Size(), Told)
    assert "shoumi agent run" in caught.value.hint.en


def test_a_no_comes_with_its_hint_and_a_surprise_tells_nothing(server, site):
    with pytest.raises(UsageError, match="no, because") as caught:
        call(site, Trouble(known=True), Told)
    assert caught.value.hint.en == "do this"
    with pytest.raises(UsageError, match="unexpected trouble") as caught:
        call(site, Trouble(known=False), Told)
    assert "surprise" not in str(caught.value)
    works(site)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"nonsense\n",
        b"{}\n",
        b"[]\n",
        b'{"ask": "format the disk"}\n',
        b'{"ask": "size", "uid": 0}\n',
        b'{"ask": "size", "word": 7}\n',
        b'{"ask": "size"}',
        b'{"ask": "size"}\n{"ask": "size"}\n',
        b"\xff\xfe\n",
        b"[" * 60_000 + b"\n",
        b'{"ask": "size", "word": "' + b"x" * 2 * module.MAX_REQUEST + b'"}\n',
        b"x" * 3 * module.MAX_REQUEST,
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_no_request_gets_an_error(server, site, data):
    try:
        answer = raw(server, data)
    except ConnectionError:  # it was told so while it still sent
        answer = {"error": {"text": {"en": "too large"}}} if len(data) > module.MAX_REQUEST else {}
    assert answer["error"]["text"]["en"]
    works(site)


def test_a_slow_client_is_given_up_and_holds_up_nobody(server, site, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.5)
    with socket.socket(socket.AF_UNIX) as slow:
        slow.settimeout(20)
        slow.connect(str(server.path))
        slow.sendall(b'{"ask"')
        works(site)
        assert b"did not come in time" in slow.recv(65_536)


def test_a_drop_at_a_time_is_no_way_to_stay(server, site, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.5)
    with socket.socket(socket.AF_UNIX) as slow:
        slow.settimeout(0.05)
        slow.connect(str(server.path))
        answer, deadline = b"", time.monotonic() + 20
        while not answer and time.monotonic() < deadline:
            try:
                slow.send(b" ")
                answer = slow.recv(65_536)
            except TimeoutError:
                continue
            except BrokenPipeError:
                slow.settimeout(5)
                answer = slow.recv(65_536)
        assert b"did not come in time" in answer


def test_one_person_cannot_take_all_places(server, site):
    links = [socket.socket(socket.AF_UNIX) for _ in range(module.MOST_EACH + 3)]
    try:
        for link in links:
            link.settimeout(20)
            link.connect(str(server.path))
            link.sendall(b'{"ask": "sleep"}\n')
        for link in links[module.MOST_EACH :]:
            assert b"busy" in link.recv(65_536)
        server.release.set()
        for link in links[: module.MOST_EACH]:
            assert b'"ok"' in link.recv(65_536)
    finally:
        for link in links:
            link.close()
    deadline = time.monotonic() + 20
    while server.control._here and time.monotonic() < deadline:
        time.sleep(0.01)
    works(site)


def test_a_client_that_leaves_harms_nothing(server, site):
    for data in (b"", b'{"ask": "size"}\n', b'{"ask"'):
        for _ in range(20):
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(str(server.path))
                link.send(data)
    deadline = time.monotonic() + 20
    while server.control._here and time.monotonic() < deadline:
        time.sleep(0.01)
    works(site)


# files


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.txt").write_text("secret")
    return tmp_path / "a.txt"


@pytest.mark.parametrize(
    "what", ["a folder", "a pipe", "a device", "a socket", "for writing only", "a path only", "two", "nine"]
)
def test_what_is_no_file_for_reading_is_refused_and_closed(server, site, file, tmp_path, what):
    count = descriptors()
    opened = []
    try:
        if what == "a folder":
            opened = [os.open(tmp_path, os.O_RDONLY)]
        elif what == "a pipe":
            opened = list(os.pipe())[:1]
        elif what == "a device":
            opened = [os.open("/dev/zero", os.O_RDONLY)]
        elif what == "a socket":
            opened = [socket.socket(socket.AF_UNIX).detach()]
        elif what == "for writing only":
            opened = [os.open(file, os.O_WRONLY)]
        elif what == "a path only":
            opened = [os.open(file, getattr(os, "O_PATH", os.O_WRONLY))]
        else:
            opened = [os.open(file, os.O_RDONLY) for _ in range({"two": 2, "nine": 9}[what])]
        answer = raw(server, b'{"ask": "size"}\n', opened)
        assert answer["error"]["text"]["en"]
    finally:
        for one in opened:
            os.close(one)
    works(site)
    deadline = time.monotonic() + 20
    while descriptors() > count + 1 and time.monotonic() < deadline:  # a pipe's other end is ours to count
        time.sleep(0.01)
    assert descriptors() <= count + 1


def test_files_that_come_one_by_one_are_not_gathered_for_ever(server, site, file):
    count = descriptors()
    with file.open("rb") as opened, socket.socket(socket.AF_UNIX) as link:
        link.settimeout(20)
        link.connect(str(server.path))
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            for _ in range(1000):
                socket.send_fds(link, [b" "], [opened.fileno()])
        assert b"too many files" in link.recv(65_536)
    works(site)
    assert descriptors() <= count + 1


def test_the_client_cannot_move_where_the_agent_reads(server, site, file):
    with file.open("rb") as opened:
        opened.seek(0, os.SEEK_END)
        assert call(site, Size(), Told, opened.fileno()).content == "secret"
        assert opened.tell() == 6


def test_a_file_that_was_removed_can_still_be_read(server, site, file):
    with file.open("rb") as opened:
        file.unlink()
        assert call(site, Size(), Told, opened.fileno()).content == "secret"


# the socket itself


def test_a_long_path_and_a_socket_left_by_a_killed_agent(tmp_path):
    home = tmp_path / ("long" * 25)
    home.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "agent.sock"))
    os.rename(tmp_path / "agent.sock", home / "agent.sock")
    site = Site(AgentSettings(), home)
    server = Server(site)
    server.control.start()
    try:
        works(site)
    finally:
        server.control.stop()
    assert not (home / "agent.sock").exists()


def test_an_agent_that_cannot_listen_says_so_and_goes_on(tmp_path):
    (tmp_path / "agent.sock").mkdir()
    server = Server(Site(AgentSettings(), tmp_path))
    server.control.start()
    assert "nobody can ask" in server.control.problem.en
    server.control.stop()


def test_the_systems_agent_listens_where_everybody_can_ask():
    assert str(where(Site(AgentSettings(), SYSTEM))) == "/run/shoumi/agent.sock"


@pytest.mark.root
def test_another_person_is_known_by_the_kernel_and_reads_only_own_files(server, site, tmp_path, file):
    """A member of staff asks; what that person may not open cannot be handed over."""
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/") and folder != "/tmp":
            folder.chmod(0o755)
    file.chmod(0o600)
    code = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "link = socket.socket(socket.AF_UNIX); link.settimeout(20); link.connect(sys.argv[1])\n"
        'link.sendall(b\'{"ask": "size"}\\n\'); print(link.recv(65536).decode().strip())\n'
        "try: os.open(sys.argv[2], os.O_RDONLY)\n"
        "except PermissionError: print('no')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(server.path), str(file)], capture_output=True, text=True
    )
    answer, refused = done.stdout.splitlines()
    assert json.loads(answer)["ok"]["uid"] == 65_534
    assert json.loads(answer)["ok"]["name"] == "nobody"
    assert refused == "no"


@pytest.mark.root
def test_a_file_is_handed_to_nobody_but_the_agent(site, tmp_path, monkeypatch):
    """Somebody else listens at the agent's address."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(where(site)))
        listener.listen()
        monkeypatch.setattr(module, "peer_of", lambda link: 1234)
        with pytest.raises(UsageError, match="no agent answers"):
            call(site, Size(), Told)


def test_an_answer_given_before_all_was_sent_is_read(server, site, file, monkeypatch):
    monkeypatch.setattr(module, "MOST_EACH", 0)
    for _ in range(20):
        with file.open("rb") as opened, pytest.raises(UsageError, match="busy"):
            call(site, Size("x" * 60_000), Told, opened.fileno())
