"""Real programs, watched as they read classified files and write what nobody can look into."""

import errno
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from datetime import date

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup
from agent.guard import fanotify, lineage, opens, processes
from agent.guard.lineage import Lineage, Relation
from config.levels import Level
from config.verdict import Verdict
from tests.agent.guard.conftest import until
from tests.documents import MARK, word

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Setup(key=b"k" * 32), workers=2) as one:
        yield one


class Bench:
    """A watched disk with a classified file on it, and a medium that is not watched."""

    def __init__(self, place, home, sandbox):
        self.place, self.medium, self.home, self.sandbox = place / "work", place / "medium", home, sandbox
        self.place.mkdir()
        self.medium.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "lineage", self.medium], check=True)
        self.judged = []
        self.secret = self.place / "secret.docx"
        self.secret.write_bytes(word("000001", MARK, *(f"paragraph {number} of the plan" for number in range(300))))
        self.lineage = None
        self.start()

    def start(self, **more):
        self.stop()
        self.lineage = Lineage(self.home, self.judge, disks=lambda: [str(self.place)], **more)

    def judge(self, descriptor, name):
        self.judged.append(name)
        return self.sandbox.verdict_of(descriptor, name, date(2026, 1, 1))

    def stop(self):
        if self.lineage is not None:
            self.lineage.close()

    def close(self):
        self.stop()
        if (self.home / "S.gpg-agent").exists():
            subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "gpg-agent"], check=False)
        subprocess.run(["umount", "-l", self.medium], check=False)

    def run(self, *command, **more):
        """A program in the folder, until it ends: its number."""
        environment = {**os.environ, "HOME": str(self.home), "GNUPGHOME": str(self.home)}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        quiet |= {"cwd": self.place, "process_group": 0, "env": environment} | more
        with subprocess.Popen([str(word) for word in command], **quiet) as process:
            said = process.communicate(timeout=60)[1]
            assert process.returncode in (0, -9), said
        return process.pid

    def shell(self, script):
        """A script of bash that says the number of the program in question on its third descriptor."""
        reader, writer = os.pipe()
        shell = subprocess.Popen(
            ["bash", "-c", f"exec 3>&{writer}\n{script}"], cwd=self.place, pass_fds=[writer], process_group=0
        )
        os.close(writer)
        assert shell.wait(60) == 0
        with os.fdopen(reader) as said:
            return int(said.read())

    def python(self, program, *arguments):
        return self.run(sys.executable, "-c", "import os, signal, subprocess, sys, time\n" + program, *arguments)

    def ask(self, process, path, **more):
        data = path.read_bytes()
        assert data
        return self.lineage.sources(process, hashlib.sha256(data).hexdigest(), len(data), **more)


@pytest.fixture
def bench(memory, tmp_path, sandbox):
    one = Bench(memory, tmp_path, sandbox)
    try:
        yield one
    finally:
        one.close()


GPG = ["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "x", "--s2k-count", "65536"]


def is_secret(answer, bench):
    assert (answer.relation, answer.level, answer.source) == (Relation.RELATED, Level.SECRET, str(bench.secret))
    assert "secret.docx" in answer.words.en
    assert "secret.docx" in answer.words.zh
    return True


@pytest.mark.parametrize(
    "command",
    [
        [*GPG, "-o", "{out}", "-c", "secret.docx"],
        ["7z", "a", "-px", "-mhe=on", "{out}.7z", "secret.docx"],
        ["zip", "-q", "-P", "x", "{out}.zip", "secret.docx"],
        ["openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-pass", "pass:x", "-in", "secret.docx", "-out", "{out}"],
        [sys.executable, "-c", "open('{out}', 'wb').write(bytes(b ^ 90 for b in open('secret.docx', 'rb').read()))"],
    ],
    ids=lambda command: os.path.basename(command[0]),
)
def test_a_program_that_seals_what_it_read(bench, command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    out = bench.medium / "o"
    process = bench.run(*(word.replace("{out}", str(out)) for word in command))
    (made,) = bench.medium.iterdir()
    assert is_secret(bench.ask(process, made), bench)


OPENSSL = "{ echo $BASHPID >&3; exec openssl enc -aes-256-cbc -pbkdf2 -pass pass:x; }"
PIPES = {
    "a reader that is gone": f"cat secret.docx | {OPENSSL}",
    "three in a row": f"tar c secret.docx | gzip | {OPENSSL}",
    "the shell itself": "x=$(base64 < secret.docx); { echo $BASHPID >&3; exec openssl rand 5000; }",
    "a writer that lives on": "cat secret.docx | { echo $BASHPID >&3; exec gzip; }",
    "a child of a child": "cat secret.docx >/dev/null; ( ( echo $BASHPID >&3; exec openssl rand 5000 ) )",
}


@pytest.mark.parametrize("name", PIPES)
def test_a_pipeline(bench, name):
    process = bench.shell(f"({PIPES[name]}) > {bench.medium}/o")
    assert is_secret(bench.ask(process, bench.medium / "o"), bench)


def test_one_reads_and_its_child_writes_later(bench):
    program = (
        "open('secret.docx', 'rb').read(); time.sleep(2)\n"
        "child = subprocess.Popen(['openssl', 'rand', '-out', sys.argv[1] + '/o', '5000']); child.wait()\n"
        "open(sys.argv[1] + '/pid', 'w').write(str(child.pid))"
    )
    bench.python(program, bench.medium)
    process = int((bench.medium / "pid").read_text())
    assert is_secret(bench.ask(process, bench.medium / "o"), bench)


def test_after_a_while_kin_are_no_kin_but_the_process_itself_remembers(bench):
    bench.start(kin_seconds=0.5)
    program = (
        "open('secret.docx', 'rb').read(); time.sleep(1.2)\n"
        "child = subprocess.Popen(['openssl', 'rand', '-out', sys.argv[1] + '/o', '5000']); child.wait()\n"
        "open(sys.argv[1] + '/pid', 'w').write(str(child.pid))"
    )
    parent = bench.python(program, bench.medium)
    child = int((bench.medium / "pid").read_text())
    assert bench.ask(child, bench.medium / "o").relation is Relation.UNRELATED
    assert is_secret(bench.ask(parent, bench.medium / "o"), bench)


def test_another_process_is_not_related(bench):
    bench.run("cat", "secret.docx")
    process = bench.run("setsid", "openssl", "rand", "-out", bench.medium / "o", "5000")
    answer = bench.ask(process, bench.medium / "o")
    # a test and its programs are a family: what counts is that the test itself, their common parent, read nothing
    assert (answer.relation, answer.level, answer.source) == (Relation.UNRELATED, Level.PUBLIC, "")
    assert "nothing classified" in answer.words.en


def test_a_place_that_may_hold_it(bench):
    process = bench.run(*GPG, "-o", bench.medium / "o", "-c", "secret.docx")
    assert bench.ask(process, bench.medium / "o", clearance=Level.SECRET).relation is Relation.UNRELATED
    assert bench.ask(process, bench.medium / "o", clearance=Level.CONFIDENTIAL).relation is Relation.RELATED


MANAGER = """
import shutil, time
for path in sys.argv[2].split():
    open(path, 'rb').read()
{more}
shutil.copyfile('other.zip', sys.argv[1] + '/o')
"""


def test_a_file_manager_that_saw_a_secret_copies_another_sealed_file(bench):
    """Thumbnails were made of both; the copy is byte for byte a file that was there before."""
    (bench.place / "a.txt").write_text("nothing")
    bench.run(*GPG, "-o", "other.zip", "-c", "a.txt")
    time.sleep(1.1)
    (bench.place / "thumbnail.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    process = bench.python(MANAGER.format(more=""), bench.medium, "secret.docx other.zip thumbnail.jpg")
    answer = bench.ask(process, bench.medium / "o")
    assert answer.relation is Relation.UNRELATED, answer
    assert "copy of" in answer.words.en
    assert "other.zip" in answer.words.zh


def test_a_copy_of_what_it_has_just_made_itself_is_no_copy(bench):
    """Kept open, so that nobody was told of its end."""
    more = "kept = open('other.zip', 'wb'); kept.write(os.urandom(5000)); kept.flush()"
    process = bench.python(MANAGER.format(more=more), bench.medium, "secret.docx")
    assert is_secret(bench.ask(process, bench.medium / "o"), bench)


def test_what_was_made_of_a_secret_keeps_its_level_when_another_program_copies_it(bench):
    bench.run(*GPG, "-o", "t.gpg", "-c", "secret.docx")
    os.rename(bench.place / "t.gpg", bench.place / "holiday")
    process = bench.run("cp", "holiday", bench.medium / "o")
    assert is_secret(bench.ask(process, bench.medium / "o"), bench)
    digest = hashlib.sha256((bench.medium / "o").read_bytes()).hexdigest()
    found = bench.lineage.derived(digest)
    assert (found.level, found.source) == (Level.SECRET, str(bench.secret))
    bench.start()  # as after a restart
    assert bench.lineage.derived(digest) == found
    assert bench.lineage.derived("0" * 64) is None
    assert os.stat(bench.home / "lineage.db").st_mode & 0o777 == 0o600
    answer = bench.ask(2**22 + 1, bench.medium / "o")  # nobody needs to be known any more
    assert answer.relation is Relation.RELATED
    assert bench.ask(2**22 + 1, bench.medium / "o", clearance=Level.SECRET).relation is Relation.UNDECIDED


def test_what_was_made_of_what_was_made_of_it(bench):
    bench.run(*GPG, "-o", "t.gpg", "-c", "secret.docx")
    digest = hashlib.sha256((bench.place / "t.gpg").read_bytes()).hexdigest()
    assert until(lambda: bench.lineage.derived(digest))
    bench.secret.unlink()
    bench.start()  # whoever read the secret is forgotten
    bench.run(*GPG, "-z", "0", "-o", "u.gpg", "-c", "t.gpg")
    bench.start()
    bench.run("split", "-b", "4000", "u.gpg", "part.")
    for part in sorted(bench.place.glob("part.a?"))[:2]:
        data = part.read_bytes()
        assert bench.lineage.derived(hashlib.sha256(data).hexdigest(), len(data)).level is Level.SECRET


def test_ordinary_files_of_who_read_a_secret_are_not_derived(bench):
    program = (
        "import zlib; data = open('secret.docx', 'rb').read()\n"
        "open('a.txt', 'w').write('notes ' * 100); open('b.jpg', 'wb').write(b'\\xff\\xd8\\xff\\xe0' + data)\n"
        "open('c.docx', 'wb').write(data); open('d', 'wb').write(b'SQLite format 3\\0' + bytes(4000))\n"
    )
    bench.python(program)
    for name in ("a.txt", "b.jpg", "c.docx", "d"):
        data = (bench.place / name).read_bytes()
        assert bench.lineage.derived(hashlib.sha256(data).hexdigest(), len(data)) is None


def test_a_sealed_file_of_who_read_nothing_is_not_derived(bench):
    (bench.place / "a.txt").write_text("nothing")
    bench.run(*GPG, "-o", "t.gpg", "-c", "a.txt")
    data = (bench.place / "t.gpg").read_bytes()
    assert bench.lineage.derived(hashlib.sha256(data).hexdigest(), len(data)) is None


def test_a_program_that_is_killed_leaves_its_trace(bench):
    program = (
        "open('secret.docx', 'rb').read(); out = os.open('t.bin', os.O_CREAT | os.O_WRONLY)\n"
        "os.write(out, os.urandom(7000)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    bench.python(program)
    data = (bench.place / "t.bin").read_bytes()
    assert bench.lineage.derived(hashlib.sha256(data).hexdigest(), len(data)).source == str(bench.secret)


def test_what_was_gone_before_anyone_looked_is_said(bench, monkeypatch):
    program = (
        "open('plain', 'wb').write(b'x' * 500); open('plain').read(); os.unlink('plain')\n"
        "open(sys.argv[1] + '/o', 'wb').write(os.urandom(5000))"
    )
    process = bench.python(program, bench.medium)
    answer = bench.ask(process, bench.medium / "o")
    assert answer.relation is Relation.UNRELATED
    assert answer.unknown >= 1
    assert "gone" in answer.words.en
    assert "消失" in answer.words.zh


def test_a_judgement_without_end_is_left_at_the_deadline_and_found_later(bench):
    hold = threading.Event()
    real = bench.lineage._knowledge._judge
    bench.lineage._knowledge._judge = lambda *which: hold.wait(60) and real(*which)
    process = bench.run(*GPG, "-o", bench.medium / "o", "-c", "secret.docx")
    began = time.monotonic()
    answer = bench.ask(process, bench.medium / "o", seconds=0.5)
    assert answer.relation is Relation.UNDECIDED
    assert time.monotonic() - began < 20
    hold.set()
    assert until(lambda: bench.ask(process, bench.medium / "o", seconds=5).relation is Relation.RELATED)
    assert bench.judged.count(str(bench.secret)) == 1


def test_a_file_that_cannot_be_judged_says_nothing(bench):
    bench.lineage._knowledge._judge = lambda *_: 1 / 0
    process = bench.run(*GPG, "-o", bench.medium / "o", "-c", "secret.docx")
    answer = bench.ask(process, bench.medium / "o")
    assert answer.relation is Relation.UNRELATED
    assert answer.unknown >= 1


def test_a_verdict_is_asked_once_until_the_file_changes(bench):
    ask = [bench.run(*GPG, "-o", bench.medium / name, "-c", "secret.docx") for name in "ab"]
    for process, name in zip(ask, "ab", strict=True):
        assert is_secret(bench.ask(process, bench.medium / name), bench)
    assert bench.judged.count(str(bench.secret)) == 1
    bench.secret.write_text("harmless now")
    process = bench.run(*GPG, "-o", bench.medium / "c", "-c", "secret.docx")
    assert bench.ask(process, bench.medium / "c").relation is Relation.UNRELATED
    assert bench.judged.count(str(bench.secret)) == 2


def test_many_opens_take_bounded_memory_and_are_said_to_be_incomplete(bench, monkeypatch):
    monkeypatch.setattr(opens, "_MOST_OF_ONE", 500)
    monkeypatch.setattr(opens, "_MOST", 800)
    monkeypatch.setattr(opens, "_MOST_KNOWN", 300)
    program = (
        "open('secret.docx').close()\n"
        "for number in range(3000): os.close(os.open(f'{number % 1500}', os.O_CREAT | os.O_RDONLY))\n"
        "open(sys.argv[1], 'wb').write(os.urandom(5000))"
    )
    process = [bench.python(program, bench.medium / name) for name in "ab"]
    bench.lineage._opens.drain()
    notes = [one.extra for one in bench.lineage._family.everyone() if isinstance(one.extra, opens.Note)]
    assert 0 < sum(len(note.files) for note in notes) <= 800
    assert len(bench.lineage._opens._kinds) <= 300
    assert bench.ask(process[1], bench.medium / "b").relation is Relation.UNDECIDED


def test_lost_events_are_said(bench):
    assert not bench.lineage.problems
    bench.lineage._opens._take(fanotify.Event(fanotify.OVERFLOW, 0))
    assert "lost" in bench.lineage.problems[0].en


def test_a_list_that_cannot_be_read_says_nothing(bench, monkeypatch):
    process = bench.run(*GPG, "-o", bench.medium / "o", "-c", "secret.docx")

    def broken(*_):
        raise sqlite3.OperationalError("disk I/O error")

    for name in ("get", "has_size", "add"):
        monkeypatch.setattr(bench.lineage._store, name, broken)
    assert bench.lineage.derived("0" * 64) is None
    assert bench.ask(process, bench.medium / "o").unknown >= 1


def test_files_of_the_system_are_looked_at_once(bench, monkeypatch):
    import re

    monkeypatch.setattr(opens, "_SYSTEM", re.compile(re.escape(str(bench.place)) + "/lib"))
    library = bench.place / "lib.so"
    library.write_bytes(b"x")
    bench.lineage._opens.drain()
    taken = []
    real = bench.lineage._opens._happened
    monkeypatch.setattr(bench.lineage._opens, "_happened", lambda *which: (taken.append(1), real(*which)))
    process = bench.run("cat", "lib.so")
    bench.lineage._opens.drain()
    assert taken
    first = len(taken)
    for _ in range(5):
        bench.run("cat", "lib.so")
    bench.lineage._opens.drain()
    assert len(taken) == first
    note = bench.lineage._family.get(process).extra
    assert note is None or not note.files
    with library.open("a") as file:
        file.write("y")
    bench.run("cat", "lib.so")
    bench.lineage._opens.drain()
    assert len(taken) > first


def test_the_agent_itself_leaves_no_notes(bench):
    bench.secret.read_bytes()
    bench.lineage._opens.drain()
    assert bench.lineage._family.get(os.getpid()).extra is None


@pytest.mark.parametrize("missing", ["names", "file systems", "connector", "eviction"])
def test_what_older_kernels_lack_is_made_up_for(bench, monkeypatch, missing):
    if missing == "names":
        real = fanotify.Notifications.__init__

        def without(self, *, names=True):
            if names:
                raise OSError(errno.EINVAL, "Invalid argument")
            real(self, names=False)

        monkeypatch.setattr(fanotify.Notifications, "__init__", without)
    elif missing == "file systems":
        monkeypatch.setattr(fanotify, "FILESYSTEM", 0x40000000)
    elif missing == "eviction":
        monkeypatch.setattr(fanotify, "EVICTABLE", 0x40000000)
    else:
        monkeypatch.setattr(processes, "_connected", lambda: None)
    bench.start()
    program = (
        "open('secret.docx').close(); child = subprocess.Popen(['sleep', '60']); time.sleep(0.5)\n"
        "open(sys.argv[1] + '/o', 'wb').write(os.urandom(5000)); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", "import os, subprocess, sys, time\n" + program, str(bench.medium)],
        stdin=subprocess.PIPE,
        cwd=bench.place,
        process_group=0,
    ) as process:
        try:
            assert until(lambda: (bench.medium / "o").exists() and (bench.medium / "o").stat().st_size)
            assert is_secret(bench.ask(process.pid, bench.medium / "o"), bench)
            assert bool(bench.lineage.problems) == (missing == "connector")
        finally:
            os.killpg(process.pid, 9)


def test_a_disk_that_comes_later_is_listened_to_and_can_be_taken_away(bench, disk):
    found = [str(bench.place)]
    bench.stop()
    bench.lineage = Lineage(bench.home, bench.judge, disks=lambda: list(found))
    found.append(str(disk.folder))
    disk.mount(disk.folder.parent / "second")  # the list of mounts changes
    assert until(lambda: str(disk.folder) in bench.lineage._opens.watched)
    shutil.copy(bench.secret, disk.folder / "other.docx")
    process = bench.run(*GPG, "-o", bench.medium / "o", "-c", disk.folder / "other.docx")
    answer = bench.ask(process, bench.medium / "o")
    assert (answer.relation, answer.source) == (Relation.RELATED, str(disk.folder / "other.docx"))
    found.pop()
    for folder in reversed(disk.mounts):
        subprocess.run(["umount", folder], check=True)
    disk.mounts.clear()
    assert until(lambda: bench.lineage._opens.watched == [str(bench.place)])


def test_a_disk_that_tells_nothing_is_named(bench, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(fanotify.Group, "mark", refuse)
    bench.start()
    (problem,) = bench.lineage.problems
    assert "work are not told: Operation not supported" in problem.en


def test_a_disk_whose_files_have_no_lasting_names_is_named(bench):
    for name in ("upper", "work", "merged"):
        (bench.place / name).mkdir()
    layers = f"lowerdir={bench.medium},upperdir={bench.place}/upper,workdir={bench.place}/work"
    merged = bench.place / "merged"
    made = subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", merged], check=False)
    if made.returncode:
        pytest.skip("no overlay here")
    try:
        bench.stop()
        bench.lineage = Lineage(bench.home, bench.judge, disks=lambda: [str(bench.place), str(merged)])
        (problem,) = bench.lineage.problems
        assert "merged" in problem.en
        assert bench.lineage._opens.watched == [str(bench.place)]
    finally:
        subprocess.run(["umount", merged], check=True)


def test_files_written_faster_than_looked_at_are_counted(bench, monkeypatch):
    monkeypatch.setattr(lineage, "_WAITING", 2)
    for number in range(5):
        bench.lineage._wrote(bytes([number]) * 20, None)
    assert until(lambda: bench.lineage.dropped)


def test_a_reader_without_end_does_not_hold_up_a_question(bench):
    if not shutil.which("7z"):
        pytest.skip("7z is not installed")
    hold = threading.Event()
    bench.lineage._judge = lambda *which: hold.wait(60) and bench.judge(*which)
    bench.run("7z", "a", "-px", "t.7z", "secret.docx")
    data = (bench.place / "t.7z").read_bytes()
    digest, began = hashlib.sha256(data).hexdigest(), time.monotonic()
    assert bench.lineage.derived(digest, len(data), seconds=0.5) is None
    assert time.monotonic() - began < 20
    hold.set()
    assert until(lambda: bench.lineage.derived(digest, len(data)))


def test_an_archive_is_asked_of_its_reader(bench):
    if not shutil.which("7z"):
        pytest.skip("7z is not installed")
    bench.run("7z", "a", "-px", "t.7z", "secret.docx")
    bench.run("7z", "a", "u.7z", "secret.docx")
    with zipfile.ZipFile(bench.place / "v.zip", "w") as file:
        file.write(bench.secret)
    for name, expected in (("t.7z", True), ("u.7z", False), ("v.zip", False)):
        data = (bench.place / name).read_bytes()
        assert (bench.lineage.derived(hashlib.sha256(data).hexdigest(), len(data)) is not None) == expected


def test_verdicts_of_a_changing_file_are_not_kept(bench):
    def judge(descriptor, name):
        bench.secret.write_text("changed meanwhile")
        return Verdict(path=name, media_type="text/plain", size=0, level=Level.SECRET)

    bench.lineage._knowledge._judge = judge
    process = bench.run(*GPG, "-o", bench.medium / "o", "-c", "secret.docx")
    assert bench.ask(process, bench.medium / "o").relation is Relation.RELATED
    assert not bench.lineage._knowledge._cache


def test_a_path_longer_than_a_path_can_be_hides_nothing(bench):
    """Whoever opens files deeper than the kernel can say must not make the notes of others get lost."""
    process = bench.python(
        """
top = os.open(".", os.O_RDONLY)
for _ in range(30):
    os.mkdir("d" * 200, dir_fd=top)
    top = os.open("d" * 200, os.O_RDONLY, dir_fd=top)
os.close(os.open("deep", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=top))
open(sys.argv[1], "rb").read()
open("out", "wb").write(os.urandom(200_000))
""",
        bench.secret,
    )
    assert is_secret(bench.ask(process, bench.place / "out"), bench)
    subprocess.run(["rm", "-rf", bench.place / ("d" * 200)], check=True)
