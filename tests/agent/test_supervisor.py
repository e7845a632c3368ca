"""The process above the agent, with a stand-in for the agent that does as it is told."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

CHILD = r"""
import os, signal, sys, time
from pathlib import Path
folder, ways = Path(sys.argv[1]), sys.argv[2].split(",")
beats = int(sys.argv[sys.argv.index("--beat") + 1])
def note(word):
    with open(folder / "notes", "a") as file:
        file.write(f"{word} {os.getpid()} {time.monotonic()}\n")
def told(number, frame):
    note(signal.Signals(number).name)
    if "deaf" not in ways:
        sys.exit(3 if "three" in ways else 0)
signal.signal(signal.SIGTERM, told)
signal.signal(signal.SIGINT, told)
note("start")
if "heart" in ways:
    from agent.supervisor import Heart
    Heart(beats, lambda: True).start()
if "usage" in ways:
    sys.exit(2)
if "late usage" in ways:
    os.write(beats, b".")
    time.sleep(0.2)
    sys.exit(2)
if "crash" in ways:
    os.write(beats, b".")
    os.abort()
if "shuts" in ways:
    os.close(beats)
while True:
    time.sleep(0.05)
    if "mute" not in ways and "heart" not in ways and "shuts" not in ways:
        os.write(beats, b".")
"""
ABOVE = """
import sys
from agent.supervisor import Patience, supervise
sys.exit(supervise([sys.executable, "-c", *sys.argv[2:]], Patience(*map(float, sys.argv[1].split(",")))))
"""


class Above:
    """A supervisor with its child; ``notes`` are the words the child left, with its process and the time."""

    def __init__(self, folder, ways="", patience="1,2,2"):
        self.folder = folder
        with (folder / "log").open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-c", ABOVE, patience, CHILD, folder, ways], stdout=log, stderr=log
            )

    @property
    def notes(self):
        file = self.folder / "notes"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(word, int(pid), float(when)) for word, pid, when in map(str.split, lines)]

    def starts(self, count, seconds=20.0):
        """Wait for the child to have been started so often; its process ids."""
        end = time.monotonic() + seconds
        while len(found := [pid for word, pid, _ in self.notes if word == "start"]) < count:
            assert time.monotonic() < end, self.notes
            assert self.popen.poll() is None, "the supervisor ended"
            time.sleep(0.02)
        return found


@pytest.fixture
def above(tmp_path):
    made = []

    def make(*arguments, **more):
        made.append(Above(tmp_path, *arguments, **more))
        return made[-1]

    yield make
    for one in made:
        pids = [pid for word, pid, _ in one.notes if word == "start"]
        one.popen.kill()
        one.popen.wait()
        for pid in pids:
            if is_child_program(pid):
                os.kill(pid, signal.SIGKILL)


def is_child_program(pid):
    try:
        return b"--beat" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def gone(pid, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not is_child_program(pid):
            return True
        time.sleep(0.02)
    return False


def test_a_killed_child_is_started_again(above):
    one = above()
    (first,) = one.starts(1)
    os.kill(first, signal.SIGKILL)
    second = one.starts(2)[1]
    assert second != first
    os.kill(second, signal.SIGKILL)
    one.starts(3)


def test_a_child_that_crashes_is_started_again_and_each_time_a_little_later(above):
    one = above("crash")
    one.starts(4)
    times = [when for word, _, when in one.notes if word == "start"]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits[2] > 1.6, "0.4, 0.8 and 1.6 seconds, and what a start takes"
    assert waits[2] > waits[0]


def test_a_stopped_child_is_ended_within_the_patience(above):
    one = above(patience="1,30,2")
    (first,) = one.starts(1)
    time.sleep(0.3)  # it has beaten
    os.kill(first, signal.SIGSTOP)
    one.starts(2, 10)
    assert gone(first)


def test_a_child_that_never_beats_is_ended_after_the_patience_of_a_start(above):
    one = above("mute", patience="60,0.5,2")
    first = one.starts(2)[0]
    assert gone(first)


def test_a_child_that_closes_its_pipe_and_goes_on_is_ended(above):
    one = above("shuts", patience="0.5,60,2")
    first = one.starts(2)[0]
    assert gone(first)


def test_an_error_of_configuration_ends_it_all(above):
    one = above("usage")
    assert one.popen.wait(20) == 2
    assert len(one.notes) == 1


def test_the_same_status_later_is_an_accident(above):
    one = above("late usage")
    one.starts(2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_end_is_passed_on(above, number):
    one = above("three")
    one.starts(1)
    one.popen.send_signal(number)
    assert one.popen.wait(20) == 3, "with the status of the child"
    assert [word for word, *_ in one.notes] == ["start", "SIGTERM"]


def test_being_told_while_the_child_waits_to_be_started_again(above):
    one = above("crash")
    one.starts(3)
    one.popen.terminate()
    assert one.popen.wait(20) in {0, 134}


def test_a_child_that_does_not_listen_is_killed_after_its_last_chance(above):
    one = above("deaf", patience="5,5,1")
    (first,) = one.starts(1)
    one.popen.terminate()
    assert one.popen.wait(20) == 0
    assert gone(first)
    assert [word for word, *_ in one.notes] == ["start", "SIGTERM"]


def test_a_stopped_child_does_not_keep_the_supervisor_from_ending(above):
    one = above(patience="60,60,1")
    (first,) = one.starts(1)
    os.kill(first, signal.SIGSTOP)
    one.popen.terminate()
    one.popen.wait(20)
    assert gone(first)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_the_child_dies_with_the_supervisor(above):
    one = above("heart")
    (first,) = one.starts(1)
    time.sleep(0.5)
    one.popen.kill()
    one.popen.wait()
    assert gone(first)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_a_child_whose_supervisor_died_before_it_could_say_so_ends_itself(tmp_path):
    hears, beats = os.pipe()
    os.close(hears)
    command = [sys.executable, "-c", CHILD, tmp_path, "heart", "--beat", str(beats)]
    child = subprocess.Popen(command, pass_fds=[beats])
    os.close(beats)
    try:
        assert child.wait(20) == 1
    finally:
        child.kill()
        child.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_nothing_is_left_open(above):
    one = above(patience="5,5,2")

    def fds():
        return sorted(os.listdir(f"/proc/{one.popen.pid}/fd"))

    one.starts(1)
    time.sleep(0.2)
    before = fds()
    for count in range(2, 5):
        os.kill(one.starts(count - 1)[-1], signal.SIGKILL)
        one.starts(count)
    time.sleep(0.2)
    assert fds() == before


def test_a_program_that_cannot_be_started_now_may_be_later(tmp_path):
    late = tmp_path / "late"
    above = """
import sys
from agent.supervisor import supervise
sys.exit(supervise([sys.argv[1]]))
"""
    one = subprocess.Popen([sys.executable, "-c", above, late], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        assert one.poll() is None
        script = tmp_path / "script"
        script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 0\n")
        script.chmod(0o755)
        script.rename(late)
        assert one.wait(20) == 0
        assert (tmp_path / "ran").exists()
    finally:
        one.kill()
        one.wait()
