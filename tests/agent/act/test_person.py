import os
import socket
import sys

import pytest

from agent.act.person import Person, Places, Writer, account, behind, seated, sessions, surroundings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and systemd's files")
ME = os.geteuid() if sys.platform == "linux" else 0


@pytest.fixture
def places(tmp_path):
    places = Places(tmp_path / "proc", tmp_path / "sessions", tmp_path / "users")
    for folder in (places.proc, places.sessions, places.users):
        folder.mkdir()
    return places


def process(places, pid, *, loginuid=None, tty=0, **environment):
    folder = places.proc / str(pid)
    folder.mkdir()
    (folder / "stat").write_text(f"{pid} (a) b (c)) S 1 {pid} {pid} {tty} -1 4194304 0\n")
    (folder / "environ").write_bytes(b"".join(f"{key}={word}\0".encode() for key, word in environment.items()))
    if loginuid is not None:
        (folder / "loginuid").write_text(str(loginuid))


def session(places, name, **facts):
    known = {"CLASS": "user", "ACTIVE": "1", "TYPE": "tty"} | facts
    text = "# This is private data. Do not parse.\n" + "".join(f"{key}={word}\n" for key, word in known.items())
    (places.sessions / name).write_text(text)


@pytest.mark.parametrize(("loginuid", "uid"), [(1000, 1000), (2**32 - 1, 0), (None, 0)])
def test_who_logged_in_is_asked_before_who_runs_it(places, loginuid, uid):
    process(places, 7, loginuid=loginuid, tty=34819, LANG="zh_CN.UTF-8")
    assert behind(Writer(7, 0), places) == Person(uid, 34819, "zh")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "zh"),
        ({"LANG": "C"}, None),
        ({}, None),
    ],
)
def test_the_language_of_a_person(places, environment, language):
    process(places, 7, **environment)
    assert behind(Writer(7, 0), places).language == language


def test_a_process_that_is_gone(places):
    assert behind(Writer(7, 1000), places) == Person(1000, 0, None)


def test_the_graphical_active_session_comes_first_and_the_greeter_never(places):
    session(places, "1", UID=1000, TYPE="tty", TTY="tty2", ACTIVE="0")
    session(places, "2", UID=1000, TYPE="wayland", SEAT="seat0", LEADER=5)
    session(places, "c1", UID=110, TYPE="x11", CLASS="greeter", SEAT="seat0")
    (places.sessions / "2.ref").write_text("")
    found = sessions(places)
    assert [(one.uid, one.graphical, one.active) for one in found] == [(1000, True, True), (1000, False, False)]


def test_what_root_does_is_told_to_who_sits_at_the_machine(places):
    session(places, "1", UID=0, TYPE="tty", REMOTE="1")
    session(places, "2", UID=1000, TYPE="x11", SEAT="seat0")
    session(places, "3", UID=1001, TYPE="x11", SEAT="seat0", ACTIVE="0")
    assert seated(0, places) == (1000,)
    assert seated(None, places) == (1000,)
    assert seated(1001, places) == (1001,)


def test_root_at_a_desktop_of_its_own_is_told_there(places):
    session(places, "1", UID=0, TYPE="x11", SEAT="seat0")
    assert seated(0, places) == (0,)


def test_without_sessions(places):
    assert seated(0, places) == (0,)
    assert seated(None, places) == ()
    (places.users / "1000").mkdir()
    assert seated(None, places) == (1000,)


def test_the_bus_of_a_session_is_found_where_it_is(places):
    process(places, 9, DBUS_SESSION_BUS_ADDRESS="unix:abstract=/tmp/dbus-x,guid=1", LANG="zh_CN.UTF-8")
    process(places, 10, DBUS_SESSION_BUS_ADDRESS="tcp:host=evil", LANG="zh_CN.UTF-8")
    assert surroundings(ME, places) == (("unix:abstract=/tmp/dbus-x,guid=1",), "zh")
    (places.users / str(ME)).mkdir()
    (places.users / str(ME) / "bus").write_text("no socket")
    assert surroundings(ME, places)[0] == ("unix:abstract=/tmp/dbus-x,guid=1",)
    (places.users / str(ME) / "bus").unlink()
    with socket.socket(socket.AF_UNIX) as bus:
        folder = os.open(places.users / str(ME), os.O_RDONLY)
        try:
            bus.bind(f"/proc/self/fd/{folder}/bus")  # the path itself may be longer than a socket's may be
        finally:
            os.close(folder)
        assert surroundings(ME, places)[0][0] == f"unix:path={places.users}/{ME}/bus"


def test_accounts_by_name_and_number():
    import pwd

    name = pwd.getpwuid(ME).pw_name
    assert account(name) == ME
    assert account(ME) == ME
    assert account("12345") == 12345
    assert account("no such account") is None
