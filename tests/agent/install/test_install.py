import io
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from agent.install import place
from agent.install.files import FREE, RULES, UNIT, rendered
from agent.install.place import install, uninstall
from config.errors import UsageError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a service of systemd")


def said(act, *arguments, language="en", **options):
    out = io.StringIO()
    act(*arguments, Console(file=out, width=300), language, **{"dry_run": False} | options)
    return out.getvalue()


def below(root, path):
    return root / path.relative_to("/")


def test_it_writes_the_same_once(tmp_path):
    first = said(install, Path("/var/lib/shoumi"), tmp_path)
    assert first.count("wrote ") == 3
    assert "shoumi agent enrol --home /var/lib/shoumi" in first
    assert "Nothing was started" in first
    assert stat.S_IMODE(below(tmp_path, FREE).stat().st_mode) == 0o755
    assert stat.S_IMODE(below(tmp_path, UNIT).stat().st_mode) == 0o644
    again = said(install, Path("/var/lib/shoumi"), tmp_path, language="zh")
    assert again.count("未变化") == 3
    below(tmp_path, RULES).write_text("# mine\n")
    assert said(install, None, tmp_path).count("wrote ") == 1


def test_a_dry_run_shows_all_and_writes_nothing(tmp_path):
    shown = said(install, None, tmp_path, dry_run=True)
    assert shown.count("would write ") == 3
    assert "Restart=always" in shown
    assert "--setro" in shown
    assert not list(tmp_path.iterdir())


def test_uninstall_takes_away_what_was_written_and_nothing_else(tmp_path):
    said(install, None, tmp_path)
    kept = tmp_path / "etc/udev/rules.d/99-other.rules"
    kept.write_text("")
    assert said(uninstall, tmp_path, dry_run=True).count("would remove") == 3
    assert below(tmp_path, UNIT).exists()
    assert said(uninstall, tmp_path).count("removed ") == 3
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    assert said(uninstall, tmp_path).count("removed ") == 0


def test_it_refuses_without_root_and_without_an_enrolled_agent(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "_put", lambda *_, **__: pytest.fail("must not write"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="root"):
        said(install, tmp_path, None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(UsageError) as caught:
        said(install, tmp_path, None)
    assert f"shoumi agent enrol --home {tmp_path}" in caught.value.hint.en


@pytest.mark.parametrize("home", ['/var/lib/"x', "/var/lib/%h", "/var/lib/$HOME", "/a\nb", "/a{b}"])
def test_a_path_that_means_something_else_to_systemd(home):
    with pytest.raises(UsageError):
        rendered(Path(home))


def test_nothing_is_left_to_fill_in():
    for one in rendered(Path("/var/lib/shoumi")):
        assert not re.search(r"@[A-Z]+@", one.text), one.path


def test_nothing_hides_the_mounts_of_the_agent_from_people():
    """Each of these gives a service a mount namespace of its own: systemd.exec(5)."""
    unit = next(one.text for one in rendered(Path("/var/lib/shoumi")) if one.path == UNIT)
    keys = {line.partition("=")[0] for line in unit.splitlines() if not line.startswith("#")}
    hiding = {
        "PrivateTmp",
        "PrivateMounts",
        "PrivateDevices",
        "ProtectSystem",
        "ProtectHome",
        "ProtectProc",
        "BindPaths",
    }
    hiding |= {
        "ProtectKernelTunables",
        "ProtectKernelModules",
        "ProtectKernelLogs",
        "ProtectControlGroups",
        "RootDirectory",
    }
    hiding |= {"ProtectHostname", "ReadOnlyPaths", "ReadWritePaths", "InaccessiblePaths", "TemporaryFileSystem"}
    assert not hiding & keys
    assert {"Restart", "RestartSec", "NoNewPrivileges", "CapabilityBoundingSet", "StartLimitIntervalSec"} <= keys


def test_systemd_takes_the_unit(tmp_path):
    """Where systemd-analyze is there it judges the unit; the form of its lines is looked at everywhere."""
    said(install, None, tmp_path)
    unit = below(tmp_path, UNIT)
    assert all(re.fullmatch(r"|#.*|\[\w+\]|\w+=.*", line) for line in unit.read_text().splitlines())
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=120)
        complaints = [line for line in done.stderr.splitlines() if UNIT.name in line and "not executable" not in line]
        assert not complaints


def test_udev_takes_the_rule(tmp_path):
    said(install, None, tmp_path)
    rules = below(tmp_path, RULES)
    lines = [line for line in rules.read_text().splitlines() if line and not line.startswith("#")]
    part = r'(ACTION|SUBSYSTEMS?|KERNEL|LABEL|GOTO|PROGRAM|RUN|ATTRS\{\w+\}|ENV\{\w+\})(==|!=|\+=|=)"[^"]*"'
    for line in lines:
        assert re.fullmatch(rf"{part}(, {part})*", line), line
    jumps = set(re.findall(r'GOTO="(\w+)"', rules.read_text()))
    assert jumps == set(re.findall(r'LABEL="(\w+)"', rules.read_text()))
    if shutil.which("udevadm"):
        done = subprocess.run(["udevadm", "verify", rules], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 or "Unknown command" in done.stderr, done.stderr  # before systemd 254


@pytest.fixture
def disk(tmp_path):
    """A stick of two partitions in a made-up sysfs, and the helper that udev asks about it."""
    (tmp_path / "sys/class/block").mkdir(parents=True)
    stick = tmp_path / "sys/devices/usb1/block/sdb"
    for name, number in (("", "8:16"), ("sdb1", "8:17"), ("sdb2", "8:18")):
        (stick / name / "holders").mkdir(parents=True)
        (stick / name / "dev").write_text(number + "\n")
        if name:
            (stick / name / "partition").write_text("1\n")
        (tmp_path / "sys/class/block" / (name or "sdb")).symlink_to(stick / name)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    (tmp_path / "proc/swaps").write_text("Filename Type Size Used Priority\n")
    (tmp_path / "taken").mkdir()
    helper = tmp_path / "free"
    helper.write_text(next(one.text for one in rendered(Path("/x")) if one.path == FREE))

    def free(name):
        places = {"SYS": tmp_path / "sys", "PROC": tmp_path / "proc", "TAKEN": tmp_path / "taken"}
        environment = {f"SHOUMI_{key}": str(path) for key, path in places.items()} | {"PATH": os.environ["PATH"]}
        return subprocess.run(["sh", helper, name], env=environment, timeout=60).returncode == 0

    return tmp_path, stick, free


def test_a_free_disk_is_closed(disk):
    _, _, free = disk
    assert free("sdb")
    assert free("sdb1")
    assert not free("sdx"), "what is gone is not touched"


@pytest.mark.parametrize("use", ["mounted", "swap", "held", "taken"])
def test_a_disk_in_use_is_left_alone_with_all_its_partitions(disk, use):
    folder, stick, free = disk
    if use == "mounted":
        (folder / "proc/self/mountinfo").write_text("22 1 8:18 / / rw - ext4 /dev/sdb2 rw\n")
    elif use == "swap":
        (folder / "proc/swaps").write_text("Filename Type\n/dev/sdb2 partition 1 0 -2\n")
    elif use == "held":
        (stick / "sdb2/holders/dm-0").mkdir()
    else:
        (folder / "taken/8:18").write_text("")
    assert not free("sdb1")
    assert not free("sdb")
