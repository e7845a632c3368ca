"""Whatever way marked content is written: its writer hears of it, and the device never holds it."""

import concurrent.futures
import contextlib
import errno
import mmap
import os
import subprocess
import sys
import threading
import time

import pytest

from tests.gateways import MARK, Look, medium

pytestmark = pytest.mark.root
SECRET = b"public words\n" * 2000 + MARK + b"\n" * 1000


@pytest.fixture(scope="module")
def shared():
    """One medium for all that does not break it."""
    with medium() as one:
        yield one


@pytest.fixture
def one(shared):
    """It is looked at all the time; in the end nothing is left of what was refused."""
    before = set(names(shared.folder))
    with Look(shared) as look:
        yield shared
        wait(lambda: not any("bad" in name for name in set(names(shared.folder)) - before))
    assert look.looks > 1
    assert not look.seen, "the device held it"
    assert not [name for name in set(names(shared.folder)) - before if "bad" in name]
    assert "Traceback" not in shared.log(), shared.log()[-3000:]


def names(folder):
    return [os.path.join(path, name) for path, folders, files in os.walk(folder) for name in (*folders, *files)]


def wait(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)


def refused(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode != 0, done
    return done.stderr


def writer(path, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
    return os.open(path, flags, 0o644)


def closes(descriptor, number=errno.EACCES):
    try:
        os.close(descriptor)
    except OSError as problem:
        assert problem.errno == number
    else:
        pytest.fail("the close was not refused")


def test_write(one):
    path = one.folder / "bad"
    descriptor = writer(path)
    os.write(descriptor, SECRET)
    closes(descriptor)
    wait(lambda: not path.exists())
    assert not path.exists()
    assert "bad" not in os.listdir(one.folder)
    with pytest.raises(FileNotFoundError):
        path.read_bytes()


def test_sync(one):
    descriptor = writer(one.folder / "bad")
    os.write(descriptor, SECRET)
    with pytest.raises(PermissionError):
        os.fsync(descriptor)
    with pytest.raises(PermissionError):
        os.fsync(descriptor)
    closes(descriptor)


def test_mapping_with_sync(one):
    descriptor = writer(one.folder / "bad", os.O_RDWR | os.O_CREAT)
    os.ftruncate(descriptor, 100_000)
    with mmap.mmap(descriptor, 100_000) as view:
        view[50_000 : 50_000 + len(MARK)] = MARK
        with pytest.raises(PermissionError):
            view.flush()
    closes(descriptor)


def test_mapping_after_close(one):
    """Nobody hears of it, and it does not land; the clean state before it does."""
    path = one.folder / "half"
    descriptor = writer(path, os.O_RDWR | os.O_CREAT)
    os.ftruncate(descriptor, 100_000)
    view = mmap.mmap(descriptor, 100_000)
    os.close(descriptor)
    view[50_000 : 50_000 + len(MARK)] = MARK
    view.close()
    wait(lambda: str(path) in [row[0] for row in one.state()["refusals"]])
    assert str(path) in [row[0] for row in one.state()["refusals"]], (one.state(), one.log())
    wait(lambda: MARK not in path.read_bytes())
    assert path.read_bytes() == bytes(100_000)


def test_second_half_appended(one):
    path = one.folder / "half-appended"
    path.write_bytes(b"x" * 5000 + MARK[:5])
    with pytest.raises(PermissionError), path.open("ab") as file:
        file.write(MARK[5:])
    wait(lambda: path.stat().st_size == 5005)
    assert path.read_bytes() == b"x" * 5000 + MARK[:5]


def test_overwritten(one):
    """What stood there is untouched, for those who have it open, too."""
    path = one.folder / "old"
    path.write_bytes(b"old words" * 1000)
    with path.open("rb") as reader:
        assert reader.read(9) == b"old words"
        descriptor = writer(path)
        os.write(descriptor, SECRET)
        closes(descriptor)
        wait(lambda: path.exists() and path.stat().st_size == 9000)
        assert path.read_bytes() == b"old words" * 1000
        assert reader.read(9) == b"old words"
    assert path.stat().st_size == 9000
    path.write_bytes(b"new")
    assert path.read_bytes() == b"new"


def test_shell(one):
    """It opens and closes the file once before anything is written."""
    source, target, there = one.home / "source", one.folder / "bad", one.folder / "there"
    source.write_bytes(SECRET)
    there.write_bytes(b"old words")
    refused("sh", "-c", f"cat {source} > {target}")
    refused("sh", "-c", f"cat {source} > {there}")
    refused("sh", "-c", f"cat {source} >> {there}")
    wait(lambda: there.exists() and there.stat().st_size == 9)
    assert there.read_bytes() == b"old words"
    assert not target.exists()


def test_copy_and_move(one):
    source = one.home / "source"
    source.write_bytes(SECRET)
    assert "Permission denied" in refused("cp", source, one.folder / "bad")
    assert "Permission denied" in refused("cp", "-a", source, one.folder / "bad")
    refused("mv", source, one.folder / "bad")
    assert source.read_bytes() == SECRET
    refused("dd", f"if={source}", f"of={one.folder}/bad", "bs=4k", "status=none")
    refused("install", source, one.folder / "bad")
    assert source.exists()


def test_truncated_to_the_mark(one):
    """Cut so that what is left is marked, by name and by descriptor."""
    path = one.folder / "bad-cut"
    descriptor = writer(path, os.O_RDWR | os.O_CREAT)
    os.write(descriptor, MARK + b"x" * 5000)
    os.ftruncate(descriptor, len(MARK))
    closes(descriptor)
    wait(lambda: not path.exists())
    with pytest.raises(FileNotFoundError):
        os.truncate(path, 5)


def test_sparse(one):
    descriptor = writer(one.folder / "bad")
    os.pwrite(descriptor, MARK, 40 << 20)
    closes(descriptor)


def test_large(one):
    descriptor = writer(one.folder / "bad")
    for _ in range(20):
        os.write(descriptor, b"x" * (1 << 20))
    os.write(descriptor, MARK)
    closes(descriptor)


def test_names(one):
    good, marked = one.folder / "good", os.fsdecode(MARK)
    good.write_bytes(b"clean")
    folder = one.folder / "folder"
    folder.mkdir()
    for act in (
        lambda: good.rename(one.folder / f"bad-{marked}"),
        lambda: folder.rename(one.folder / f"bad-{marked}"),
        (one.folder / f"bad-{marked}").mkdir,
        lambda: (one.folder / "bad").symlink_to(marked),
        lambda: (one.folder / f"bad-{marked}").symlink_to("x"),
        lambda: os.link(good, one.folder / f"bad-{marked}"),
        lambda: os.mkfifo(one.folder / f"bad-{marked}"),
        lambda: os.mknod(one.folder / f"bad-{marked}", 0o100644),
        lambda: os.setxattr(good, "user.bad", MARK),
        lambda: (one.folder / f"bad-{marked}").write_bytes(b"clean"),
        (one.folder / f"bad-{marked}").touch,
    ):
        with contextlib.suppress(PermissionError):
            act()
            assert act.__code__ is not None
    wait(lambda: sorted(os.listdir(one.folder)) and not any("bad" in name for name in os.listdir(one.folder)))
    assert good.read_bytes() == b"clean"
    assert os.listxattr(good) == []
    assert folder.is_dir()
    refusals = [row[0] for row in one.state()["refusals"]]
    assert sum(marked in path for path in refusals) >= 8


def test_hidden_names(one):
    """Names of half-written files are nobody's."""
    for act in ("mkdir", "touch"):
        refused(act, one.folder / ".shoumi~bad")
    good = one.folder / "good2"
    good.write_bytes(b"x")
    for act in (os.link, os.rename, os.symlink):
        with pytest.raises(PermissionError):
            act(good, one.folder / ".shoumi~bad")


def test_hard_link(one):
    first, second = one.folder / "first", one.folder / "second"
    first.write_bytes(b"old")
    second.hardlink_to(first)
    with pytest.raises(PermissionError), second.open("wb") as file:
        file.write(SECRET)
    wait(lambda: first.stat().st_size == 3)
    assert first.read_bytes() == second.read_bytes() == b"old"
    second.write_bytes(b"new")
    wait(lambda: first.stat().st_size == 3)
    assert first.read_bytes() == b"new"
    assert first.stat().st_ino == second.stat().st_ino


def test_link_to_what_is_being_written(one):
    path, other = one.folder / "bad", one.folder / "bad-link"
    descriptor = writer(path)
    os.write(descriptor, SECRET)
    with pytest.raises(PermissionError):
        other.hardlink_to(path)
    closes(descriptor)


def test_renamed_while_written(one):
    path = one.folder / "bad"
    descriptor = writer(path)
    os.write(descriptor, SECRET)
    path.rename(one.folder / "bad-elsewhere")
    closes(descriptor)


def test_renamed_over(one):
    """Saving by a temporary file: refused at the close, so there is nothing to rename."""
    target, temporary = one.folder / "document", one.folder / "bad-temporary"
    target.write_bytes(b"old")
    descriptor = writer(temporary)
    os.write(descriptor, SECRET)
    os.rename(temporary, target)  # not closed yet
    closes(descriptor)
    wait(lambda: target.exists() and target.stat().st_size == 3)
    assert target.read_bytes() == b"old"


def test_many_handles(one):
    """Each writes a piece of the mark; the whole is judged."""
    path = one.folder / "bad"
    descriptors = [writer(path, os.O_WRONLY | os.O_CREAT) for _ in MARK]
    for at, descriptor in enumerate(descriptors):
        os.pwrite(descriptor, MARK[at : at + 1], at)
    for descriptor in descriptors:
        closes(descriptor)


def test_two_processes(one):
    path = one.folder / "twice"
    path.write_bytes(b"")
    script = "import os,sys; d=os.open(sys.argv[1],1); os.pwrite(d,sys.argv[2].encode(),int(sys.argv[3])); os.close(d)"
    first = subprocess.run([sys.executable, "-c", script, path, "SECRET", "0"], check=False, stderr=-1)
    second = subprocess.run([sys.executable, "-c", script, path, "MARK", "6"], check=False, stderr=-1)
    assert first.returncode == 0
    assert b"PermissionError" in second.stderr
    wait(lambda: path.stat().st_size == 6)
    assert path.read_bytes() == b"SECRET"


def test_inherited(one):
    descriptor = writer(one.folder / "bad")
    pid = os.fork()
    if pid == 0:
        try:
            os.write(descriptor, SECRET)
            os.close(descriptor)
            os._exit(0)
        except PermissionError:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    closes(descriptor)
    state = one.state()
    assert pid in [row[0] for row in state["refusals"][-1][1]] + [row[0] for row in state["refusals"][-2][1]]


def test_concurrent_writers(one):
    def write(number):
        try:
            (one.folder / f"bad{number}").write_bytes(SECRET * (1 + number % 5))
        except PermissionError:
            return True
        return False

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(write, range(60)))


def test_others_do_not_read_it(one):
    """Once it is refused, a process that has the file open cannot read it."""
    path = one.folder / "bad"
    descriptor = writer(path)
    os.write(descriptor, SECRET)
    with pytest.raises(PermissionError):
        os.fsync(descriptor)
    with pytest.raises(PermissionError):
        path.read_bytes()
    closes(descriptor)


def test_free_space_comes_back(one):
    wait(lambda: False, 0.3)
    before = os.statvfs(one.folder).f_bavail
    for _ in range(5):
        with contextlib.suppress(PermissionError):
            (one.folder / "bad").write_bytes(MARK * 2_000_000)
    wait(lambda: os.statvfs(one.folder).f_bavail >= before)
    assert os.statvfs(one.folder).f_bavail >= before
    assert len(os.listdir(one.staging)) <= 40


def test_sync_of_the_medium(one):
    """The kernel still has the times of a refused file to write back when everything is synced."""
    source = one.home / "source"
    source.write_bytes(SECRET)
    stop = threading.Event()
    failed = []

    def sync():
        while not stop.is_set():
            failed.extend(run.stderr for run in [subprocess.run(["sync", "-f", one.folder], check=False, stderr=-1)])

    thread = threading.Thread(target=sync)
    thread.start()
    for number in range(40):
        refused("cp", source, one.folder / f"bad{number}")
    stop.set()
    thread.join()
    assert not [words for words in failed if words]


def test_kept_and_lent(one):
    """The whole refused file is kept; of a file that a grant allows is told that it landed."""
    one.ask("drain")
    kept = one.state()["kept"]
    with contextlib.suppress(PermissionError):
        (one.folder / "bad").write_bytes(SECRET)
    wait(lambda: len(one.state()["kept"]) > len(kept))
    assert one.state()["kept"][-1][1] == len(SECRET)
    (one.folder / "lent").write_bytes(b"lent")
    assert one.state()["told"][-1][1] is True


def test_in_the_end_the_device_is_clean():
    with medium() as one:
        (one.folder / "good").write_bytes(b"good")
        with contextlib.suppress(PermissionError):
            (one.folder / "bad").write_bytes(SECRET)
        last = one.stop()
        assert len(last["kept"]) == 1
        with one.bare() as bare:
            assert {path.name for path in bare.iterdir()} == {"good", "lost+found"}
        assert MARK not in one.image.read_bytes()
        assert not one.staging.exists()
