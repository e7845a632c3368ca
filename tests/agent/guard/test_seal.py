import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.guard import intent, seal
from agent.guard.seal import Seal
from config.errors import ShoumiError
from tests.agent.guard.conftest import detached, until

pytestmark = pytest.mark.root


class Bench:
    """A sealed disk: the agent's mount hangs nowhere, people have two."""

    def __init__(self, disk, **settings):
        self.disk, self.told = disk, []
        self.second = disk.mount(disk.folder.parent / "second")
        self.own = detached(disk.folder)
        self.mine = f"/proc/self/fd/{self.own}"
        (disk.folder / "old").write_text("content")
        self.seal = Seal({os.getpid()}, lambda process, path: self.told.append((process, path)), **settings)

    def close(self):
        self.seal.close()
        os.close(self.own)


@pytest.fixture
def bench(disk):
    one = Bench(disk)
    try:
        one.seal.guard(one.mine)
        yield one
    finally:
        one.close()


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **more)


def python(program, *arguments):
    return run(sys.executable, "-c", "import ctypes, mmap, os, sys\n" + program, *map(str, arguments))


OPENAT2 = """
how = (ctypes.c_uint64 * 3)(int(sys.argv[2]), 0, 0)
libc = ctypes.CDLL(None, use_errno=True)
found = libc.syscall(437, -100, os.fsencode(sys.argv[1]), how, 24)
sys.exit(0 if found >= 0 else ctypes.get_errno())
"""


@pytest.mark.parametrize(
    "program",
    [
        "open(sys.argv[1] + '/new', 'w').write('x')",
        "open(sys.argv[1] + '/old', 'a').write('x')",
        "open(sys.argv[1] + '/old', 'r+')",
        "os.open(sys.argv[1] + '/old', os.O_RDONLY | os.O_TRUNC)",
        "os.open(sys.argv[1], os.O_TMPFILE | os.O_RDWR)",
        "os.open(sys.argv[1] + '/old', os.O_RDWR | os.O_DIRECT)",
        "ctypes.CDLL(None).creat(os.fsencode(sys.argv[1] + '/new'), 0o600) >= 0 or sys.exit(1)",
        "mmap.mmap(os.open(sys.argv[1] + '/old', os.O_RDWR), 0)[0:1] = b'x'",
        "import threading; one = threading.Thread(target=open, args=(sys.argv[1] + '/new', 'w')); "  # noqa: ISC004
        "one.start(); one.join(); sys.exit(1)",
    ],
)
def test_no_other_process_opens_for_writing_by_any_mount(bench, program):
    for mount in (bench.disk.folder, bench.second):
        assert python(program, mount).returncode
    assert (bench.disk.folder / "old").read_text() == "content"
    assert until(lambda: len(bench.told) == 2)
    assert until(lambda: sorted(os.listdir(bench.disk.folder)) == ["lost+found", "old"])


def test_usual_programs_are_refused(bench, tmp_path):
    (tmp_path / "secret").write_text("secret")
    for command in (
        ["cp", tmp_path / "secret", bench.second],
        ["dd", f"if={tmp_path / 'secret'}", f"of={bench.second / 'new'}"],
        ["sh", "-c", f"cat {tmp_path / 'secret'} >> {bench.second / 'old'}"],
        ["mv", tmp_path / "secret", bench.second],
        ["tee", bench.second / "new"],
    ):
        assert run(*command, input="x").returncode, command
    assert (tmp_path / "secret").exists()
    assert until(lambda: len(bench.told) >= 5)
    assert {path for _, path in bench.told} <= {f"{bench.second}/{name}" for name in ("old", "new", "secret")}
    assert os.listdir(bench.second) == os.listdir(bench.disk.folder)


def test_openat2_is_told_by_its_flags_in_memory(bench):
    assert python(OPENAT2, bench.second / "old", os.O_RDONLY).returncode == 0
    for flags in (os.O_RDWR, os.O_WRONLY, os.O_RDONLY | os.O_TRUNC, os.O_CREAT | os.O_WRONLY):
        assert python(OPENAT2, bench.second / "old", flags).returncode == 1  # EPERM
    assert (bench.second / "old").read_text() == "content"


def test_flags_that_another_thread_exchanges_do_not_help(bench, monkeypatch):
    """The kernel has read the flags for writing, and this process sees those for reading."""
    real = intent._call
    monkeypatch.setattr(intent, "_call", lambda flags: real(os.O_RDONLY))
    assert python(OPENAT2, bench.second / "old", os.O_RDWR).returncode == 1
    assert python(OPENAT2, bench.second / "old", os.O_RDONLY).returncode == 0


RING = """
libc = ctypes.CDLL(None, use_errno=True)
parameters = (ctypes.c_uint32 * 30)()
ring = libc.syscall(425, 4, parameters)
if ring < 0: sys.exit(77)
sq_entries, cq_entries = parameters[0], parameters[1]
sq, cq = parameters[10:20], parameters[20:30]
area = mmap.mmap(ring, sq[6] + sq_entries * 4 + 4096, offset=0)
done = mmap.mmap(ring, cq[5] + cq_entries * 16 + 4096, offset=0x8000000)
entries = mmap.mmap(ring, sq_entries * 64, offset=0x10000000)
path = ctypes.create_string_buffer(os.fsencode(sys.argv[1]))
import struct
entries[0:64] = struct.pack("=BBHiQQIIQHHiQQ", 18, int(sys.argv[3]), 0, -100, 0, ctypes.addressof(path), 0o600,
    int(sys.argv[2]), 7, 0, 0, 0, 0, 0)
area[sq[6]:sq[6] + 4] = struct.pack("=I", 0)
area[sq[1]:sq[1] + 4] = struct.pack("=I", 1)
libc.syscall(426, ring, 1, 1, 1, 0, 0)
result = struct.unpack_from("=Qi", done, cq[5])[1]
sys.exit(0 if result >= 0 else -result)
"""


@pytest.mark.parametrize("how", [0, 16], ids=["plain", "IOSQE_ASYNC"])
def test_a_ring_cannot_open_unseen(bench, how):
    answer = python(RING, bench.second / "old", os.O_RDWR, how)
    if answer.returncode == 77:
        pytest.skip("no io_uring here")
    assert answer.returncode == 1, answer.stderr
    assert python(RING, bench.disk.folder.parent / "image", os.O_RDONLY, how).returncode == 0, "the ring itself works"


def test_reading_is_free(bench):
    assert run("cat", bench.second / "old").stdout == "content"
    assert run("ls", "-l", bench.second).returncode == 0
    assert (
        python("mmap.mmap(os.open(sys.argv[1], os.O_RDONLY), 0, prot=mmap.PROT_READ)", bench.second / "old").returncode
        == 0
    )
    assert not bench.told


def test_a_program_on_the_medium_can_be_run(disk):
    own = detached(disk.folder)
    program = disk.folder / "true"
    program.write_bytes(Path("/bin/true").read_bytes())
    program.chmod(0o755)
    with Seal({os.getpid()}, lambda *_: None) as one:
        one.guard(f"/proc/self/fd/{own}")
        assert run(program).returncode == 0
    os.close(own)


def test_the_agent_writes_by_its_own_mount_and_is_never_asked(bench, monkeypatch):
    asked = []
    real = bench.seal._take
    monkeypatch.setattr(bench.seal, "_take", lambda event: (asked.append(event), real(event)))
    path = f"{bench.mine}/new"
    with open(path, "w") as file:
        file.write("written")
    with open(path) as file:
        assert file.read() == "written"
    assert not asked
    with open(bench.second / "more", "w") as file:  # by another mount it is asked, and let through
        file.write("x")
    assert asked
    assert not bench.told


def test_a_thread_and_a_helper_of_the_agent_are_let_through(disk):
    own = set()
    mount = detached(disk.folder)
    with Seal(own, lambda *_: None) as one:
        one.guard(f"/proc/self/fd/{mount}")
        thread = threading.Thread(target=(disk.folder / "a").write_text, args=("x",))
        thread.start()
        thread.join()
        assert (disk.folder / "a").read_text() == "x"
        program = "sys.stdin.readline(); open(sys.argv[1], 'w').write('y')"
        helper = subprocess.Popen(
            [sys.executable, "-c", "import sys; " + program, disk.folder / "b"], stdin=subprocess.PIPE
        )
        own.add(helper.pid)
        helper.communicate(b"\n", timeout=20)
        assert helper.returncode == 0
    os.close(mount)


def test_what_a_refused_call_made_goes_and_what_was_there_stays(bench):
    empty = bench.disk.folder / "empty"
    empty.touch()
    os.utime(empty, (1, 1))
    assert run("cp", "/etc/hostname", bench.second / "empty").returncode
    assert run("cp", "/etc/hostname", bench.second / "new").returncode
    assert until(lambda: not (bench.disk.folder / "new").exists())
    assert until(lambda: len(bench.told) >= 2)
    assert empty.exists()


def test_an_empty_file_that_the_agent_is_about_to_fill_stays(bench):
    with open(f"{bench.mine}/mine", "w") as file:
        assert run("cp", "/etc/hostname", bench.second / "mine").returncode
        assert until(lambda: bench.told)
        file.write("x")
    assert (bench.disk.folder / "mine").read_text() == "x"


@pytest.mark.parametrize("seconds", [0.5])
def test_a_look_that_never_ends_is_answered_in_time(disk, monkeypatch, seconds):
    bench = Bench(disk, seconds=seconds)
    forever = threading.Event()
    real = intent.of_thread
    monkeypatch.setattr(intent, "of_thread", lambda *which: forever.wait(60) and real(*which))
    try:
        bench.seal.guard(bench.mine)
        began = time.monotonic()
        many = [
            subprocess.Popen(["cat", bench.second / "old"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(6)
        ]
        assert all(one.wait(20) for one in many)
        assert time.monotonic() - began >= seconds
        forever.set()
        assert until(lambda: run("cat", bench.second / "old").returncode == 0)  # and others are served again
    finally:
        forever.set()
        bench.close()


def test_an_error_in_the_look_or_in_the_telling_leaves_nobody_waiting(disk, monkeypatch):
    bench = Bench(disk)
    monkeypatch.setattr(intent, "of_thread", lambda *_: 1 / 0)
    monkeypatch.setattr(bench.seal, "_denied", lambda *_: 1 / 0)
    try:
        bench.seal.guard(bench.mine)
        for _ in range(3):
            assert run("cat", bench.second / "old").returncode
    finally:
        bench.close()


def test_who_is_told_slowly_holds_nothing_open(disk):
    hold = threading.Event()
    bench = Bench(disk)
    bench.seal._denied = lambda *_: hold.wait(60)
    try:
        bench.seal.guard(bench.mine)
        before = len(os.listdir("/proc/self/fd"))
        assert python(MANY, bench.second / "old").returncode == 0
        assert until(lambda: len(os.listdir("/proc/self/fd")) <= before)
    finally:
        hold.set()
        bench.close()


def test_without_threads_all_that_wait_are_looked_at(disk, monkeypatch):
    """Kernels before 4.20 tell the process alone."""
    flags = seal.fanotify._TID
    monkeypatch.setattr(seal.fanotify, "_TID", 0x40000000)  # which no kernel knows
    bench = Bench(disk)
    monkeypatch.setattr(seal.fanotify, "_TID", flags)
    assert not bench.seal._group.threads
    try:
        bench.seal.guard(bench.mine)
        assert run("cat", bench.second / "old").stdout == "content"
        assert run("cp", "/etc/hostname", bench.second / "new").returncode
        (bench.second / "mine").write_text("x")
    finally:
        bench.close()


def test_without_marks_on_file_systems_each_mount_has_one(disk, monkeypatch):
    bench = Bench(disk)
    monkeypatch.setattr(seal.fanotify, "FILESYSTEM", 0x40000000)
    place = disk.mount(disk.folder.parent / "agents")
    try:
        bench.seal.guard(str(place))
        for mount in (disk.folder, bench.second):
            assert run("cp", "/etc/hostname", mount / "new").returncode
        third = disk.mount(disk.folder.parent / "third")
        bench.seal.again()
        assert run("cp", "/etc/hostname", third / "new").returncode
        bench.seal.release(str(place))
        assert run("cp", "/etc/hostname", third / "new").returncode == 0
    finally:
        bench.close()


def test_a_seal_comes_off_and_another_device_is_not_touched(bench, memory):
    assert run("cp", "/etc/hostname", memory).returncode == 0
    bench.seal.release(bench.mine)
    assert run("cp", "/etc/hostname", bench.second).returncode == 0
    bench.seal.guard(bench.mine)
    assert run("cp", "/etc/hostname", bench.second / "again").returncode
    bench.seal.close()
    bench.seal.close()
    assert run("cp", "/etc/hostname", bench.second / "again").returncode == 0


def test_a_medium_that_is_gone_can_be_released(bench, disk):
    place = disk.mount(disk.folder.parent / "agents")
    bench.seal.guard(str(place))
    subprocess.run(["umount", place], check=True)
    disk.mounts.remove(place)
    bench.seal.release(str(place))
    with pytest.raises(OSError, match="No such"):
        bench.seal.guard("/nowhere")


HOLDER = """
import os, sys, time
from agent.guard import intent
from agent.guard.seal import Seal
intent.of_thread = lambda *_: time.sleep(600)
own = int(sys.argv[1])
one = Seal({os.getpid()}, print, seconds=600)
one.guard(f"/proc/self/fd/{own}")
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("stopped", [False, True])
def test_openers_are_let_go_when_the_holder_is_killed(disk, stopped):
    (disk.folder / "old").write_text("content")
    own = detached(disk.folder)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(own)],
        pass_fds=[own],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.getcwd()},
    )
    try:
        assert holder.stdout.readline() == b"ready\n"
        if stopped:
            holder.send_signal(signal.SIGSTOP)
        cat = subprocess.Popen(["cat", disk.folder / "old"], stdout=subprocess.PIPE)
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert cat.wait(0.5) is None, "it was not asked about"
        holder.kill()
        assert cat.communicate(timeout=20)[0] == b"content"
    finally:
        holder.kill()
        holder.communicate()
        os.close(own)


@pytest.mark.parametrize("place", ["/", "/proc", "/dev", "."])
def test_what_the_machine_lives_on_is_never_sealed(place):
    with Seal({os.getpid()}, lambda *_: None) as one, pytest.raises(ShoumiError, match="lies on"):
        one.guard(place)


def test_who_writes_already_is_found(disk):
    with (disk.folder / "a").open("w"), (disk.folder / "a").open():
        assert seal.writers(disk.folder.stat().st_dev) == {os.getpid(): {str(disk.folder / "a")}}
        assert seal.writers(disk.folder.stat().st_dev, {os.getpid()}) == {}
    assert set(seal.mounts_of(disk.folder.stat().st_dev)) == {str(disk.folder)}


def test_a_thread_that_is_not_asleep_yet_is_waited_for(tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()
    call = tmp_path / "1" / "syscall"
    call.write_text("running\n")
    number = next(number for number, at in intent._FLAGS.items() if at == 2)
    monkeypatch.setattr(intent.time, "sleep", lambda _: call.write_text(f"{number} 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0"))
    assert intent.of_thread(1, -1, tmp_path).intent is intent.Intent.READ


MANY = """
import os, sys
for number in range(400):
    try:
        os.close(os.open(sys.argv[1], os.O_RDONLY if number % 2 else os.O_RDWR))
        assert number % 2
    except PermissionError:
        assert not number % 2
"""


def test_many_at_once_are_each_answered_rightly(bench):
    many = [subprocess.Popen([sys.executable, "-c", MANY, bench.second / "old"]) for _ in range(6)]
    assert [one.wait(60) for one in many] == [0] * 6
    assert until(lambda: len(bench.told) == 6 * 200)


def test_a_call_that_cannot_be_read_is_unknown(tmp_path, monkeypatch):
    assert intent.of_thread(2**22 + 1, -1).intent is intent.Intent.UNKNOWN
    assert intent.of_process(2**22 + 1, -1).intent is intent.Intent.UNKNOWN
    monkeypatch.setattr(intent, "_WAITS", (0, 0))
    for text in ("running\n", "-1 0x0 0x0", "", "437 0x0 0x0 0xffffffffffffffff 0x0 0x0 0x0 0x0 0x0", "999 0x0"):
        (tmp_path / "1").mkdir(exist_ok=True)
        (tmp_path / "1" / "syscall").write_text(text)
        assert intent.of_thread(1, -1, tmp_path).intent is intent.Intent.UNKNOWN
