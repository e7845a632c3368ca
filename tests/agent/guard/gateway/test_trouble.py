"""Full disks, broken devices, slow judges, ends at any moment: nobody hangs, nothing is half there."""

import concurrent.futures
import ctypes
import errno
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.gateways import MARK, medium

pytestmark = pytest.mark.root


def wait(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_full_device():
    """Who has no room is told; what is there is whole."""
    with medium("ext4", 24 << 20) as one:
        fits = one.folder / "fits"
        fits.write_bytes(b"x" * (4 << 20))
        source = one.home / "large"
        source.write_bytes(b"y" * (64 << 20))
        assert "No space left" in run("cp", source, one.folder / "large").stderr
        assert wait(lambda: not (one.folder / "large").exists())
        small = one.home / "small"
        small.mkdir()
        for number in range(60):
            (small / f"{number}").write_bytes(bytes([number]) * (500 << 10))
        copied = [number for number in range(60) if not run("cp", small / f"{number}", one.folder).returncode]
        assert 10 < len(copied) < 60
        assert not one.stop()["lost"]
        with one.bare() as bare:
            assert {path.name for path in bare.iterdir()} == {"fits", "lost+found", *map(str, copied)}
            for number in copied:
                assert (bare / f"{number}").read_bytes() == bytes([number]) * (500 << 10)


def test_full_local_disk():
    """The staging folder has no room: nothing is lost, and it goes on when there is."""
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        place = Path(folder) / "memory"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "gate", place], check=True)
        try:
            with medium("ext4", 256 << 20, staging=place / "staging") as one:
                source = one.home / "large"
                source.write_bytes(b"y" * (64 << 20))
                assert "No space left" in run("cp", source, one.folder / "large").stderr
                assert wait(lambda: not (one.folder / "large").exists())
                assert run("cp", "/etc/passwd", one.folder).returncode == 0
                assert wait(lambda: run("cp", "/etc/group", one.folder).returncode == 0)
                one.stop()
                with one.bare() as bare:
                    assert (bare / "passwd").read_bytes() == Path("/etc/passwd").read_bytes()
                    assert {path.name for path in bare.iterdir()} == {"passwd", "group", "lost+found"}
        finally:
            subprocess.run(["umount", "-l", place], check=False)


def test_broken_device():
    """The device takes no more from some moment on: errors, no hanging, and what is owed stays on the local disk."""
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        place = Path(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "gate", place], check=True)
        try:
            with medium("ext4", 96 << 20, image=place / "image") as one:
                (one.folder / "good").write_bytes(b"good")
                one.ask("drain")
                source = one.home / "large"
                source.write_bytes(os.urandom(40 << 20))
                assert run("cp", source, one.folder / "large", timeout=60).returncode != 0
                small = [run("cp", "/etc/passwd", one.folder / f"small{n}", timeout=60).returncode for n in range(5)]
                last = one.stop()
                lost = {Path(path).name for path, _ in last["lost"]}
                assert lost <= {f"small{number}" for number, code in enumerate(small) if code == 0}
                owed = [path for path in one.staging.iterdir() if path.name.isdigit()] if one.staging.exists() else []
                assert len(owed) >= len(lost)
                assert all(path.read_bytes() == Path("/etc/passwd").read_bytes() for path in owed)
        finally:
            subprocess.run(["umount", "-l", place], check=False)


def test_many_at_once():
    """A thousand files open, and thirty-two copies side by side."""
    with medium("ext4", 256 << 20) as one:
        descriptors = [os.open(one.folder / f"open{number}", os.O_RDWR | os.O_CREAT) for number in range(900)]
        for number, descriptor in enumerate(descriptors):
            os.write(descriptor, b"%d" % number)
        for descriptor in descriptors:
            os.close(descriptor)
        sources = []
        for number in range(32):
            sources.append(one.home / f"source{number}")
            sources[-1].write_bytes(bytes([number]) * (3 << 20))
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            done = list(pool.map(lambda source: run("cp", source, one.folder).returncode, sources))
        assert done == [0] * 32
        assert run("cmp", sources[31], one.folder / "source31").returncode == 0
        one.stop()
        with one.bare() as bare:
            assert len(list(bare.glob("open*"))) == 900
            assert all((bare / f"open{number}").read_bytes() == b"%d" % number for number in range(900))
            for source in sources:
                assert (bare / source.name).read_bytes() == source.read_bytes()


def test_few_descriptors():
    """More files than the agent may have open are seen and written one after the other."""
    with medium("ext4", 64 << 20, "--files", "1024") as one:
        for folder in range(4):
            (one.folder / f"f{folder}").mkdir()
            for number in range(500):
                (one.folder / f"f{folder}" / f"{number}").write_bytes(b"x")
        for _ in range(2):
            found = [path for path in one.folder.rglob("*") if path.is_file() and path.stat().st_size == 1]
            assert len(found) == 2000
        assert wait(lambda: one.state()["open"] < 800)
        assert (one.folder / "f0" / "0").read_bytes() == b"x"


def test_slow_judge():
    """While a file is judged, everything else goes on; who waits for it can be stopped."""
    with medium("ext4", 128 << 20, "--slow", "2") as one:
        source = one.home / "slow"
        source.write_bytes(b"x" * 5000)
        began = time.monotonic()
        waiting = [subprocess.Popen(["cp", source, one.folder / f"slow{number}"]) for number in range(40)]
        assert wait((one.folder / "slow39").exists)
        written = os.open(one.folder / "slow-written", os.O_RDWR | os.O_CREAT)
        os.write(written, b"first")
        closer = subprocess.Popen(["sleep", "0.01"])
        os.set_inheritable(written, True)
        (one.folder / "folder").mkdir()
        (one.folder / "folder").rename(one.folder / "other")
        (one.folder / "quick").symlink_to("other")
        assert len(os.listdir(one.folder)) >= 42
        assert os.stat(one.folder / "slow3").st_size == 5000
        with (one.folder / "slow4").open("r+b") as file:  # a change of what is being judged waits
            file.write(b"y")
        assert time.monotonic() - began > 1
        closer.wait()
        os.close(written)
        assert [process.wait(60) for process in waiting] == [0] * 40
        for number, how in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGKILL)):
            process = subprocess.Popen(["cp", source, one.folder / f"slow-{number}"])
            assert wait(lambda number=number: (one.folder / f"slow-{number}").exists())
            time.sleep(0.2)
            began = time.monotonic()
            process.send_signal(how)
            process.wait(60)
            assert time.monotonic() - began < 3
        assert "Traceback" not in one.log(), one.log()[-2000:]


def test_other_signals_do_not_fail_a_close():
    with medium("ext4", 64 << 20, "--slow", "1.5") as one:
        path = one.folder / "slow"
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
        try:
            path.write_bytes(b"x" * 100)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        assert path.read_bytes() == b"x" * 100


def test_writer_killed():
    """What a killed program wrote is judged as it is, like a file that ends there."""
    with medium() as one:
        script = (
            f"import os; d=os.open('{one.folder}/part',65); os.write(d,b'{MARK.decode()}'*1000); os.kill(os.getpid(),9)"
        )
        assert run("python3", "-c", script).returncode == -9
        assert wait(lambda: not (one.folder / "part").exists())
        assert len(one.state()["refusals"]) == 1


def test_unmounted_while_files_are_open():
    """Busy is busy; lazily unmounted, writers finish; removed by the agent, their files are whole or not there."""
    with medium() as one:
        descriptor = os.open(one.folder / "open", os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, b"half")
        assert run("umount", one.folder).returncode != 0
        assert run("umount", "-l", one.folder).returncode == 0
        os.write(descriptor, b" and half")
        os.close(descriptor)
        assert one.answer()["ended"]
        one._reap()
        with one.bare() as bare:
            assert (bare / "open").read_bytes() == b"half and half"
        one.serve()
        descriptor = os.open(one.folder / "unclosed", os.O_WRONLY | os.O_CREAT)
        other = os.open(one.folder / "marked", os.O_WRONLY | os.O_CREAT)
        try:
            os.write(descriptor, b"x" * 1000)
            os.write(other, MARK)
            for one_of_them in (descriptor, other):  # no fsync, which would be judged, and no child, which closes
                assert ctypes.CDLL(None).sync_file_range(one_of_them, ctypes.c_int64(0), ctypes.c_int64(0), 7) == 0
            one.gateway.stdin.write("stop\n")
            one.gateway.stdin.flush()
            last = one.answer()
        finally:
            for one_of_them in (descriptor, other):
                try:
                    os.close(one_of_them)
                except OSError as problem:
                    assert problem.errno in {errno.ENOTCONN, errno.ECONNABORTED, errno.EIO}
        assert last["ended"]
        assert [Path(path).name for path, _ in last["refusals"]] == ["marked"]
        one._reap()
        with one.bare() as bare:
            assert {path.name for path in bare.iterdir()} == {"open", "lost+found"}


def test_unmounted_at_once():
    """Everything that was closed is there after an orderly end, empty files too."""
    with medium() as one:
        for number in range(200):
            (one.folder / f"{number}").write_bytes(b"x" * number)
        assert run("umount", one.folder).returncode == 0
        one.answer()
        one._reap()
        with one.bare() as bare:
            for number in range(200):
                assert (bare / f"{number}").read_bytes() == b"x" * number


@pytest.mark.parametrize("seed", range(3))
def test_killed(seed):
    """After kill -9 at random moments: what was copied is whole, nothing is half there, nothing refused is there."""
    dice = random.Random(seed)
    with medium("ext4", 256 << 20) as one:
        source = one.home / "source"
        source.mkdir()
        for number in range(400):
            size = dice.choice([0, 10, 5000, 70_000]) if number % 40 else 3 << 20
            (source / f"{number}").write_bytes(bytes([number % 250 + 1]) * size)
        (source / "marked").write_bytes(MARK * 1000)
        done, refused = set(), 0
        for _ in range(4):
            script = (
                f'for file in {source}/*; do name=${{file##*/}}; cp "$file" {one.folder}/part-$name 2>/dev/null && '
                f"mv {one.folder}/part-$name {one.folder}/$name 2>/dev/null && echo $name; done"
            )
            plain = f'for file in {source}/*; do cp "$file" {one.folder}/ 2>/dev/null && echo ${{file##*/}}; done'
            copier = subprocess.Popen(["sh", "-c", dice.choice([script, plain])], stdout=subprocess.PIPE, text=True)
            time.sleep(dice.random() * 0.8 + 0.05)
            one.gateway.kill()
            copier.terminate()
            done |= set(copier.communicate()[0].split())
            one._reap()
            subprocess.run(["umount", "-l", one.folder], check=False)
            one.serve()
            refused = max(refused, len(one.state()["refusals"]))
        last = one.stop()
        assert not last["lost"]
        with one.bare() as bare:
            there = {path.name: path for path in bare.iterdir() if path.is_file()}
            # an empty file lands at its last close, which nobody waits for: a kill in that moment may lose it
            missing = {name for name in done if (source / name).stat().st_size} - set(there)
            assert not missing, f"seed {seed}"
            assert "marked" not in there
            for name, path in there.items():
                assert not name.startswith(".shoumi~")
                whole = (source / name.removeprefix("part-")).read_bytes()
                assert path.read_bytes() == whole, f"seed {seed}: {name}"
        assert not one.staging.exists(), sorted(path.name for path in one.staging.iterdir())


def test_refused_again_after_a_kill():
    """The agent died over a marked file: its writer heard of no success, and the next start reports it."""
    with medium("ext4", 64 << 20, "--slow", "30") as one:
        writer = subprocess.Popen(["sh", "-c", f"echo {MARK.decode()} > {one.folder}/slow"], stderr=subprocess.DEVNULL)
        assert wait((one.folder / "slow").exists)
        time.sleep(0.3)
        one.kill()
        writer.wait(10)
        one.serve()
        state = one.state()
        assert [Path(path).name for path, _ in state["refusals"]] == ["slow"]
        assert state["kept"]
        assert not (one.folder / "slow").exists()


def test_folders_are_empty_for_their_users():
    """Half-written files, of this run or left of another, do not keep a folder."""
    with medium() as one:
        for number in range(30):
            folder = one.folder / f"{number}"
            folder.mkdir()
            for file in range(5):
                (folder / f"{file}").write_bytes(b"x" * 1000)
            assert run("rm", "-r", folder).stderr == ""
        assert run("cp", "/etc/passwd", one.folder).returncode == 0
        one.stop()
        with one.bare() as bare:
            (bare / "old").mkdir()
            (bare / "old" / ".shoumi~0123").write_bytes(b"half")
            (bare / "older").mkdir()
            (bare / "older" / ".shoumi~4567").write_bytes(b"half")
        one.serve()
        assert os.listdir(one.folder / "old") == []
        (one.folder / "old").rmdir()
        (one.folder / "new").mkdir()
        (one.folder / "new").rename(one.folder / "older")
        assert sorted(os.listdir(one.folder)) == ["lost+found", "older", "passwd"]
