"""What people meet while parts of the agent are dead, stopped or slow: bounded waits and clear errors."""

import os
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.acceptance.processes import wait
from tests.acceptance.station import HEAD, Station, as_person
from tests.acceptance.sticks import is_guarded

pytestmark = pytest.mark.root
MOST = 90.0  # seconds: the deadline of reading a file, and what ending its reader takes


@pytest.fixture(scope="module")
def station():
    with tempfile.TemporaryDirectory(prefix="robust-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        one = Station(folder, [f"R{os.getpid() % 10000}"], settings="limits: {seconds: 10}\n")
        try:
            one.start()
            one.wait_ready()
            yield one
        finally:
            one.close()


@pytest.fixture
def stick(station):
    station.wait_guarded()
    wait(lambda: cp(station, "warm.txt", "warm\n") == 0, 60)
    yield station.sticks[0]
    station.wait_guarded(60)


def cp(station, name, text, stick=None):
    """Copy a file with this content as a person; the exit status of cp, which a dead gateway makes 1."""
    source = station.folder / f"source-{name}"
    source.write_text(text)
    return as_person("cp", source, (stick or station.sticks[0]).path / name, seconds=MOST).returncode


class Local(threading.Thread):
    """Opens local files all the time; ``longest`` is how long one took."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.path, self.longest, self.count, self.stopping = folder / "local", 0.0, 0, threading.Event()

    def __enter__(self):
        self.path.write_text("x")
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()

    def run(self):
        while not self.stopping.wait(0.01):
            began = time.monotonic()
            self.path.read_text()
            self.path.write_text("y")
            self.longest, self.count = max(self.longest, time.monotonic() - began), self.count + 1


def test_killed(station, stick):
    with Local(station.folder) as local:
        before = station.agent
        os.kill(before, signal.SIGKILL)
        wait(lambda: cp(station, "a.txt", "clean\n") == 0, 60, station.said)
        assert station.agent not in {0, before}
    assert local.count > 10
    assert local.longest < 4, "local files do not wait for an agent"


def test_stopped(station, stick):
    before = station.agent
    with Local(station.folder) as local:
        os.kill(before, signal.SIGSTOP)
        began = time.monotonic()
        status = cp(station, "b.txt", "clean\n")
        lasted = time.monotonic() - began
        assert status != 0, "nobody was there to judge it"
        assert lasted < 20, "the supervisor ends an agent that says nothing for five seconds"
        wait(lambda: is_guarded(stick.path), 60, station.said)
    assert station.agent not in {0, before}
    assert local.longest < 4
    assert "b.txt" not in os.listdir(stick.path)


def test_a_reader_that_stands_still_does_not_hold_up_others(station, stick):
    """As a scan that takes for ever: the reader of documents is stopped with a file in its hands."""
    assert cp(station, "c.txt", "clean\n") == 0
    held = station.workers
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        status: list[int] = []
        thread = threading.Thread(target=lambda: status.append(cp(station, "held.txt", "clean " * 5000)))
        began = time.monotonic()
        thread.start()
        with Local(station.folder) as local:
            assert as_person("ls", "-l", stick.path, seconds=5).returncode == 0, "looking goes on"
            assert as_person("cat", stick.path / "c.txt", seconds=5).stdout == b"clean\n", "and reading"
            thread.join(MOST)
        assert not thread.is_alive(), "a close has an end"
        assert time.monotonic() - began < MOST
        assert local.longest < 4
    finally:
        for pid in held:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue
    wait(lambda: cp(station, "d.txt", "clean\n") == 0, 60, station.said)


def test_a_reader_that_crashes(station, stick):
    assert cp(station, "e.txt", "clean\n") == 0
    for pid in station.workers:
        os.kill(pid, signal.SIGSEGV)
    # the file over which a reader dies that never read another is taken for the cause, and may be refused once
    wait(lambda: cp(station, "f.txt", "clean\n") == 0, 60, lambda: f"another one reads it: {station.said()[-2000:]}")
    for pid in station.workers:
        os.kill(pid, signal.SIGSEGV)
    assert cp(station, "g.txt", HEAD) != 0
    assert "g.txt" not in os.listdir(stick.path)


def test_more_closes_at_once_than_are_judged_at_once(station, stick):
    """A full queue: everybody gets an answer, those who only look get theirs at once."""
    count = 120
    folder = station.folder / "many"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.txt").write_text(f"clean {number}\n" if number % 4 else HEAD + str(number))
    script = f"for i in $(seq 0 {count - 1}); do cp {folder}/$i.txt {stick.path}/many-$i.txt 2>/dev/null & done; wait"
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(as_person("sh", "-c", script, seconds=200).returncode))
    thread.start()
    looks = []
    while thread.is_alive():
        began = time.monotonic()
        os.stat(stick.path / "warm.txt")
        looks.append(time.monotonic() - began)
        time.sleep(0.05)
    thread.join()
    there = {name for name in os.listdir(stick.path) if name.startswith("many-")}
    assert there == {f"many-{number}.txt" for number in range(count) if number % 4}
    assert max(looks) < 5


def test_the_supervisor_killed_and_started_again(station, stick):
    agent = station.agent
    station.process.kill()
    wait(lambda: not Path(f"/proc/{agent}").exists(), 20, "the agent ends with it")
    assert cp(station, "h.txt", "clean\n") != 0
    station.start()
    wait(lambda: cp(station, "h.txt", "clean\n") == 0, 60, station.said)


def test_an_orderly_end(station, stick):
    assert cp(station, "last.txt", "last\n") == 0
    assert station.stop() == 0
    assert cp(station, "after.txt", "clean\n") != 0, "read only without an agent"
    assert as_person("cat", stick.path / "last.txt").stdout == b"last\n"
    assert stick.raw(b"CLASSIFIED") == set()
    station.start()
