"""The file systems that sticks really have: what they keep is kept, what they cannot is said."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.gateways import MARK, Look, medium

pytestmark = pytest.mark.root
# vfat is a driver of the kernel alone: where it is not built in, nothing that could be installed would bring it.
FAT = ["vfat"] * ("\tvfat\n" in Path("/proc/filesystems").read_text())
KINDS = ["exfat", *FAT, "ntfs"]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(params=KINDS)
def one(request):
    with medium(request.param, 96 << 20) as one:
        yield one
        assert "Traceback" not in one.log(), one.log()[-3000:]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "a" / "内").mkdir(parents=True)
    (folder / "a" / "one").write_bytes(b"1" * 5000)
    (folder / "a" / "内" / "二").write_bytes(b"2" * 100_000)
    (folder / "empty").touch()
    (folder / "large").write_bytes(os.urandom(3 << 20))
    os.utime(folder / "a" / "one", (10**9, 10**9))
    return folder


def test_copy_tree(one, source):
    assert run("cp", "-r", source, one.folder / "r").returncode == 0
    run("cp", "-a", source, one.folder / "a")  # which may say that owners cannot be kept
    assert run("diff", "-r", source, one.folder / "r").stdout == ""
    assert run("diff", "-r", source, one.folder / "a").stdout == ""
    one.stop()
    with one.bare() as bare:
        for copy in ("r", "a"):
            assert run("diff", "-r", source, bare / copy).stdout == ""
        assert abs((bare / "a" / "a" / "one").stat().st_mtime - 10**9) <= 2
        assert not [path for path in bare.rglob("*") if path.name.startswith(".shoumi~")]
    assert not one.staging.exists()


def test_owners_as_the_device_reports_them(one):
    path = one.folder / "file"
    path.write_bytes(b"x")
    on_its_way = path.stat()
    one.ask("drain")
    landed = path.stat()
    one.stop()
    with one.bare() as bare:
        own = (bare / "file").stat()
    for status in (on_its_way, landed):
        assert (status.st_uid, status.st_gid) == (own.st_uid, own.st_gid)
    assert landed.st_size == own.st_size == 1


def test_moves(one, source):
    assert run("cp", "-r", source, one.folder / "here").returncode == 0
    assert run("mv", one.folder / "here", one.folder / "there").returncode == 0
    (one.folder / "there" / "large").rename(one.folder / "there" / "a" / "one")
    (one.folder / "there" / "a").rename(one.folder / "b")
    (one.folder / "there" / "empty").unlink()
    (one.folder / "there").rmdir()
    assert sorted(path.name for path in one.folder.iterdir() if "olume" not in path.name) == ["b"]
    one.stop()
    with one.bare() as bare:
        assert (bare / "b" / "one").read_bytes() == (source / "large").read_bytes()
        assert (bare / "b" / "内" / "二").read_bytes() == b"2" * 100_000


def test_written_again(one):
    path = one.folder / "file"
    for number in range(20):
        path.write_bytes(b"%d" % number * number)
        assert path.read_bytes() == b"%d" % number * number
        with path.open("ab") as file:
            file.write(b"more")
        assert path.read_bytes() == b"%d" % number * number + b"more"
        if number % 3 == 0:
            one.ask("drain")


def test_refused(one):
    old = one.folder / "old"
    old.write_bytes(b"old")
    with Look(one) as look:
        for path in (old, one.folder / "bad"):
            with pytest.raises(PermissionError), path.open("wb") as file:
                file.write(b"x" * 100_000 + MARK)
        one.ask("drain")
    assert not look.seen
    one.stop()
    with one.bare() as bare:
        assert (bare / "old").read_bytes() == b"old"
        assert not (bare / "bad").exists()


@pytest.mark.parametrize("one", ["exfat", *FAT], indirect=True)
@pytest.mark.parametrize("landed", [False, True])
def test_case(one, landed):
    """Names that differ in case only are the same file, on the medium or on the way to it."""
    upper, lower = one.folder / "Report.TXT", one.folder / "report.txt"
    assert not lower.exists()
    upper.write_bytes(b"first")
    if landed:
        one.ask("drain")
    assert lower.read_bytes() == b"first"
    lower.write_bytes(b"second!")
    assert upper.read_bytes() == b"second!"
    with pytest.raises(FileExistsError):
        os.close(os.open(lower, os.O_CREAT | os.O_EXCL))
    one.ask("drain")
    assert [path.name for path in one.folder.iterdir() if "eport" in path.name.lower()] == ["Report.TXT"]
    upper.unlink()
    assert not lower.exists()
    lower.mkdir()
    assert upper.is_dir()
    one.stop()
    with one.bare() as bare:
        assert [path.name for path in bare.iterdir() if "eport" in path.name.lower()] == ["report.txt"]
