import errno
import os
import subprocess
import sys
import time

import pytest

from agent.guard import support as module
from agent.guard.support import support, told
from config.guarding import PARTS
from config.text import Text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prevention is for Linux")


def test_every_part_has_an_answer():
    found = support()
    assert set(found) == set(PARTS)
    for answer in found.values():
        assert isinstance(answer, bool) or (answer.en and answer.zh)


@pytest.mark.root
def test_asking_changes_nothing():
    def state():
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

    support()  # what is imported the first time stays
    before = state()
    support()
    end = time.monotonic() + 10  # for a thread that ends by itself
    while state() != before and time.monotonic() < end:
        time.sleep(0.02)
    assert state() == before


@pytest.mark.root
def test_an_ordinary_user_is_told_that_only_root_can_tell():
    code = (
        "import os; from agent.guard.support import support; os.setgroups([]); os.setresuid(65534, 65534, 65534); "
        "found = support(); print(found['fanotify'].en, '|', found['fuse'].en)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "root" in done.stdout.partition("|")[0]
    assert done.stdout.partition("|")[2].strip() != "True"


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL])
def test_an_old_kernel_is_said(monkeypatch, number):
    def fail():
        raise OSError(number, os.strerror(number))

    monkeypatch.setitem(module._PROBES, "pre_access", fail)
    assert "this kernel" in support()["pre_access"].en


def test_a_driver_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(module.platform, "release", lambda: "0.0.0-none")
    answer = module._filesystems()
    with open("/proc/filesystems") as file:
        has = "ntfs3" in file.read()
    assert has or "NTFS" in answer.en


def test_words_for_a_heartbeat():
    found = {"fuse": True, "fanotify": False, "service": Text("it is failed", "状态为 failed")}
    assert told(found, gateway=True) == {
        "gateway": "yes",
        "fuse": "yes",
        "fanotify": "no",
        "service": "it is failed",
    }


def test_elsewhere_nothing_stands_between(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert set(support()) == set(PARTS)
    assert all(isinstance(answer, Text) for answer in support().values())
