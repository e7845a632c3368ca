import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.watch.devices import Devices, _uevents, attached
from agent.watch.media import Sources

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="block devices of Linux")


def disk(sysfs, path, *parts, size=1000, ro="0", number=16):
    """A disk in sysfs with its partitions."""
    there = sysfs / "devices" / path
    for index, name in enumerate(("", *parts)):
        folder = there / name
        folder.mkdir(parents=True)
        (folder / "size").write_text(f"{size}\n")
        (folder / "ro").write_text(f"{ro}\n")
        (folder / "dev").write_text(f"8:{number + index}\n")
        if name:
            (folder / "partition").write_text(f"{index}\n")
        (sysfs / "dev/block").mkdir(parents=True, exist_ok=True)
        (sysfs / f"dev/block/8:{number + index}").symlink_to(folder)
    (there / "removable").write_text("0\n")
    (sysfs / "block").mkdir(exist_ok=True)
    (sysfs / "block" / there.name).symlink_to(there)
    return there


@pytest.fixture
def machine(tmp_path):
    sources = Sources(
        tmp_path / "mountinfo", tmp_path / "sys", tmp_path / "udev", tmp_path / "proc", tmp_path / "users"
    )
    sources.sysfs.mkdir()
    sources.mountinfo.write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    disk(sources.sysfs, "pci0/ata1/block/sda", "sda1", number=0)
    return sources


def test_sticks_are_listed_mounted_or_not_and_built_in_disks_never(machine):
    disk(machine.sysfs, "pci0/usb1/1-2/1-2:1.0/host6/block/sdb", "sdb1", "sdb2", number=16)
    disk(machine.sysfs, "pci0/usb1/1-3/1-3:1.0/host7/block/sdc", number=32, size=2048, ro="1")
    disk(machine.sysfs, "pci0/usb1/1-4/1-4:1.0/host8/block/sdd", number=48, size=0)
    disk(machine.sysfs, "pci0/fw0/block/sde", number=64)
    (machine.sysfs / "devices/pci0/usb1/1-2/idVendor").write_text("0781")
    (machine.sysfs / "devices/pci0/usb1/1-2/serial").write_text("4C53")
    machine.mountinfo.write_text(
        machine.mountinfo.read_text() + "90 22 8:17 / /media/li/A rw - vfat /dev/sdb1 rw\n", "utf-8"
    )
    found = {str(one.node): one for one in attached(machine)}
    assert list(found) == ["/dev/sdb1", "/dev/sdb2", "/dev/sdc", "/dev/sde"]
    assert found["/dev/sdb1"].points == (Path("/media/li/A"),)
    assert found["/dev/sdb2"].points == ()
    assert found["/dev/sdb1"].disk == Path("/dev/sdb")
    assert found["/dev/sdb1"].medium.serial == "4C53"
    assert found["/dev/sdb1"].number == "8:17"
    assert (found["/dev/sdc"].read_only, found["/dev/sdc"].size) == (True, 2048 * 512)
    assert not found["/dev/sdb1"].read_only
    assert found["/dev/sde"].medium.bus == "firewire"


def test_the_stick_this_computer_runs_from_is_left_alone(machine):
    disk(machine.sysfs, "pci0/usb1/1-2/1-2:1.0/host6/block/sdb", "sdb1", "sdb2", number=16)
    machine.mountinfo.write_text("22 1 8:17 / / rw - ext4 /dev/sdb1 rw\n")
    assert attached(machine) == []


def test_what_comes_changes_and_goes_is_told_once(machine):
    told = []
    devices = Devices(
        lambda one: told.append(("came", one.node.name, one.read_only)),
        lambda one: told.append(("went", one.node.name)),
        sources=machine,
    )
    devices.look()
    assert told == []
    stick = disk(machine.sysfs, "pci0/usb1/1-2/1-2:1.0/host6/block/sdb", "sdb1", number=16)
    devices.look(always=False)
    devices.look(always=False)
    assert told == [("came", "sdb1", False)]
    machine.mountinfo.write_text(machine.mountinfo.read_text() + "90 22 8:17 / /m rw - vfat /dev/sdb1 rw\n")
    devices.look()
    assert len(told) == 1, "a mount is no news of the device"
    for folder in (stick, stick / "sdb1"):
        (folder / "ro").write_text("1")
    devices.look()
    assert len(told) == 1, "nor that it was made read-only"
    (stick / "sdb1" / "size").write_text("9")
    devices.look(always=False)
    assert told[1:] == [("went", "sdb1"), ("came", "sdb1", True)], "another card in the same reader"
    (machine.sysfs / "block/sdb").unlink()
    devices.look(always=False)
    assert told[3:] == [("went", "sdb1")]


def test_where_udev_runs_it_is_waited_for_but_not_for_ever(machine, monkeypatch):
    told = []
    devices = Devices(lambda one: told.append(one.medium.serial), lambda one: None, sources=machine)
    disk(machine.sysfs, "pci0/usb1/1-2/1-2:1.0/host6/block/sdb", "sdb1", number=16)
    (machine.udev / "data").mkdir(parents=True)
    (machine.udev / "control").write_text("")
    devices.look()
    assert told == []
    (machine.udev / "data/b8:17").write_text("I:1\nE:ID_SERIAL_SHORT=4C53\n")
    devices.look(always=False)
    assert told == ["4C53"]
    disk(machine.sysfs, "pci0/usb1/1-3/1-3:1.0/host7/block/sdc", number=32)
    devices.look()
    assert told == ["4C53"]
    monkeypatch.setattr("agent.watch.devices._UDEV_SECONDS", 0)
    devices.look(always=False)
    assert told == ["4C53", ""]


def test_this_machine_can_be_asked():
    assert isinstance(attached(), list)


@pytest.mark.root
def test_the_kernel_wakes_us(tmp_path):
    """A loop device is on no bus, but its uevents are those of any disk."""
    image = tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(2**20)
    with _uevents() as link:
        assert link is not None
        loop = subprocess.check_output(["losetup", "-f", "--show", image], text=True).strip()
        try:
            heard = b""
            end = time.monotonic() + 10
            while Path(loop).name.encode() not in heard and time.monotonic() < end:
                try:
                    heard += link.recv(65536)
                except BlockingIOError:
                    time.sleep(0.01)
        finally:
            subprocess.run(["losetup", "-d", loop], check=True)
        assert Path(loop).name.encode() in heard


def test_the_thread_looks_and_ends(machine):
    came = threading.Event()
    devices = Devices(lambda one: came.set(), lambda one: None, seconds=0.05, sources=machine)
    devices.start()
    disk(machine.sysfs, "pci0/usb1/1-2/1-2:1.0/host6/block/sdb", "sdb1", number=16)
    assert came.wait(20)
    devices.stop()
    devices.join(10)
    assert not devices.is_alive()
