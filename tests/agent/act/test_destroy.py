import errno
import hashlib
import os
import subprocess
import sys

import pytest

from agent.act import destroy as module
from agent.act.destroy import DestroyError, OtherContentError, destroy
from agent.act.spot import Spot

SECRET = b"classified content " * 100_000


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "plan.docx").write_bytes(SECRET)
    return folder


def test_its_blocks_are_overwritten_and_the_name_is_gone(stick):
    path = stick / "in" / "plan.docx"
    twin = stick / "twin"  # a second name of the same blocks shows what became of them
    os.link(path, twin)
    destroy(stick, path, digest(SECRET))
    assert not path.exists()
    assert twin.stat().st_size == len(SECRET)
    assert b"classified" not in twin.read_bytes()
    assert len(set(twin.read_bytes()[:4096])) > 50, "random, not zeros"


def test_an_empty_file_is_just_removed(stick):
    (stick / "empty").touch()
    destroy(stick, stick / "empty", digest(b""))
    assert not (stick / "empty").exists()


def test_other_content_is_not_touched(stick):
    path = stick / "in" / "plan.docx"
    path.write_bytes(b"my holiday")
    with pytest.raises(OtherContentError):
        destroy(stick, path, digest(SECRET))
    assert path.read_bytes() == b"my holiday"


def test_a_file_that_is_being_written_is_not_touched(stick):
    path = stick / "in" / "plan.docx"
    with path.open("ab"), pytest.raises(OtherContentError):
        destroy(stick, path, digest(SECRET))
    assert path.read_bytes() == SECRET


@pytest.mark.parametrize("how", ["the file", "its folder"])
def test_a_link_leads_nowhere(stick, tmp_path, how):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "plan.docx").write_bytes(SECRET)
    path = stick / "in" / "plan.docx"
    path.unlink()
    if how == "the file":
        path.symlink_to(outside / "plan.docx")
    else:
        path.parent.rmdir()
        path.parent.symlink_to(outside)
    with pytest.raises(OSError, match=r".*"):
        destroy(stick, path, digest(SECRET))
    assert (outside / "plan.docx").read_bytes() == SECRET


def test_what_is_gone_is_said(stick):
    with pytest.raises(FileNotFoundError):
        destroy(stick, stick / "in" / "other", digest(SECRET))


def test_a_pipe_does_not_hold_it_up(stick):
    os.mkfifo(stick / "pipe")
    with pytest.raises(FileNotFoundError):
        destroy(stick, stick / "pipe")


def test_a_medium_that_cannot_be_written_says_so_and_keeps_the_file(stick, monkeypatch):
    def refuse(self):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Spot, "open_for_writing", refuse)
    with pytest.raises(DestroyError, match="Read-only"):
        destroy(stick, stick / "in" / "plan.docx", digest(SECRET))
    assert (stick / "in" / "plan.docx").read_bytes() == SECRET


def test_a_file_exchanged_after_the_look_is_not_touched(stick, monkeypatch):
    path, real = stick / "in" / "plan.docx", module.has_writers

    def exchange(file):
        path.unlink()
        path.write_bytes(b"another")
        return real(file)

    monkeypatch.setattr(module, "has_writers", exchange)
    with pytest.raises(OtherContentError):
        destroy(stick, path, digest(SECRET))
    assert path.read_bytes() == b"another"


def test_killed_in_the_middle_it_is_finished_by_a_second_call(stick):
    path = stick / "in" / "plan.docx"
    code = (
        "import os, signal, sys; from pathlib import Path; from agent.act import destroy as d\n"
        "d.Spot.remove = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "d.destroy(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(stick), str(path)], cwd=os.getcwd())
    assert done.returncode == -9
    assert path.exists()
    assert b"classified" not in path.read_bytes()
    destroy(stick, path)
    assert not path.exists()


def test_the_name_is_removed_where_everybody_sees_it(stick, tmp_path):
    """Behind a gateway the blocks are overwritten past it, and the name goes through it."""
    seen = tmp_path / "seen"
    (seen / "in").mkdir(parents=True)
    os.link(stick / "in" / "plan.docx", seen / "in" / "plan.docx")
    destroy(stick, stick / "in" / "plan.docx", digest(SECRET), seen)
    assert not (seen / "in" / "plan.docx").exists()
    assert b"classified" not in (stick / "in" / "plan.docx").read_bytes()
