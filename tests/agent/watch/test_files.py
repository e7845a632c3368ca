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
    watch.add(tmp_path)
    with (tmp_path / "big.bin").open("wb") as file:
        for _ in range(10):
            file.write(b"x" * 1000)
            file.flush()
            time.sleep(0.05)
        assert recorder.names() == []
    wait(lambda: recorder.names() == ["big.bin"])
    time.sleep(0.4)
    assert recorder.names() == ["big.bin"], "once"


def test_a_change_is_looked_at_again(tmp_path, watch, recorder):
    watch.add(tmp_path)
    (tmp_path / "a").write_text("1")
    wait(lambda: recorder.names() == ["a"])
    (tmp_path / "a").write_text("22")
    wait(lambda: recorder.names() == ["a", "a"])


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
