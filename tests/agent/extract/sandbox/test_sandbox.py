import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from agent.extract.sandbox import child
from agent.extract.sandbox import pool as module
from agent.extract.sandbox.pool import Sandbox, Setup
from config.errors import ShoumiError
from config.levels import Level
from config.limits import Limits
from tests.documents import MARK, excel, pdf, word

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="these layers are Linux's")
ROOT = str(Path(__file__).parents[4])
HOSTILE = [
    sys.executable,
    "-c",
    f"import runpy, sys; sys.path[:0] = [{ROOT!r}]; "  # noqa: ISC004 - one program
    "runpy.run_module('tests.agent.extract.sandbox.hostile', None, '__main__')",
]


@pytest.fixture(scope="module")
def hostile():
    with Sandbox(Setup(Limits(seconds=0.5, memory=512 * 2**20))) as sandbox:
        sandbox._arguments = HOSTILE
        yield sandbox


@pytest.fixture
def order(hostile, tmp_path):
    def run(text):
        path = tmp_path / "order.txt"
        path.write_text(text)
        return hostile.extract(path)

    return run


@LINUX
def test_all_layers_hold(sandbox):
    assert sandbox.layers() == dict.fromkeys(
        (
            "network namespace",
            "user",
            "limits",
            "capabilities",
            "no new privileges",
            "not dumpable",
            "landlock",
            "seccomp",
        ),
        True,
    )


@LINUX
@pytest.mark.parametrize("kit", ["", "rare "])
def test_nothing_can_be_reached_from_inside(order, kit):
    """The libraries of larger kits want threads; that is all they get more."""
    names = ["socket", "udp", "unix", "write", "read", "list", "fork", "exec", "spawn", "signal", "chmod", "root"]
    answers = {segment.where: segment.text for segment in order(f"{kit}try thread " + " ".join(names)).segments[2:-1]}
    assert answers.pop("thread").startswith("DONE" if kit else "RuntimeError")
    assert set(answers) == set(names)
    assert all(answer.startswith(("PermissionError", "OSError", "BlockingIOError")) for answer in answers.values()), (
        answers
    )
    assert not Path("/tmp/shoumi-escape").exists()


def texts(extraction):
    return [segment.text for segment in extraction.segments[1:]]


@pytest.mark.parametrize("how", ["segfault", "native memory", "sleep"])
@LINUX
def test_what_was_judged_before_a_reader_died_counts(hostile, monkeypatch, tmp_path, how):
    """In the worker that died nobody can ask any more: another one judges as far as that one came."""
    monkeypatch.setattr(child, "_GRACE", 0.3)
    path = tmp_path / "机密★10年.txt"
    path.write_text(how)
    verdict = hostile.verdict(path, date(2026, 11, 24))
    assert verdict.level is Level.SECRET
    assert verdict.coverage.partly  # beside its name, the line before the death
    assert len(verdict.coverage.reasons) == 1
    assert verdict.media_type == "text/plain"


@LINUX
def test_a_reader_that_wants_all_memory(order):
    extraction = order("memory")
    assert extraction.coverage.reasons == ("memory",)
    assert texts(extraction) == ["before"]
    assert texts(order("fine")) == ["before", "after"]


@pytest.mark.parametrize(
    ("how", "reason", "error"),
    [
        ("loop", "timeout", ""),
        ("sleep", "timeout", ""),
        ("segfault", "corrupt", "SIGSEGV"),
        ("native memory", "memory", "SIGABRT"),
        ("ptrace", "corrupt", "SIGSYS"),
        ("nonsense", "corrupt", ""),
    ],
)
@LINUX
def test_a_reader_that_dies_or_hangs_is_a_verdict_and_the_next_file_is_read(order, monkeypatch, how, reason, error):
    monkeypatch.setattr(child, "_GRACE", 0.3)
    extraction = order(how)
    assert extraction.coverage.reasons == (reason,)
    assert error in extraction.error
    assert texts(order("fine")) == ["before", "after"]


@LINUX
def test_a_worker_killed_in_the_middle_of_a_file_is_replaced_and_the_file_read_again(hostile, order):
    order("fine")
    worker = hostile._idle[0].pid
    threading.Timer(0.2, os.kill, (worker, signal.SIGKILL)).start()
    extraction = order("wait")
    assert texts(extraction) == ["before", "after"]
    assert extraction.coverage.inspected
    assert hostile._idle[0].pid != worker


def test_whatever_is_no_regular_file_is_uninspected(sandbox, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    kinds = {"folder": "directory", "loop": "symlink", "dangling": "symlink", "fifo": "fifo", "socket": "socket"}
    for name, kind in kinds.items():
        extraction = sandbox.extract(tmp_path / name)
        assert (extraction.media_type, extraction.coverage.reasons) == (f"inode/{kind}", ("unsupported",))
    listener.close()
    assert sandbox.extract(Path("/dev/zero")).media_type == "inode/chardevice"
    assert sandbox.extract(tmp_path / "gone").coverage.reasons == ("vanished",)
    assert sandbox.extract(tmp_path / "folder" / "x" / "y").coverage.reasons == ("vanished",)
    assert sandbox.extract(tmp_path / ("n" * 300)).coverage.reasons == ("vanished",)
    assert sandbox.extract(Path("a\0b")).coverage.reasons == ("vanished",)


def test_a_forbidden_file_is_uninspected(sandbox, tmp_path, monkeypatch):
    path = tmp_path / "mine"
    path.write_text("x")
    path.chmod(0)
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # root may read everything: only the refusal is made by hand
        real = os.open

        def refuse(name, *rest, **more):
            if os.fspath(name) == os.fspath(path):
                raise PermissionError(13, "Permission denied")
            return real(name, *rest, **more)

        monkeypatch.setattr(os, "open", refuse)
    assert sandbox.extract(path).coverage.reasons == ("permission",)


@LINUX
def test_a_name_that_is_no_utf8_survives(sandbox, tmp_path):
    raw = os.fsencode(tmp_path) + b"/" + "机密★10年.txt".encode("gb18030")
    Path(os.fsdecode(raw)).write_text("x")
    extraction = sandbox.extract(Path(os.fsdecode(raw)))
    assert os.fsencode(extraction.path) == raw
    assert extraction.segments[0].text == "机密★10年.txt"


def test_size_and_hash_are_those_of_the_content(sandbox, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    extraction = sandbox.extract(path)
    assert extraction.size == 3
    assert extraction.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@LINUX
def test_content_that_changes_while_it_is_read_is_said(hostile, tmp_path):
    path = tmp_path / "growing.txt"
    path.write_text("wait")

    def grow():
        time.sleep(0.25)
        path.write_text("wait and see")

    hostile.extract(path)
    thread = threading.Thread(target=grow)
    thread.start()
    extraction = hostile.extract(path)
    thread.join()
    assert "changed while read" in extraction.coverage.reasons


@LINUX
def test_a_large_file_of_holes_costs_nothing(sandbox, tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
        file.seek(5 * 2**30)
        file.write(f"在洞的后面 {MARK}\n".encode())
    extraction = sandbox.extract(path)
    assert MARK in extraction.segments[1].text
    assert extraction.ms < 5000


def test_many_threads_share_few_workers(tmp_path):
    paths = []
    for number in range(12):
        path = tmp_path / f"{number}.docx"
        path.write_bytes(word(f"number {number}"))
        paths.append(path)
    with Sandbox(Setup(), workers=2) as sandbox:
        answers = {}

        def work(path):
            answers[path] = sandbox.extract(path)

        threads = [threading.Thread(target=work, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sandbox._idle) <= 2
        assert all(f"number {path.stem}" in answers[path].segments[1].text for path in paths)


def test_idle_workers_leave():
    with Sandbox(Setup(idle_seconds=0.1)) as sandbox:
        sandbox.extract(Path(__file__))
        assert sandbox._idle
        deadline = time.monotonic() + 5
        while sandbox._idle and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not sandbox._idle
        assert sandbox.extract(Path(__file__)).coverage.inspected


def test_workers_are_replaced_after_many_files(monkeypatch):
    monkeypatch.setattr(module, "_FILES", 2)
    with Sandbox(Setup()) as sandbox:
        sandbox.extract(Path(__file__))
        first = sandbox._idle[0].pid
        sandbox.extract(Path(__file__))
        sandbox.extract(Path(__file__))
        assert sandbox._idle[0].pid != first


def test_a_worker_that_cannot_start_is_explained(tmp_path):
    with Sandbox(Setup()) as sandbox:
        sandbox._arguments = [sys.executable, "-c", "raise SystemExit(3)"]
        with pytest.raises(ShoumiError, match="exit status 3"):
            sandbox.extract(Path(__file__))


def test_wrong_rules_are_explained(tmp_path):
    (tmp_path / "x.yaml").write_text("rules: 7\n")
    with Sandbox(Setup(rules=(str(tmp_path / "x.yaml"),))) as sandbox, pytest.raises(ShoumiError, match=r"x\.yaml"):
        sandbox.verdict(Path(__file__), date(2026, 1, 1))


def test_the_environment_does_not_decide_what_a_worker_runs(tmp_path):
    (tmp_path / "lxml.py").write_text("raise SystemExit(9)")
    script = (
        "from agent.extract.sandbox.pool import *\nfrom pathlib import Path\n"
        f"with Sandbox(Setup()) as s: print(s.extract(Path({str(__file__)!r})).coverage.inspected)"
    )
    environment = {**os.environ, "PYTHONPATH": ROOT}
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    assert answer.stdout.strip() == "True"


@pytest.fixture(scope="module")
def judge():
    with Sandbox(Setup(key=b"k" * 32)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("name", "data", "where"),
    [
        ("a.docx", word("000001", MARK), "page 1 line 2"),
        ("a.pdf", pdf(["000001", MARK]), "page 1 line 2"),
        ("a.xlsx", excel([["x"], ["y", MARK]]), "Sheet1!B2"),
        ("a.txt", f"000001\n{MARK}\n".encode("gb18030"), "line 2"),
    ],
)
def test_a_verdict_says_what_a_file_is_and_where(judge, tmp_path, name, data, where):
    path = tmp_path / name
    path.write_bytes(data)
    verdict = judge.verdict(path, date(2026, 1, 1))
    assert (verdict.level, verdict.status) == (Level.SECRET, "sensitive")
    assert [mark.where for mark in verdict.marks] == [where]
    assert verdict.coverage.inspected
    assert not verdict.error


def test_verdicts_on_what_cannot_be_read(judge, tmp_path):
    verdict = judge.verdict(tmp_path / "gone", date(2026, 1, 1))
    assert (verdict.status, verdict.coverage.reasons) == ("uninspected", ("vanished",))


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="workers are handed descriptors elsewhere")


@POSIX
def test_an_open_file_is_judged_without_its_name_and_stays_open_as_it_was(judge, tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(word("000001", MARK))
    descriptor = os.open(path, os.O_RDWR)
    try:
        path.unlink()
        os.lseek(descriptor, 7, os.SEEK_SET)
        verdict = judge.verdict_of(descriptor, b"b.docx", date(2026, 1, 1))
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 7
        assert (verdict.path, verdict.size, verdict.level) == ("b.docx", os.fstat(descriptor).st_size, Level.SECRET)
        assert len(verdict.sha256) == 64
        os.truncate(descriptor, 0)
        assert judge.verdict_of(descriptor, "b.docx", date(2026, 1, 1)).level is Level.PUBLIC
        assert judge.verdict_of(descriptor, "folder/机密★10年.txt", date(2026, 1, 1)).level is Level.SECRET
    finally:
        os.close(descriptor)


@POSIX
def test_what_is_no_open_file_is_never_asked_for_its_content(judge):
    reader, writer = os.pipe()
    try:
        verdict = judge.verdict_of(reader, "pipe", date(2026, 1, 1))
        assert (verdict.media_type, verdict.coverage.reasons) == ("inode/fifo", ("unsupported",))
    finally:
        os.close(reader)
        os.close(writer)
    assert judge.verdict_of(reader, "closed", date(2026, 1, 1)).coverage.reasons == ("vanished",)


@POSIX
def test_an_open_file_that_is_written_to_meanwhile_is_said_to_have_changed(hostile, monkeypatch, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("sleep")
    monkeypatch.setattr(child, "_GRACE", 0.3)
    with path.open("r+b") as file:
        change = threading.Timer(0.1, path.write_text, ["more than that"])
        change.start()
        verdict = hostile.verdict_of(file.fileno(), "a.txt", date(2026, 1, 1))
        change.join()
    assert "changed while read" in verdict.coverage.reasons


def test_workers_are_renewed_each_when_its_file_is_done(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("text")
    with Sandbox(Setup()) as sandbox:
        sandbox.extract(path)
        (idle,) = sandbox._idle
        sandbox.renew()
        assert not idle.alive()
        assert not sandbox._idle
        busy = sandbox._take(detect=False)
        sandbox.renew()
        assert busy.alive()
        sandbox._give(busy)
        assert not busy.alive()
        assert not sandbox._idle
        sandbox.extract(path)
        assert len(sandbox._idle) == 1
