import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import msgspec
import pytest

from agent.report.spool import Spool
from config.errors import SpoolError
from config.events import Event
from tests.events import event


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool.db", reserve=2**20)
    yield spool
    spool.close()


def uids(batch):
    return [msgspec.json.decode(body, type=Event).metadata.uid for body in batch.bodies]


def test_events_leave_in_the_order_they_came_and_stay_for_the_person(spool):
    events = [event() for _ in range(5)]
    for one in events:
        assert spool.put(one)
    batch = spool.lease(3)
    assert uids(batch) == [one.metadata.uid for one in events[:3]]
    assert spool.lease(3) == batch, "a batch that was not delivered is the next one again, with the same key"
    spool.commit(batch, {1: "no such zone"})
    assert spool.counts().waiting == 2
    assert spool.counts().parked == 1
    assert [state for state, _, _ in spool.history()] == ["waiting", "waiting", "delivered", "parked", "delivered"]


def test_the_same_event_twice_is_one(spool):
    one = event()
    spool.put(one)
    spool.put(one)
    assert spool.counts().waiting == 1
    assert spool.knows(one.finding_info.uid)
    assert not spool.knows("other")


def test_a_batch_is_bounded_in_bytes(spool):
    for _ in range(4):
        spool.put(event())
    size = len(msgspec.json.encode(event()))
    assert len(spool.lease(200, max_bytes=size * 2 + 100).seqs) == 2


def test_halving_ends_with_one_parked(spool):
    for _ in range(3):
        spool.put(event())
    assert spool.halve(spool.lease(3))
    first = spool.lease(3)
    assert len(first.seqs) == 1
    assert not spool.halve(first)
    assert (spool.counts().waiting, spool.counts().parked) == (2, 1)


def test_a_batch_keeps_its_key_over_a_restart(tmp_path):
    spool = Spool(tmp_path / "s.db")
    spool.put(event())
    key = spool.lease(10).key
    spool.close()
    again = Spool(tmp_path / "s.db")
    assert again.lease(10).key == key
    again.close()


def test_many_threads(spool):
    def work():
        for _ in range(20):
            spool.put(event())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spool.counts().waiting == 80


def test_nothing_accepted_is_lost_by_kill_9(tmp_path):
    """A process says each event it was promised, is killed in the middle, and every one of them is there."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from agent.report.spool import Spool\n"
        "from tests.events import event\n"
        "spool = Spool(Path(sys.argv[1]))\n"
        "while True:\n"
        "    one = event()\n"
        "    spool.put(one)\n"
        "    print(one.metadata.uid, flush=True)\n"
    )
    path = tmp_path / "spool.db"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path), os.getcwd()], stdout=subprocess.PIPE, text=True
    )
    promised = [process.stdout.readline().strip() for _ in range(30)]
    os.kill(process.pid, signal.SIGKILL)
    promised += [line.strip() for line in process.stdout if len(line) == 33]
    process.stdout.close()
    process.wait()
    spool = Spool(path)
    kept = {one.metadata.uid for _, _, one in spool.history()}
    spool.close()
    assert set(promised) <= kept


def test_a_damaged_spool_is_said(tmp_path):
    (tmp_path / "s.db").write_bytes(b"not a database" * 100)
    with pytest.raises(SpoolError, match="cannot be opened"):
        Spool(tmp_path / "s.db")


def test_a_full_disk_by_quota_of_the_database(spool):
    """max_page_count makes SQLite say 'database or disk is full', as a full disk does; the reserve cannot help here."""
    spool._database.execute("PRAGMA max_page_count = 1")
    events = [event() for _ in range(3)]
    for one in events:
        spool.put(one)
    assert spool.counts().held > 0
    assert "held in memory" in spool.problem.en
    spool._database.execute("PRAGMA max_page_count = 100000")
    spool.lease(10)
    assert spool.problem is None
    assert spool.counts().waiting == 3


@pytest.mark.root
def test_a_disk_that_is_really_full(tmp_path):
    """On a small file system that is filled to the last byte, the reserve takes the events of that moment."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)], check=True)
    try:
        spool = Spool(folder / "spool.db", reserve=2**20)
        with (folder / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 4096)
        events = [event() for _ in range(400)]
        for one in events:
            spool.put(one)
        assert spool.counts().waiting > 0, "the reserve was given up for them"
        (folder / "filler").unlink()
        deadline = time.monotonic() + 5
        while spool.problem and time.monotonic() < deadline:
            spool.lease(1)
        counts = spool.counts()
        assert (counts.waiting, counts.held) == (400, 0)
        spool.close()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_old_deliveries_are_forgotten(spool):
    spool.put(event())
    with sqlite3.connect(spool._path) as other:
        other.execute("UPDATE event SET kept = kept - 91 * 86400")
    other.close()
    spool.commit(spool.lease(10), {})
    assert list(spool.history(10_000)) == []
