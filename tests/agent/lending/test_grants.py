"""A grant opens the way for one content, onto one medium, for one person, on one machine, for some time."""

import os
import signal
import stat
import subprocess
import sys
import threading

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.lending.grants import checked
from agent.lending.store import LendingError, Store
from config.errors import SignatureError
from config.events import Medium
from config.lending import DAY_MS, Act, State
from config.levels import Level
from tests.lendings import AGENT, KEY, LENDER, NOW, SHA, STICK, at, grant, signed

replace = msgspec.structs.replace


def test_what_was_granted_passes_and_the_use_is_told(bench):
    made = bench.lend()
    assert bench.covers() == made
    act = bench.grants.use(made, "in/关于印发某某方案的通知.docx", STICK, 19_000)
    assert act
    assert bench.covers() is None, "one use"
    assert bench.acts() == [], "not told before it has landed"
    bench.grants.landed(act)
    assert bench.acts() == [(Act.USED, 0, "in/关于印发…通知.docx")]
    (copy,) = bench.store.copies()
    assert (str(copy.place), copy.state, copy.size) == ("in/关于印发某某方案的通知.docx", "out", 19_000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "cd" * 32},
        {"sha256": ""},
        {"level": Level.TOP_SECRET},
        {"user": "zhang"},
        {"user": ""},
        {"medium": replace(STICK, serial="4C530002")},
        {"medium": replace(STICK, serial="")},
        {"medium": Medium()},
        {"now": at(NOW - 1)},
        {"now": at(NOW + 2 * DAY_MS)},
    ],
    ids=lambda wrong: "-".join(f"{key} {str(value)[-12:]}" for key, value in wrong.items()),
)
def test_anything_else_does_not(bench, wrong):
    bench.lend()
    bench.wall.milliseconds = NOW - 1 if wrong.get("now") == at(NOW - 1) else NOW
    assert bench.covers(**wrong) is None


@pytest.mark.parametrize(
    "other",
    [{"revoked": True}, {"uses": 0}, {"serial": "", "uuid": ""}, {"uuid": "CD-2"}, {"serial": "", "uuid": "CD-2"}],
    ids=str,
)
def test_a_grant_that_opens_nothing(bench, other):
    bench.lend(**other)
    assert bench.covers() is None


def test_a_medium_without_a_serial_number_is_known_by_its_file_system(bench):
    bench.lend(serial="", uuid="AB-1")
    assert bench.covers(medium=replace(STICK, serial=""))
    assert not bench.covers(medium=replace(STICK, serial="", uuid="AB-2"))


def test_lower_content_passes_under_a_higher_grant(bench):
    bench.lend()
    assert bench.covers(level=Level.CONFIDENTIAL)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REVOKED, State.RETURNED, State.DENIED, State.EXPIRED])
def test_a_closed_one_is_closed(bench, state):
    made = bench.lend(uses=5)
    bench.store.close_grant(made.id, state)
    assert bench.covers() is None
    assert bench.grants.use(made, "a", STICK, 1) == ""


def test_the_one_that_ends_first_is_used(bench):
    bench.lend(until=NOW + 2 * DAY_MS)
    first = bench.lend(until=NOW + DAY_MS)
    assert bench.covers() == first


# what is believed


def test_only_what_a_lender_signed_for_this_machine_is_believed():
    made = grant()
    assert checked(signed(made, 3), {LENDER}, AGENT) == (made, 3)
    other = Ed25519PrivateKey.generate()
    for wrong in (
        signed(made, key=other),
        signed(made).replace(b'"uses":1', b'"uses":9'),
        signed(made).replace(b'"version":1', b'"version":2'),
        signed(made, kind="words"),
        signed(made, name="grant-000000000000"),
        signed(replace(made, agent="b0" * 16)),
        signed(made)[:-20],
        signed(made) + b" ",
        b"",
        b"nonsense\n",
        msgspec.json.encode(made),
    ):
        with pytest.raises(SignatureError):
            checked(wrong, {LENDER}, AGENT)
    with pytest.raises(SignatureError):
        checked(signed(made), set(), AGENT)
    from config.signed import seal

    with pytest.raises(SignatureError, match="no grant"):
        checked(seal(KEY, "grant", f"grant-{made.id[:12]}", 1, b"{}"), {LENDER}, AGENT)


def test_an_older_version_never_takes_the_place(bench):
    made = bench.lend(version=2, uses=1)
    more = replace(made, uses=99)
    for version in (1, 2):
        assert not bench.store.keep(more, version, signed(more, version))
    assert bench.covers() == made
    assert bench.store.keep(replace(made, revoked=True), 3, b"3")
    assert bench.covers() is None
    assert not bench.store.keep(made, 2, signed(made, 2))
    bench.restart()
    assert bench.covers() is None


def test_a_newer_version_with_more_uses_counts_those_that_were_used(bench):
    made = bench.lend()
    bench.grants.landed(bench.grants.use(made, "a", STICK, 1))
    more = replace(made, uses=2, until=NOW + 9 * DAY_MS)
    assert bench.store.keep(more, 2, signed(more, 2))
    assert bench.grants.use(made, "b", STICK, 1) == "", "the old one was replaced"
    assert bench.grants.use(more, "b", STICK, 1)
    assert bench.grants.use(more, "c", STICK, 1) == ""


def test_a_store_brought_from_another_machine_opens_nothing(bench):
    bench.lend()
    bench.agent = "b0" * 16
    bench.restart()
    assert bench.covers() is None


# time


def test_a_clock_set_back_opens_nothing(bench):
    bench.lend()
    bench.wall.milliseconds = NOW + 3 * DAY_MS
    assert bench.covers() is None
    bench.wall.milliseconds = NOW + DAY_MS
    assert bench.covers() is None
    bench.restart()
    assert bench.covers() is None, "the latest time seen is on disk"


def test_time_goes_on_when_the_clock_does_not(bench):
    bench.lend()
    assert bench.covers()
    bench.steady = 2 * DAY_MS
    assert bench.covers() is None
    bench.returns.tick(at(NOW))
    bench.restart()
    assert bench.covers() is None


def test_the_collectors_time_counts_and_heals_a_clock_that_was_wrong(bench):
    bench.lend()
    bench.clock.heard(NOW + 3 * DAY_MS)
    assert bench.covers() is None
    bench.restart()
    assert bench.covers() is None
    bench.wall.milliseconds = NOW + 10_000 * DAY_MS  # the battery of the clock is empty
    assert bench.covers() is None
    bench.wall.milliseconds = NOW + 1000
    assert bench.covers() is None
    bench.clock.heard(NOW + 2000)
    assert bench.covers()
    bench.restart()
    assert bench.covers()


# uses


def test_of_many_at_once_one_gets_the_last_use(bench):
    made = bench.lend()
    got, ready = [], threading.Barrier(20)

    def want(number):
        ready.wait()
        got.append(bench.grants.use(made, f"copy {number}", STICK, 1))

    threads = [threading.Thread(target=want, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20
    assert sum(map(bool, got)) == 1
    assert len(bench.store.copies()) == 1


def test_a_use_whose_commit_failed_is_given_back_once(bench):
    made = bench.lend()
    act = bench.grants.use(made, "a", STICK, 1)
    assert bench.grants.undo(made, act)
    assert not bench.grants.undo(made, act)
    assert bench.covers() == made
    assert bench.store.copies() == []
    again = bench.grants.use(made, "a", STICK, 1)
    bench.grants.landed(again)
    assert not bench.grants.undo(made, again), "it has landed"
    assert bench.covers() is None
    assert len(bench.acts()) == 1


def test_writing_the_same_copy_again_takes_no_use(bench):
    made = bench.lend()
    act = bench.grants.use(made, "in/a", STICK, 1)
    bench.grants.landed(act)
    assert bench.covers(place="in/a") == made
    assert bench.grants.use(made, "/in/a", STICK, 1) == act
    assert bench.covers(place="in/b") is None
    assert bench.covers(place="in/a", medium=replace(STICK, uuid="another file system")) is None
    assert len(bench.store.copies()) == 1
    bench.wall.milliseconds += 3_600_000
    assert bench.covers(place="in/a") is None, "an hour later it is another copy"
    assert bench.grants.use(made, "in/a", STICK, 1) == ""


def test_a_copy_renamed_on_its_medium_is_still_that_copy(bench, tmp_path):
    made = bench.lend()
    (tmp_path / "b").touch()
    bench.grants.landed(bench.grants.use(made, "a", STICK, 1))
    assert bench.grants.stands(SHA, STICK, tmp_path, tmp_path / "b")
    (tmp_path / "c").touch()
    assert not bench.grants.stands(SHA, STICK, tmp_path, tmp_path / "c"), "a second copy"
    assert not bench.grants.stands("cd" * 32, STICK, tmp_path, tmp_path / "b")
    assert not bench.grants.stands(SHA, replace(STICK, serial="x"), tmp_path, tmp_path / "b")


def test_names_that_are_no_utf_8_are_kept_and_told(bench):
    made = bench.lend()
    place = os.fsdecode(b"in/\xff\xfe.docx")
    bench.grants.landed(bench.grants.use(made, place, STICK, 1))
    (copy,) = bench.store.copies()
    assert str(copy.place) == place
    assert bench.acts()[0][2] == "in/\\xff\\xfe.docx"


# trouble


def test_the_file_is_for_the_agent_alone(bench):
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o600


def test_a_store_that_fails_lends_nothing(bench):
    made = bench.lend()
    bench.store.close()
    assert bench.covers() is None
    assert bench.grants.use(made, "a", STICK, 1) == ""
    assert not bench.grants.stands(SHA, STICK, bench.path.parent, bench.path)
    bench.open()


def test_a_damaged_store_is_said(tmp_path):
    (tmp_path / "lending.db").write_bytes(b"no database" * 1000)
    with pytest.raises(LendingError):
        Store(tmp_path / "lending.db")


_KILLED = """
import os, signal, sys
from pathlib import Path
from agent.lending.store import Store
from tests.lendings import STICK, grant, signed
store = Store(Path(sys.argv[1]))
made = grant(id="12" * 16)
store.keep(made, 1, signed(made))
act = store.use(made, __import__("pathlib").PurePosixPath("a"), STICK, 1, made.since)
if sys.argv[2] == "landed":
    store.settle(act)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["before it landed", "landed"])
def test_a_use_survives_a_kill_and_is_told(bench, when):
    bench.store.close()
    done = subprocess.run([sys.executable, "-c", _KILLED, str(bench.path), when], cwd=os.getcwd())
    assert done.returncode == -signal.SIGKILL
    bench.open()
    (made,) = [lent.grant for lent in bench.store.lents()]
    assert bench.covers() is None
    if when == "landed":
        assert [act for act, *_ in bench.acts()] == [Act.USED]
        return
    assert bench.acts() == []
    (copy,) = bench.grants.pending()
    assert bench.grants.settle() == 1, "nobody knows better: it counts as landed"
    assert [act for act, *_ in bench.acts()] == [Act.USED]
    assert not bench.grants.undo(made, copy.act)
    assert bench.grants.pending() == []


def test_a_gateway_that_knows_better_undoes_it_at_the_next_start(bench):
    made = bench.lend()
    bench.grants.use(made, "a", STICK, 1)
    bench.restart()
    (copy,) = bench.grants.pending()
    assert bench.grants.undo(made, copy.act)
    assert bench.covers() == made


def test_what_is_pending_for_long_counts_as_landed(bench):
    made = bench.lend()
    bench.grants.use(made, "a", STICK, 1)
    bench.returns.tick(at(NOW + 60_000))
    assert bench.acts() == []
    bench.returns.tick(at(NOW + 2 * 3_600_000))
    assert [act for act, *_ in bench.acts()] == [Act.USED]
