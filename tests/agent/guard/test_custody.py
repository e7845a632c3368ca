"""Media that are really mounted, taken over by a process of its own, unmounted, pulled, killed."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.acceptance.processes import wait
from tests.acceptance.sticks import Stick, is_guarded, mounted_at, run

pytestmark = pytest.mark.root
UID = 12345


class Keeper:
    """A running custody; ``sticks`` are its media."""

    def __init__(self, folder, access="gateway", count=1):
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir()
        self.label = f"K{os.getpid() % 10000}"
        self.policy = folder / "policy.yaml"
        zone = f"{{name: stick, clearance: public, access: {access}, match: {{label: '{self.label}*'}}}}"
        self.policy.write_text(f"version: 1\nzones:\n  - {zone}\n")
        self.sticks = []
        self.process = None
        for number in range(count):
            self.sticks.append(Stick(folder, f"{self.label}{number}"))

    @property
    def stick(self):
        return self.sticks[0]

    def start(self, ready=True):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.agent.guard.keeper", self.home, self.policy], stdout=log, stderr=log
            )
        if ready:
            count = self.said().count("ready") + 1
            wait(lambda: self.said().count("ready") >= count, 30, self.said)

    def said(self):
        file = self.folder / "log"
        return file.read_text() if file.exists() else ""

    def guarded(self, *paths):
        for path in paths or [stick.path for stick in self.sticks]:
            wait(lambda path=path: is_guarded(path), 30, self.said)

    def events(self):
        file = self.home / "events"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def problems(self):
        try:
            return json.loads((self.home / "problems").read_text())
        except (OSError, ValueError):
            return []

    def stop(self):
        self.process.terminate()
        assert self.process.wait(40) == 0, self.said()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stick in self.sticks:
            stick.close()


@pytest.fixture
def keeper():
    made = []
    with tempfile.TemporaryDirectory(prefix="custody-") as name:
        folder = Path(name)
        folder.chmod(0o755)

        def make(*arguments, **more):
            made.append(Keeper(folder, *arguments, **more))
            return made[-1]

        yield make
        for one in made:
            one.close()


def person(*command):
    return subprocess.run([*map(str, command)], capture_output=True, user=UID, group=UID, extra_groups=[], timeout=60)


def options(path):
    """Of every mount at a place, the lowest first: file system and its own options."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [
        (line.split(" - ")[1].split()[0], line.split()[5].split(",")) for line in lines if line.split()[4] == str(path)
    ]


def test_what_somebody_mounted_is_taken_over(keeper):
    one = keeper()
    one.stick.mount()
    (one.stick.path / "old.txt").write_text("old")
    one.start()
    one.guarded()
    (lower, flags), (upper, _) = options(one.stick.path)
    assert lower == "ext4"
    assert "ro" in flags
    assert upper == "fuse.shoumi"
    assert (one.stick.path / "old.txt").read_text() == "old"
    assert person("sh", "-c", f"echo clean > {one.stick.path}/clean.txt").returncode == 0
    refused = person("sh", "-c", f"echo SECRET > {one.stick.path}/secret.txt")
    assert refused.returncode != 0 or not (one.stick.path / "secret.txt").exists()
    one.stop()
    assert [flags for _, flags in options(one.stick.path)] == [flags]
    assert "ro" in options(one.stick.path)[0][1], "nobody guards it any more: it can be read only"
    tree = one.stick.tree(one.folder / "check")
    assert tree == {"old.txt": b"old", "clean.txt": b"clean\n"}
    assert one.stick.raw(b"SECRET") == set()


def test_a_second_mount_of_the_device_is_sealed(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    second = one.folder / "second"
    second.mkdir()
    one.stick.mount(second)
    try:
        tried = person("cp", "/etc/hostname", second / "past")
        assert tried.returncode != 0
        wait(lambda: any("ro" in flags for _, flags in options(second)), 20, one.said)
        assert person("mkdir", second / "folder").returncode != 0
        one.kill()
        assert person("cp", "/etc/hostname", second / "past").returncode != 0, "read-only without a living agent too"
    finally:
        one.stick.clear(second)
    assert "past" not in one.stick.tree(one.folder / "check")


def test_a_medium_comes_while_the_agent_runs(keeper):
    one = keeper()
    one.start()
    one.stick.mount()
    one.guarded()
    wait(lambda: f"taken {one.stick.path}" in one.said(), 10, one.said)


def test_unmounting_takes_both_away_and_finishes_what_waits(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    for number in range(40):
        assert person("sh", "-c", f"echo clean {number} > {one.stick.path}/{number}").returncode == 0, one.said()
    run("umount", one.stick.path)
    wait(lambda: not mounted_at(one.stick.path), 20, one.said)
    wait(lambda: not list((one.home / "staging").glob("*/[0-9]*")), 20, one.said)
    assert len(one.stick.tree(one.folder / "check")) == 40
    one.stick.mount()
    one.guarded()
    assert (one.stick.path / "39").read_text() == "clean 39\n"


def test_a_lazy_unmount_under_open_files_loses_nothing_that_was_allowed(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    with (one.stick.path / "done.txt").open("w") as file:
        file.write("done")
    with (one.stick.path / "under way.txt").open("w") as file:
        file.write("first")
        file.flush()
        one.stick.unmount()
        wait(lambda: not mounted_at(one.stick.path), 20, one.said)
    wait(lambda: not list((one.home / "staging").glob("*/[0-9]*")), 30, one.said)
    tree = one.stick.tree(one.folder / "check")
    assert tree["done.txt"] == b"done"
    assert tree.get("under way.txt", b"first") == b"first"


@pytest.mark.parametrize("access", ["read_only", "block", "trusted"])
def test_what_policy_lets_a_medium_be_used_as(keeper, access):
    one = keeper(access)
    one.stick.mount()
    (one.stick.path / "old.txt").write_text("old")
    one.start()
    if access == "block":
        wait(lambda: not mounted_at(one.stick.path), 20, one.said)
    elif access == "read_only":
        wait(lambda: "ro" in options(one.stick.path)[-1][1], 20, one.said)
        assert mounted_at(one.stick.path) == ["ext4"]
        assert (one.stick.path / "old.txt").read_text() == "old"
        assert person("touch", one.stick.path / "new").returncode != 0
    else:
        time.sleep(1.5)
        assert mounted_at(one.stick.path) == ["ext4"]
        assert person("touch", one.stick.path / "new").returncode == 0
    one.stop()


def test_who_wrote_before_the_agent_came_may_finish_and_then_it_is_read_only(keeper):
    one = keeper()
    one.stick.mount()
    with (one.stick.path / "before.txt").open("w") as file:
        file.write("before")
        one.start()
        one.guarded()
        assert "ro" not in options(one.stick.path)[0][1]
        wait(one.problems, 10, "it is told")
        assert "writes to" in one.problems()[0]
        assert person("cp", "/etc/hostname", one.stick.path / "through").returncode == 0
    wait(lambda: "ro" in options(one.stick.path)[0][1], 20, one.said)
    wait(lambda: not one.problems(), 10, "and that it is over")
    assert (one.stick.path / "before.txt").read_text() == "before"


def test_two_media_and_one_of_them_twice(keeper):
    one = keeper(count=2)
    second = one.folder / "second"
    second.mkdir()
    for stick in one.sticks:
        stick.mount()
    one.stick.mount(second)
    try:
        one.start()
        wait(lambda: is_guarded(one.sticks[1].path), 30, one.said)
        places = (one.stick.path, second)
        wait(lambda: any(map(is_guarded, places)), 30, one.said)
        time.sleep(0.5)
        assert [is_guarded(place) for place in places].count(True) == 1, "one gateway for one device"
        assert all("ro" in options(place)[0][1] for place in places)
        other = next(place for place in places if not is_guarded(place))
        assert person("touch", other / "past").returncode != 0
        assert person("cp", "/etc/hostname", one.sticks[1].path / "through").returncode == 0
        one.stop()
    finally:
        one.stick.clear(second)


def test_a_copy_of_a_medium_with_the_same_number_has_files_of_its_own(keeper):
    one = keeper(count=2)
    for stick in one.sticks:
        run("losetup", "-d", stick.device)
    Path(one.sticks[1].image).write_bytes(Path(one.sticks[0].image).read_bytes())
    for stick in one.sticks:
        stick.device = run("losetup", "-f", "--show", stick.image).stdout.strip()
        run("blockdev", "--setrw", stick.device)
        stick.mount()
    one.start()
    one.guarded()
    for stick in one.sticks:
        assert person("sh", "-c", f"echo {stick.label} > {stick.path}/name").returncode == 0
    one.stop()
    for stick in one.sticks:
        assert stick.tree(one.folder / "check")["name"].decode() == f"{stick.label}\n"


def test_a_medium_whose_root_is_nobody_s(keeper):
    one = keeper()
    one.stick.mount()
    one.stick.path.chmod(0o000)
    one.start()
    one.guarded()
    assert person("ls", one.stick.path).returncode != 0
    assert os.listdir(one.stick.path) == ["lost+found"]


def test_stopped_and_started_again(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    one.stop()
    assert mounted_at(one.stick.path) == ["ext4"]
    assert person("touch", one.stick.path / "without").returncode != 0
    one.start()
    one.guarded()
    assert person("cp", "/etc/hostname", one.stick.path / "again").returncode == 0
    assert mounted_at(one.stick.path) == ["ext4", "fuse.shoumi"]


def test_killed_and_started_again(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    for number in range(20):
        assert person("sh", "-c", f"echo clean {number} > {one.stick.path}/{number}").returncode == 0, one.said()
    slow = subprocess.Popen(["sh", "-c", f"exec 2>&-; echo SLOW SECRET > {one.stick.path}/secret"])
    time.sleep(0.5)
    one.kill()
    slow.wait(20)
    tried = person("touch", one.stick.path / "x")
    assert b"not connected" in tried.stderr
    assert mounted_at(one.stick.path) == ["ext4", "fuse.shoumi"]
    one.start()
    one.guarded()
    assert mounted_at(one.stick.path) == ["ext4", "fuse.shoumi"], "the dead one is gone"
    assert {(one.stick.path / str(number)).read_text() for number in range(20)} == {f"clean {n}\n" for n in range(20)}
    wait(lambda: {"judged": f"{one.stick.path}/secret", "allowed": False} in one.events(), 20, one.events)
    assert not (one.stick.path / "secret").exists()
    one.stop()
    assert not [name for name in one.stick.tree(one.folder / "check") if ".shoumi~" in name]


def test_what_was_interrupted_is_finished_at_the_next_insertion(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    for number in range(20):
        (one.stick.path / str(number)).write_text(f"clean {number}")
    one.kill()
    one.stick.clear()
    held = len(one.stick.tree(one.folder / "check"))
    one.start()
    one.stick.mount()
    one.guarded()
    assert len([path for path in one.stick.path.iterdir() if path.is_file()]) == 20, f"{held} were there"
    assert list((one.home / "staging").glob("*/[0-9]*")) == []


def test_a_device_that_fails_does_not_hang_anybody(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    os.truncate(one.stick.image, 4096)  # every block behind it cannot be read any more
    began = time.monotonic()
    for number in range(5):
        person("sh", "-c", f"echo clean > {one.stick.path}/{number}")
    run("umount", "-l", one.stick.path, check=False)
    wait(lambda: not mounted_at(one.stick.path), 30, one.said)
    assert time.monotonic() - began < 40
    one.stop()
    assert "Traceback" not in one.said()


def test_a_slow_medium_does_not_leave_another_one_open(keeper):
    """What an earlier run left on one medium may take long to judge; the other is shut meanwhile."""
    one = keeper(count=2)
    one.sticks[0].mount()
    one.start()
    one.guarded(one.sticks[0].path)
    slow = [subprocess.Popen(["sh", "-c", f"echo SLOW SECRET > {one.sticks[0].path}/{n}"], stderr=-3) for n in range(3)]
    time.sleep(0.7)
    one.kill()
    for process in slow:
        process.wait(20)
    one.sticks[1].mount()
    one.start()
    began = time.monotonic()
    one.guarded()
    assert time.monotonic() - began < 5, "three times five seconds of judging are done beside"
    wait(lambda: len([event for event in one.events() if not event["allowed"]]) == 3, 40, one.events)


def test_a_copy_of_the_mount_in_another_namespace(keeper):
    """Somebody made a namespace of their own before the medium came: it appears in there too."""
    one = keeper()
    run("mount", "--bind", one.folder, one.folder)
    run("mount", "--make-shared", one.folder)
    inside = subprocess.Popen(
        ["unshare", "-Urm", "--propagation", "slave", "sleep", "120"], user=UID, group=UID, extra_groups=[]
    )
    try:
        time.sleep(0.5)
        one.stick.mount()
        there = Path(f"/proc/{inside.pid}/root") / one.stick.path.relative_to("/")
        assert os.access(there / "lost+found", os.F_OK), "it propagated"
        one.start()
        one.guarded()

        def shut():
            lines = Path(f"/proc/{inside.pid}/mountinfo").read_text().splitlines()
            flags = [line.split()[5] for line in lines if line.split()[4] == str(one.stick.path) and " ext4 " in line]
            return bool(flags) and all("ro" in each.split(",") for each in flags)

        wait(shut, 20, lambda: Path(f"/proc/{inside.pid}/mountinfo").read_text()[-600:])
        one.kill()
        within = ["nsenter", "-t", str(inside.pid), "-U", "-m", "--preserve-credentials", "touch"]
        assert person(*within, one.stick.path / "past").returncode != 0
    finally:
        inside.kill()
        inside.wait()
        one.stick.clear()
        run("umount", "-l", one.folder)


def test_a_person_cannot_take_it_away(keeper):
    one = keeper()
    one.stick.mount()
    one.start()
    one.guarded()
    assert person("umount", one.stick.path).returncode != 0
    assert person("umount", "-l", one.stick.path).returncode != 0
    assert person("fusermount3", "-u", one.stick.path).returncode != 0
    assert person("fusermount3", "-uz", one.stick.path).returncode != 0
    assert person("kill", "-9", one.process.pid).returncode != 0
    assert person("ls", f"/proc/{one.process.pid}/fd").returncode != 0
    assert person("unshare", "-Urm", "umount", "-l", one.stick.path).returncode != 0, "mounts of others are locked"
    assert is_guarded(one.stick.path)


def test_a_folder_somebody_stands_in_since_before_the_takeover(keeper):
    one = keeper()
    one.stick.mount()
    script = f"cd {one.stick.path}; echo here; read line; echo SECRET > past; mkdir folder; echo $?"
    inside = subprocess.Popen(
        ["sh", "-c", script], stdin=-1, stdout=-1, stderr=-3, user=UID, group=UID, extra_groups=[], text=True
    )
    assert inside.stdout.readline() == "here\n"
    one.start()
    one.guarded()
    out, _ = inside.communicate("\n")
    assert int(out.split()[-1]) != 0
    one.stop()
    assert one.stick.raw(b"SECRET") == set()
