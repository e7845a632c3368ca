import os
import subprocess
import sys
import time

import pytest

from agent.act import desktop
from tests.agent.act.desk import PERSON, desk

pytestmark = [
    pytest.mark.dbus,
    pytest.mark.skipif(sys.platform != "linux", reason="desktops are spoken to on Linux"),
]


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine starts a process slowly; what is not about the limit waits longer."""
    monkeypatch.setattr(desktop, "SECONDS", 20.0)


@pytest.fixture(scope="module")
def screen():
    with desk() as screen:
        yield screen


def test_a_person_sees_the_message(screen):
    assert desktop.show("已阻止复制：方案.docx。", "第一行\n第二行", PERSON, (screen.bus,))
    assert screen.shown()[-1] == ("已阻止复制：方案.docx。", "第一行\n第二行", 2)


def test_a_file_name_is_no_markup(screen):
    assert desktop.show("x", "<b>a</b> & c.docx", PERSON, (screen.bus,), urgent=False)
    assert screen.shown()[-1] == ("x", "&lt;b&gt;a&lt;/b&gt; &amp; c.docx", 1)


def test_where_there_is_no_markup_nothing_is_escaped():
    with desk(markup=False) as screen:
        assert desktop.show("x", "<b> & c", PERSON, (screen.bus,))
        assert screen.shown()[-1][1] == "<b> & c"


def test_the_next_address_is_tried(screen):
    before = len(screen.shown())
    assert desktop.show("y", "z", PERSON, ("unix:path=/nonexistent/bus", "tcp:host=127.0.0.1", screen.bus))
    assert len(screen.shown()) == before + 1


@pytest.mark.root
def test_root_itself_is_refused_on_the_bus_of_a_person(screen):
    code = "import sys; from jeepney.io import blocking; blocking.open_dbus_connection(sys.argv[1])"
    tried = subprocess.run([sys.executable, "-c", code, screen.bus], capture_output=True, timeout=60)
    assert tried.returncode == 1
    assert b"Reset" in tried.stderr or b"Broken" in tried.stderr or b"Authentication" in tried.stderr, tried.stderr


def test_a_desktop_that_hangs_costs_two_seconds(monkeypatch):
    monkeypatch.undo()
    with desk(hang=True) as screen:
        start = time.monotonic()
        assert not desktop.show("x", "y", PERSON, (screen.bus,))
        assert time.monotonic() - start < desktop.SECONDS + 10  # a busy machine starts a process slowly


def test_a_bus_without_a_desktop_and_no_bus(monkeypatch):
    monkeypatch.undo()
    with desk(stand_in=False) as screen:
        assert not desktop.show("x", "y", PERSON, (screen.bus,))
    assert not desktop.show("x", "y", PERSON, ("unix:path=/nonexistent/bus",))
    assert not desktop.show("x", "y", PERSON, ())


def test_a_bus_that_never_answers_the_first_word(monkeypatch):
    import socket

    monkeypatch.undo()
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(f"\0shoumi-mute-{os.getpid()}")
        mute.listen()
        assert not desktop.show("x", "y", PERSON, (f"unix:abstract=shoumi-mute-{os.getpid()}",))


def test_an_account_that_is_none():
    assert not desktop.show("x", "y", 2**31 - 7, ("unix:path=/nonexistent/bus",))
