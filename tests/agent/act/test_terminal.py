import os
import select
import sys
import time

import pytest

from agent.act import terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="terminals of Linux")


@pytest.fixture
def pty():
    import pty as made

    near, far = made.openpty()
    yield near, far
    os.close(near)
    os.close(far)


def heard(near):
    ready, _, _ = select.select([near], [], [], 5)
    return os.read(near, 10_000).decode() if ready else ""


@pytest.mark.parametrize(
    ("device", "name"),
    [(0x8803, "/dev/pts/3"), (0x8903, "/dev/pts/259"), (0x1089F4, "/dev/pts/756"), (0x0402, "/dev/tty2"), (0, "")],
)
def test_the_name_of_a_terminal(device, name):
    assert terminal.name(device) == name


def test_a_person_reads_it_on_their_terminal(pty):
    near, far = pty
    assert terminal.say(os.fstat(far).st_rdev, "已阻止复制\x1b[31m\n编号 1", os.fstat(far).st_uid)
    assert heard(near).replace("\r", "") == "\n已阻止复制�[31m\n编号 1\n"  # right in raw mode too, as in an editor


def test_a_terminal_of_somebody_else_is_left_alone(pty):
    near, far = pty
    status = os.fstat(far)
    assert not terminal.say(status.st_rdev, "secret", status.st_uid + 1)
    assert not select.select([near], [], [], 0.1)[0]


def test_a_terminal_that_takes_nothing_does_not_hold_us_up(pty):
    _, far = pty
    status = os.fstat(far)
    start = time.monotonic()
    said = [terminal.say(status.st_rdev, "x" * 4000, status.st_uid) for _ in range(200)]
    assert said[0]
    assert not said[-1]
    assert time.monotonic() - start < 10


def test_no_terminal():
    assert not terminal.say(0, "x", os.geteuid())
    assert not terminal.say(0x88FF | 0xFF00000, "x", os.geteuid())
