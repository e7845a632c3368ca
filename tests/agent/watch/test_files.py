import os
import threading
import time

import pytest

from agent.watch.files import Watch
from tests.events import STICK


class Recorder:
    def __init__(self, answer=True):
        self.found, self.lock, self.answer = [], threading.Lock(), answer

    def __call__(self, found):
        with self.lock:
            self.found.append((found.path, found.first, found.medium))
        return self.answer

    def names(self):
        with self.lock:
            return [path.name for path, _, _ in self.found]


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def watch(recorder):
    watch = Watch(recorder, settle=0.1)
    watch.start()
    yield watch
    watch.stop()


def wait(condition, seconds=8):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "in time"
        time.sleep(0.02)


def test_what_is_there_and_what_arrives(tmp_path, watch, recorder):
    (tmp_path / "old.txt").write_text("x")
    watch.add(tmp_path, STICK)
    wait(lambda: recorder.names() == ["old.txt"])
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "new.txt").write_text("y")
    wait(lambda: set(recorder.names()) == {"old.txt", "new.txt"})
    assert {first for _, first, _ in recorder.found} == {True, False}
    assert {medium for _, _, medium in recorder.found} == {STICK}


def test_a_file_is_looked_at_when_nobody_writes_any_more(tmp_path, watch, recorder):
    watch._settle = 0.5
    watch.add(tmp_path)
    with (tmp_path / "big.bin").open("wb") as file:
        for _ in range(10):
            file.write(b"x" * 1000)
            file.flush()
            time.sleep(0.05)
        assert recorder.names() == []
    wait(lambda: recorder.names() == ["big.bin"])
    time.sleep(0.8)
    assert recorder.names() == ["big.bin"], "once"


def test_a_change_is_looked_at_again(tmp_path, watch, recorder):
    watch.add(tmp_path)
    (tmp_path / "a").write_text("1")
    wait(lambda: recorder.names() == ["a"])
    (tmp_path / "a").write_text("22")
    wait(lambda: len(recorder.names()) >= 2)


def test_reading_a_file_is_no_event(tmp_path, watch, recorder):
    watch.add(tmp_path)
    (tmp_path / "a").write_text("1")
    wait(lambda: recorder.names() == ["a"])
    (tmp_path / "a").read_text()
    time.sleep(0.4)
    assert recorder.names() == ["a"]


def test_a_rename_is_looked_at_under_its_new_name(tmp_path, watch, recorder):
    watch.add(tmp_path)
    (tmp_path / "part").write_text("1")
    wait(lambda: recorder.names() == ["part"])
    (tmp_path / "part").rename(tmp_path / "机密.docx")
    wait(lambda: "机密.docx" in recorder.names())


def test_a_tree_moved_in_brings_all_its_files(tmp_path, watch, recorder):
    zone, outside = tmp_path / "zone", tmp_path / "outside"
    zone.mkdir()
    (outside / "a" / "b").mkdir(parents=True)
    for index in range(20):
        (outside / "a" / "b" / f"{index}.txt").write_text("x")
    watch.add(zone)
    outside.rename(zone / "in")
    wait(lambda: len(set(recorder.names())) == 20)


def test_refused_files_come_again_with_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr("agent.watch.files.SWEEP_SECONDS", 0.2)
    recorder = Recorder(answer=False)
    watch = Watch(recorder, settle=0.05)
    watch.start()
    try:
        watch.add(tmp_path)
        (tmp_path / "a").write_text("1")
        wait(lambda: len(recorder.names()) >= 3)
    finally:
        watch.stop()


def test_the_sweep_finds_what_the_kernel_did_not_tell(tmp_path, monkeypatch, recorder):
    monkeypatch.setattr("agent.watch.files.SWEEP_SECONDS", 0.2)
    watch = Watch(recorder, settle=0.05)
    monkeypatch.setattr(
        watch._observer, "schedule", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "no watches left"))
    )
    watch.start()
    try:
        watch.add(tmp_path)
        assert "no watches left" in watch.problems[0].en
        (tmp_path / "a").write_text("1")
        wait(lambda: recorder.names() == ["a"])
    finally:
        watch.stop()


def test_a_crash_while_looking_does_not_end_the_watch(tmp_path, caplog):
    seen = []

    def handle(found):
        seen.append(found.path.name)
        if len(seen) == 1:
            raise ValueError("boom")
        return True

    watch = Watch(handle, settle=0.05)
    watch.start()
    try:
        watch.add(tmp_path)
        (tmp_path / "a").write_text("1")
        wait(lambda: seen)
        (tmp_path / "b").write_text("1")
        wait(lambda: "b" in seen)
    finally:
        watch.stop()


def test_links_and_pipes_are_left_alone(tmp_path, watch, recorder):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a").write_text("1")
    watch.add(tmp_path)
    wait(lambda: recorder.names() == ["a"])
    time.sleep(0.3)
    assert recorder.names() == ["a"]


def test_a_folder_that_is_gone_is_forgotten(tmp_path, watch, recorder):
    watch.add(tmp_path)
    watch.remove(tmp_path)
    (tmp_path / "a").write_text("1")
    time.sleep(0.4)
    assert recorder.names() == []
    assert watch.roots == []


def test_a_zone_that_is_not_there_yet_is_watched_when_it_comes(tmp_path, monkeypatch, recorder):
    monkeypatch.setattr("agent.watch.files.SWEEP_SECONDS", 0.2)
    watch = Watch(recorder, settle=0.05)
    watch.start()
    try:
        zone = tmp_path / "share"
        watch.add(zone)
        assert watch.problems
        zone.mkdir()
        wait(lambda: not watch.problems)
        (zone / "a").write_text("1")
        wait(lambda: recorder.names() == ["a"])
    finally:
        watch.stop()


def test_a_file_that_is_written_without_end_is_looked_at_all_the_same(tmp_path, monkeypatch, recorder):
    monkeypatch.setattr("agent.watch.files._LONGEST_SETTLE", 1.0)
    watch = Watch(recorder, settle=0.4)
    watch.start()
    try:
        watch.add(tmp_path)
        with (tmp_path / "log").open("ab", buffering=0) as file:
            deadline = time.monotonic() + 8
            while not recorder.names():
                assert time.monotonic() < deadline
                file.write(b"x")
                time.sleep(0.1)
    finally:
        watch.stop()


def test_a_folder_exchanged_for_a_link_is_not_followed(tmp_path, watch, recorder):
    zone, outside = tmp_path / "zone", tmp_path / "outside"
    zone.mkdir()
    outside.mkdir()
    (outside / "a").write_text("x")
    watch.add(zone)
    (zone / "d").symlink_to(outside)
    watch._touch(zone / "d" / "a")
    time.sleep(0.5)
    assert recorder.names() == []


def test_a_stick_below_a_watched_folder_is_a_place_of_its_own(tmp_path, watch, recorder):
    stick = tmp_path / "stick"
    stick.mkdir()
    watch.add(tmp_path)
    watch.add(stick, STICK)
    (stick / "a").write_text("x")
    wait(recorder.names)
    assert [medium for _, _, medium in recorder.found] == [STICK]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_path_too_deep_for_the_system_does_not_end_the_watch(tmp_path, recorder, monkeypatch):
    """Folders may lie deeper than a path may be long; the library's thread dies of them, and the rest goes on."""
    monkeypatch.setattr("agent.watch.files.SWEEP_SECONDS", 0.2)
    watch = Watch(recorder, settle=0.1)
    watch.start()
    watch.add(tmp_path)
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        (tmp_path / "a").write_text("x")
        wait(lambda: recorder.names() == ["a"])
        wait(lambda: any("cannot be listed" in problem.en for problem in watch.problems))
    finally:
        watch.stop()


def test_what_is_gone_is_forgotten(tmp_path, watch, recorder):
    watch.add(tmp_path)
    for number in range(20):
        (tmp_path / f"{number}").write_text("x")
    wait(lambda: len(recorder.names()) >= 20)
    for path in tmp_path.iterdir():
        path.unlink()
    watch._sweep(tmp_path)
    assert watch._seen == {}
