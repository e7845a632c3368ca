"""Copies come back: seen, due, erased and looked for, overdue, reminded."""

import errno
import os
import signal
import subprocess
import sys

import msgspec
import pytest

from agent.lending.search import Folder
from config.errors import UsageError
from config.lending import DAY_MS, Act, State
from tests.lendings import CONTENT, NOW, STICK, asked, at, signed

HOUR = 3_600_000
replace = msgspec.structs.replace


@pytest.fixture
def stick(tmp_path, bench):
    folder = tmp_path / "stick"
    (folder / "in").mkdir(parents=True)
    (folder / "holiday.jpg").write_bytes(b"x" * len(CONTENT))  # of the same size
    bench.plugged[folder] = STICK
    return folder


def put(bench, stick, place="in/plan.docx", **changes):
    """A grant and the copy it made possible."""
    made = bench.lend(**changes)
    bench.grants.landed(bench.grants.use(made, place, STICK, len(CONTENT)))
    (stick / place).write_bytes(CONTENT)
    return made


def kinds(bench):
    return [act for act, *_ in bench.acts() if act is not Act.USED]


def test_before_it_is_due_it_is_seen_once_and_nobody_is_disturbed(bench, stick):
    put(bench, stick)
    for _ in range(3):
        bench.returns.inserted(stick, STICK)
    assert kinds(bench) == [Act.SEEN]
    assert bench.said == []


@pytest.mark.parametrize("why", ["due", "revoked", "closed"])
def test_when_it_is_due_the_person_hears_how_to_return_it(bench, stick, why):
    made = put(bench, stick)
    if why == "due":
        bench.wall.milliseconds = made.until
    elif why == "revoked":
        assert bench.store.keep(replace(made, revoked=True), 2, b"")
    else:
        bench.store.close_grant(made.id, State.REVOKED)
    bench.returns.inserted(stick, STICK)
    ((user, text),) = bench.said
    assert user == "li"
    assert "SanDisk Ultra 0001 is due back" in text
    assert f"shoumi request return {made.id[:12]} --erase" in text
    assert ("revoked" in text) == (why != "due")
    assert kinds(bench) == []


def test_when_it_is_due_and_gone_it_is_returned(bench, stick):
    made = put(bench, stick)
    (stick / "in/plan.docx").unlink()
    bench.wall.milliseconds = made.until
    bench.returns.inserted(stick, STICK)
    assert kinds(bench) == [Act.RETURNED]
    assert "closed as returned" in bench.said[0][1]
    assert bench.store.copies() == []
    bench.returns.inserted(stick, STICK)
    bench.returns.tick(at(made.until + DAY_MS))
    assert kinds(bench) == [Act.RETURNED]


def test_another_medium_says_nothing(bench, stick, tmp_path):
    made = put(bench, stick)
    bench.wall.milliseconds = made.until
    other = tmp_path / "other"
    other.mkdir()
    for medium in (replace(STICK, serial="x"), replace(STICK, uuid="the other file system on it")):
        bench.returns.inserted(other, medium)
        with pytest.raises(UsageError, match="not the device"):
            bench.returns.give_back(made.id, other, medium, erase=False)
    assert (kinds(bench), bench.said) == ([], [])


def test_erased_verified_and_returned(bench, stick):
    made = put(bench, stick, uses=3)
    os.link(stick / "in/plan.docx", stick.parent / "twin")
    done = bench.returns.give_back(made.id, stick, STICK, erase=True)
    assert (done.done, done.erased, done.found, done.problem.en) == (True, 1, (), "")
    assert not (stick / "in/plan.docx").exists()
    assert b"classified" not in (stick.parent / "twin").read_bytes()
    assert (stick / "holiday.jpg").exists()
    assert kinds(bench) == [Act.ERASED]
    assert bench.covers() is None, "returned is returned, also with uses left"
    with pytest.raises(UsageError, match="nothing is out"):
        bench.returns.give_back(made.id, stick, STICK, erase=True)


def test_without_erasing_it_is_only_looked_for(bench, stick):
    made = put(bench, stick)
    done = bench.returns.give_back(made.id, stick, STICK, erase=False)
    assert (done.done, done.found) == (False, ("in/plan.docx",))
    assert (stick / "in/plan.docx").read_bytes() == CONTENT
    assert kinds(bench) == []
    (stick / "in/plan.docx").unlink()
    assert bench.returns.give_back(made.id, stick, STICK, erase=False).done
    assert kinds(bench) == [Act.RETURNED]


@pytest.mark.parametrize("erase", [True, False])
def test_a_renamed_copy_and_a_copy_of_it_are_found(bench, stick, erase):
    made = put(bench, stick)
    (stick / "deep/er").mkdir(parents=True)
    (stick / "in/plan.docx").rename(stick / "deep/er/holiday.png")
    (stick / "second").write_bytes(CONTENT)
    done = bench.returns.give_back(made.id, stick, STICK, erase=erase)
    if erase:
        assert (done.done, done.erased) == (True, 2)
        assert sorted(path.name for path in stick.rglob("*") if path.is_file()) == ["holiday.jpg"]
    else:
        assert (done.done, sorted(done.found)) == (False, ["deep/er/holiday.png", "second"])


def test_what_cannot_be_erased_is_named(bench, stick):
    made = put(bench, stick)
    (stick / "second").write_bytes(CONTENT)

    class Stubborn(Folder):
        def destroy(self, path, sha256):
            if path.name == "second":
                raise OSError(errno.EROFS, "Read-only file system")
            super().destroy(path, sha256)

    done = bench.returns.give_back(made.id, stick, STICK, erase=True, view=Stubborn(stick))
    assert (done.done, done.erased, done.found) == (False, 1, ("second",))
    assert "Read-only" in done.problem.en
    assert kinds(bench) == []
    assert bench.store.copies(), "still out"
    assert bench.returns.give_back(made.id, stick, STICK, erase=True).done


def test_a_copy_that_was_edited_is_not_erased_and_not_returned(bench, stick):
    made = put(bench, stick)
    (stick / "in/plan.docx").write_bytes(CONTENT + b" and a remark")
    done = bench.returns.give_back(made.id, stick, STICK, erase=True)
    assert (done.done, done.erased, done.changed) == (False, 0, ("in/plan.docx",))
    assert (stick / "in/plan.docx").exists()
    bench.wall.milliseconds = made.until
    bench.returns.inserted(stick, STICK)
    assert kinds(bench) == []


def test_what_cannot_be_read_keeps_it_out(bench, stick):
    made = put(bench, stick)
    (stick / "in/plan.docx").unlink()

    class Blind(Folder):
        def open(self, path):
            if path.name == "holiday.jpg":
                raise PermissionError(errno.EACCES, "Permission denied")
            return super().open(path)

    done = bench.returns.give_back(made.id, stick, STICK, erase=False, view=Blind(stick))
    assert (done.done, done.unread) == (False, ("holiday.jpg",))


def test_links_are_not_followed_off_the_medium(bench, stick, tmp_path):
    made = put(bench, stick)
    (stick / "in/plan.docx").unlink()
    (tmp_path / "original.docx").write_bytes(CONTENT)
    (stick / "in/plan.docx").symlink_to(tmp_path / "original.docx")
    os.mkfifo(stick / "pipe")
    assert bench.returns.give_back(made.id, stick, STICK, erase=True).done
    assert (tmp_path / "original.docx").read_bytes() == CONTENT


def test_a_copy_of_another_good_grant_is_spared(bench, stick):
    made = put(bench, stick, "a")
    put(bench, stick, "b", until=NOW + 9 * DAY_MS)
    done = bench.returns.give_back(made.id, stick, STICK, erase=True)
    assert (done.done, done.erased) == (True, 1)
    assert not (stick / "a").exists()
    assert (stick / "b").read_bytes() == CONTENT
    assert [str(copy.place) for copy in bench.store.copies()] == ["b"]


def test_the_grant_is_returned_when_its_last_copy_is_gone(bench, stick, tmp_path):
    """Two file systems on one stick: one of them without the copy is not enough."""
    made = put(bench, stick, "a", uses=2)
    second = replace(STICK, uuid="CD-2", mount="/media/y")
    other = tmp_path / "other"
    other.mkdir()
    bench.grants.landed(bench.grants.use(made, "b", second, len(CONTENT)))
    (other / "b").write_bytes(CONTENT)
    bench.plugged[other] = second
    assert bench.returns.give_back(made.id, stick, STICK, erase=True).done
    assert kinds(bench) == []
    assert bench.store.lent(made.id).closed == ""
    assert bench.returns.give_back(made.id, other, second, erase=True).done
    assert kinds(bench) == [Act.ERASED]
    assert bench.store.lent(made.id).closed == State.RETURNED


_KILLED = """
import os, signal, sys
from pathlib import Path
from agent.act.spot import Spot
from agent.lending.clock import Clock
from agent.lending.returns import Returns
from agent.lending.store import Store
from tests.lendings import STICK
Spot.remove = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store = Store(Path(sys.argv[1]))
Returns(store, Clock(store), print).give_back(sys.argv[2], Path(sys.argv[3]), STICK, erase=True)
"""


def test_killed_while_erasing_it_is_finished_the_next_time(bench, stick):
    made = put(bench, stick)
    bench.store.close()
    done = subprocess.run([sys.executable, "-c", _KILLED, str(bench.path), made.id, str(stick)], cwd=os.getcwd())
    assert done.returncode == -signal.SIGKILL
    assert b"classified" not in (stick / "in/plan.docx").read_bytes()
    bench.open()
    assert [copy.state for copy in bench.store.copies()] == ["erasing"]
    assert bench.returns.give_back(made.id, stick, STICK, erase=True).done
    assert not (stick / "in/plan.docx").exists()
    assert kinds(bench) == [Act.ERASED]


def test_what_took_the_name_of_a_half_erased_copy_is_not_destroyed(bench, stick):
    made = put(bench, stick)
    (copy,) = bench.store.copies()
    bench.store.mark([copy.act], "erasing")
    (stick / "in/plan.docx").write_bytes(b"a letter of mine")
    done = bench.returns.give_back(made.id, stick, STICK, erase=True)
    assert (done.done, done.changed) == (False, ("in/plan.docx",))
    assert (stick / "in/plan.docx").read_bytes() == b"a letter of mine"


# time


def test_overdue_is_told_once_and_the_person_reminded_before_and_daily_after(bench, stick):
    bench.store.ask(asked(id="ab" * 16), "关于印发方案.docx")
    made = put(bench, stick, id="ab" * 16)
    reminded = []
    for hour in range(24 * 6):
        before = len(bench.said)
        bench.returns.tick(at(NOW + hour * HOUR))
        bench.returns.tick(at(NOW + hour * HOUR + 60_000))
        if len(bench.said) > before:
            reminded.append(hour)
            assert len(bench.said) == before + 1
        if hour == 30:
            bench.restart()
    assert reminded == [24, 46, 48, 72, 96, 120]
    assert kinds(bench) == [Act.OVERDUE]
    assert "关于印发方案.docx on SanDisk Ultra 0001 is due back" in bench.said[0][1]
    assert "was due back" in bench.said[-1][1]
    assert made.until == NOW + 48 * HOUR


def test_an_agent_that_was_off_reminds_once_when_it_comes_back(bench, stick):
    made = put(bench, stick)
    bench.returns.tick(at(made.until + 10 * DAY_MS))
    assert len(bench.said) == 1
    assert kinds(bench) == [Act.OVERDUE]


def test_a_short_one_is_not_reminded_of_times_before_it(bench, stick):
    put(bench, stick, until=NOW + HOUR)
    bench.returns.tick(at(NOW))
    assert bench.said == []
    bench.returns.tick(at(NOW + HOUR))
    assert len(bench.said) == 1


def test_what_was_never_used_is_never_overdue(bench):
    made = bench.lend()
    bench.returns.tick(at(made.until + DAY_MS))
    assert (kinds(bench), bench.said) == ([], [])


def test_one_that_was_extended_is_overdue_again_later(bench, stick):
    made = put(bench, stick)
    bench.returns.tick(at(made.until))
    longer = replace(made, until=made.until + 5 * DAY_MS)
    assert bench.store.keep(longer, 2, signed(longer, 2))
    bench.returns.tick(at(made.until + HOUR))
    assert kinds(bench) == [Act.OVERDUE]
    bench.returns.tick(at(longer.until))
    assert kinds(bench) == [Act.OVERDUE, Act.OVERDUE]


def test_a_medium_pulled_while_it_is_looked_through_harms_nothing(bench, stick):
    made = put(bench, stick)
    bench.wall.milliseconds = made.until

    class Pulled(Folder):
        def files(self, missed):
            raise OSError(errno.EIO, "Input/output error")

    bench.returns.inserted(stick, STICK, Pulled(stick))
    assert (kinds(bench), bench.said) == ([], [])


def test_old_and_closed_ones_are_forgotten_and_no_others(bench, stick):
    from config.events import User

    one, two = asked(id="ab" * 16), asked(id="cd" * 16, user=User("zhao"))
    for request in (one, two):
        bench.store.ask(request, "x")
    put(bench, stick, id=two.id)
    acts = [act.id for act in bench.store.untold(9)[1]]
    bench.store.told([one.id, two.id, *acts], {})
    bench.returns.tick(at(NOW + 500 * DAY_MS))
    assert [request.asked.id for request in bench.store.requests()] == [two.id], "its copy is out"


@pytest.mark.parametrize("now", [None, replace(STICK, serial="another")], ids=["pulled", "exchanged"])
def test_the_empty_folder_of_a_pulled_medium_returns_nothing(bench, stick, now):
    made = put(bench, stick)
    (stick / "in/plan.docx").unlink()
    bench.plugged = {} if now is None else {stick: now}
    assert not bench.returns.give_back(made.id, stick, STICK, erase=False).done
    bench.wall.milliseconds = made.until
    bench.returns.inserted(stick, STICK)
    assert kinds(bench) == []
    assert bench.store.copies()


def test_nothing_is_returned_while_a_copy_is_being_written(bench, stick):
    """It lands after the look."""
    made = bench.lend(uses=2)
    act = bench.grants.use(made, "in/plan.docx", STICK, len(CONTENT))
    with pytest.raises(UsageError, match="being written"):
        bench.returns.give_back(made.id, stick, STICK, erase=True)
    bench.wall.milliseconds = made.until
    bench.returns.inserted(stick, STICK)
    assert kinds(bench) == []
    bench.grants.landed(act)
    bench.returns.inserted(stick, STICK)
    assert kinds(bench) == [Act.RETURNED]


def test_a_copy_made_while_the_medium_is_looked_through_keeps_the_grant_open(bench, stick):
    made = put(bench, stick, uses=2)

    class Quick(Folder):
        def files(self, missed):
            bench.grants.use(made, "second", STICK, len(CONTENT))
            return super().files(missed)

    (stick / "in/plan.docx").unlink()
    assert bench.returns.give_back(made.id, stick, STICK, erase=False, view=Quick(stick)).done
    assert kinds(bench) == []
    assert [str(copy.place) for copy in bench.store.copies()] == ["second"]
    assert bench.store.lent(made.id).closed == ""


def test_a_name_that_is_no_utf_8_can_be_said(bench, stick):
    made = put(bench, stick)
    name = os.fsdecode(b"\xff.docx")
    (stick / "in/plan.docx").rename(stick / name)

    class Stubborn(Folder):
        def destroy(self, path, sha256):
            raise OSError(errno.EROFS, "Read-only file system", str(path))

    done = bench.returns.give_back(made.id, stick, STICK, erase=True, view=Stubborn(stick))
    assert done.found == ("\\xff.docx",)
    assert msgspec.json.encode(done)
