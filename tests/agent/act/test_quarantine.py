import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from agent.act import quarantine as module
from agent.act.quarantine import BusyError, ChangedError, Quarantine
from config.errors import QuarantineError, UsageError
from config.events import Done
from tests.events import event

CONTENT = "机密★10年\n内容".encode() * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def key(tmp_path):
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "officers.age-key"
    path.write_text(f"# made for a test\n{identity}\n")
    return identity, path


@pytest.fixture
def quarantine(tmp_path, key):
    return Quarantine(tmp_path / "quarantine", str(key[0].to_public()))


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "zone" / "方案.docx"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


def test_a_file_is_sealed_then_gone_and_can_be_opened_with_the_officers_key(quarantine, found, key, tmp_path):
    kept = quarantine.take(found.parent, found, DIGEST, event())
    assert not found.exists()
    assert kept.event.unmapped.done is Done.QUARANTINED
    sealed = (tmp_path / "quarantine" / f"{kept.id}.age").read_bytes()
    assert "机密".encode() not in sealed
    quarantine.release(kept.id[:6], key[1], tmp_path / "out.docx")
    assert (tmp_path / "out.docx").read_bytes() == CONTENT
    assert quarantine.list() == [kept], "opening one does not take it out"
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "quarantine").iterdir()}
    assert modes == {0o600}


def test_the_wrong_key_or_target_opens_nothing(quarantine, found, key, tmp_path):
    kept = quarantine.take(found.parent, found, DIGEST, event())
    other = tmp_path / "other"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    for bad in (other, tmp_path / "none"):
        with pytest.raises(UsageError, match="cannot be opened"):
            quarantine.release(kept.id, bad, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match="exists already"):
        quarantine.release(kept.id, key[1], other)
    for name in ("zz", ""):
        with pytest.raises(UsageError, match="names 0"):
            quarantine.release(name, key[1], tmp_path / "out")


def test_what_changed_since_it_was_judged_is_left(quarantine, found):
    with pytest.raises(ChangedError):
        quarantine.take(found.parent, found, "00" * 32, event())
    assert found.read_bytes() == CONTENT
    assert quarantine.list() == []


def test_what_is_gone_or_no_file_is_not_taken(quarantine, tmp_path, found):
    with pytest.raises(ChangedError):
        quarantine.take(tmp_path, tmp_path / "none", DIGEST, event())
    link = tmp_path / "link"
    link.symlink_to(found)
    with pytest.raises(QuarantineError):
        quarantine.take(tmp_path, link, DIGEST, event())
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ChangedError):
        quarantine.take(tmp_path, tmp_path / "fifo", DIGEST, event())
    assert found.exists()


def test_names_that_are_not_utf8_survive(quarantine, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xb7\xbd\xb0\xb8.txt"
    with open(path, "wb") as file:
        file.write(CONTENT)
    kept = quarantine.take(tmp_path, Path(os.fsdecode(path)), DIGEST, event())
    assert os.fsencode(quarantine.list()[0].path) == path
    assert kept.path == quarantine.list()[0].path


def test_a_crash_after_sealing_is_finished_at_the_next_start(quarantine, found):
    kept = quarantine.take(found.parent, found, DIGEST, event())
    found.write_bytes(CONTENT)  # as if the removal had not reached the disk
    assert [one.id for one in quarantine.unreported()] == [kept.id]
    assert not found.exists()
    quarantine.reported(kept)
    assert list(quarantine.unreported()) == []
    assert [one.id for one in quarantine.list()] == [kept.id]


def test_resuming_removes_only_the_very_same_content(quarantine, found):
    quarantine.take(found.parent, found, DIGEST, event())
    found.write_bytes(b"another document")
    assert len(list(quarantine.unreported())) == 1
    assert found.exists()


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.06, 0.1])
def test_kill_9_while_taking_loses_nothing(tmp_path, key, delay):
    """Killed anywhere: the content is in the zone, or sealed with an event that will be reported."""
    content = os.urandom(8 * 2**20)
    found = tmp_path / "big.bin"
    found.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    script = (
        "import sys; sys.path.insert(0, sys.argv[5])\n"
        "from pathlib import Path\n"
        "from agent.act.quarantine import Quarantine\n"
        "from tests.events import event\n"
        "q = Quarantine(Path(sys.argv[1]), sys.argv[2])\n"
        "one = event()\n"
        "print('go', flush=True)\n"
        "q.take(Path(sys.argv[3]).parent, Path(sys.argv[3]), sys.argv[4], one)\n"
    )
    recipient = str(key[0].to_public())
    arguments = [str(tmp_path / "q"), recipient, str(found), digest, os.getcwd()]
    process = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()
    again = Quarantine(tmp_path / "q", recipient)
    again.tidy()
    pending = list(again.unreported())
    if found.exists():
        assert found.read_bytes() == content
        assert pending == []
    else:
        assert len(pending) == 1
        again.release(pending[0].id, key[1], tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == content
    assert not list((tmp_path / "q").glob(".*.part"))


@pytest.mark.root
def test_a_full_disk_leaves_the_file_where_it_is(tmp_path, found, key):
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(folder)], check=True)
    try:
        quarantine = Quarantine(folder / "q", str(key[0].to_public()))
        with pytest.raises(QuarantineError, match="full"):
            quarantine.take(found.parent, found, DIGEST, event())
        assert found.read_bytes() == CONTENT
        assert list((folder / "q").iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_file_that_is_still_written_is_not_taken(quarantine, found, tmp_path):
    """What the program still writes would be lost, and `mv` would then remove its source."""
    with found.open("ab") as writer:
        with pytest.raises(BusyError, match="still writing"):
            quarantine.take(found.parent, found, DIGEST, event())
        writer.write(b"more")
    assert found.read_bytes() == CONTENT + b"more"
    assert list((tmp_path / "quarantine").iterdir()) == []


def test_a_writer_that_comes_while_sealing_is_noticed(quarantine, found, monkeypatch, tmp_path):
    real = module.replace

    def late(*arguments):
        real(*arguments)
        with found.open("ab") as file:
            file.write(b"late words")

    monkeypatch.setattr(module, "replace", late)
    with pytest.raises(ChangedError):
        quarantine.take(found.parent, found, DIGEST, event())
    assert found.read_bytes() == CONTENT + b"late words"
    assert list((tmp_path / "quarantine").iterdir()) == []


def test_a_file_put_in_its_place_while_sealing_is_not_removed(quarantine, found, monkeypatch):
    real = module.replace

    def exchange(*arguments):
        real(*arguments)
        other = found.with_name("other")
        other.write_bytes(b"another document")
        other.rename(found)

    monkeypatch.setattr(module, "replace", exchange)
    with pytest.raises(ChangedError):
        quarantine.take(found.parent, found, DIGEST, event())
    assert found.read_bytes() == b"another document"


def test_a_link_on_the_way_leads_nowhere(quarantine, tmp_path):
    """Staff who exchange a folder for a link must not make the agent remove files of others."""
    outside, zone = tmp_path / "outside", tmp_path / "zone"
    outside.mkdir()
    zone.mkdir()
    (outside / "marked.docx").write_bytes(CONTENT)
    (zone / "d").symlink_to(outside)
    with pytest.raises(ChangedError):
        quarantine.take(zone, zone / "d" / "marked.docx", DIGEST, event())
    assert (outside / "marked.docx").exists()


def test_looking_into_the_quarantine_disturbs_nothing(quarantine, found, key, monkeypatch, tmp_path):
    """`shoumi quarantine list` runs while the agent is in the middle of sealing."""
    real = module.replace

    def look(*arguments):
        Quarantine(tmp_path / "quarantine", str(key[0].to_public())).list()
        real(*arguments)

    monkeypatch.setattr(module, "replace", look)
    kept = quarantine.take(found.parent, found, DIGEST, event())
    assert (tmp_path / "quarantine" / f"{kept.id}.age").exists()


@pytest.mark.parametrize("call", ["fsync", "close"])
def test_trouble_after_the_removal_never_costs_the_sealed_copy(quarantine, found, key, monkeypatch, tmp_path, call):
    """A stick is pulled, or a network disk is full, just when the original is gone: the sealed copy is the only one."""
    real = getattr(os, call)

    def fail(descriptor):
        real(descriptor)
        if not found.exists() and not list(found.parent.iterdir()):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    kept = quarantine.take(found.parent, found, DIGEST, event())
    monkeypatch.undo()
    quarantine.release(kept.id, key[1], tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT


def test_a_crash_between_the_private_name_and_the_removal_is_finished(quarantine, found):
    kept = quarantine.take(found.parent, found, DIGEST, event())
    left = found.with_name(module._private(kept.id))
    left.write_bytes(CONTENT)
    assert len(list(quarantine.unreported())) == 1
    assert not left.exists()
