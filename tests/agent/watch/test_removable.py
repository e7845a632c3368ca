import subprocess
import threading
from pathlib import Path

import pytest

from agent.watch.media import Sources
from agent.watch.removable import Removable, _linux, mounted
from config.events import Medium

MOUNTINFO = (
    "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
    "90 22 8:17 / /media/li/WORK\\040A rw,nosuid shared:1 - vfat /dev/sdb1 rw\n"
    "91 22 8:33 / /media/li/ro ro,nosuid - vfat /dev/sdc1 ro\n"
    "92 22 0:50 / /proc rw - proc proc rw\n"
)


def sources(folder):
    return Sources(folder / "mountinfo", folder / "sys", folder / "udev", folder / "proc", folder / "users")


@pytest.fixture
def sysfs(tmp_path):
    """The files sysfs shows for a USB stick and a built-in disk; a real port cannot be had here."""
    usb = tmp_path / "sys/devices/pci0/usb1/1-2"
    stick = usb / "1-2:1.0/host6/target/6:0:0:0/block/sdb"
    for disk, removable in ((stick, "1"), (tmp_path / "sys/devices/pci0/ata1/block/sda", "0")):
        (disk / f"{disk.name}1").mkdir(parents=True)
        (disk / "removable").write_text(removable + "\n")
    for name, word in {"idVendor": "0781", "manufacturer": "SanDisk", "product": "Ultra", "serial": "4C530001"}.items():
        (usb / name).write_text(word + "\n")
    blocks = tmp_path / "sys/dev/block"
    blocks.mkdir(parents=True)
    (blocks / "8:17").symlink_to(stick / "sdb1")
    (blocks / "8:33").symlink_to(stick / "sdb1")
    (blocks / "8:1").symlink_to(tmp_path / "sys/devices/pci0/ata1/block/sda/sda1")
    (tmp_path / "mountinfo").write_text(MOUNTINFO)
    return tmp_path


def test_a_usb_stick_is_known_by_its_bus_and_the_built_in_disk_is_not_one(sysfs):
    found = _linux(sources(sysfs))
    assert list(found) == [Path("/media/li/WORK A")]
    medium = found[Path("/media/li/WORK A")]
    assert (medium.bus, medium.vendor, medium.product, medium.serial) == ("usb", "SanDisk", "Ultra", "4C530001")
    assert medium.name == "SanDisk Ultra 0001"


def test_a_large_usb_disk_without_the_removable_flag_counts(sysfs):
    (sysfs / "sys/devices/pci0/usb1/1-2/1-2:1.0/host6/target/6:0:0:0/block/sdb/removable").write_text("0\n")
    assert len(_linux(sources(sysfs))) == 1


def test_an_encrypted_stick_is_known_by_what_it_lies_on(sysfs):
    mapped = sysfs / "sys/devices/virtual/block/dm-0"
    (mapped / "slaves").mkdir(parents=True)
    (mapped / "slaves" / "sdb1").symlink_to(sysfs / "sys/dev/block/8:17")
    (sysfs / "sys/dev/block/254:0").symlink_to(mapped)
    (sysfs / "mountinfo").write_text("93 22 254:0 / /media/li/secure rw - ext4 /dev/mapper/luks-1 rw\n")
    medium = _linux(sources(sysfs))[Path("/media/li/secure")]
    assert (medium.bus, medium.serial) == ("usb", "4C530001")


def test_read_only_media_are_listed_when_asked_for(sysfs):
    found = _linux(sources(sysfs), read_only=True)
    assert set(found) == {Path("/media/li/WORK A"), Path("/media/li/ro")}


def test_the_disk_this_computer_runs_from_is_none_though_it_is_a_stick(sysfs):
    root = "22 1 8:17 / / rw,relatime - ext4 /dev/sdb1 rw\n"
    (sysfs / "mountinfo").write_text(root + "90 22 8:33 / /media/li/data rw - vfat /dev/sdb2 rw\n")
    (sysfs / "sys/dev/block/8:17").resolve().joinpath("partition").write_text("1\n")
    assert _linux(sources(sysfs)) == {}


@pytest.mark.parametrize(("boot", "count"), [(True, 0), (False, 1)])
def test_a_soldered_emmc_is_no_card(sysfs, boot, count):
    card = sysfs / "sys/devices/platform/soc/mmc_host/mmc0/mmc0:0001/block/mmcblk0"
    (card / "mmcblk0p1").mkdir(parents=True)
    (card / "mmcblk0p1" / "partition").write_text("1")
    if boot:
        (card / "mmcblk0boot0").mkdir()
    (sysfs / "sys/dev/block/179:1").symlink_to(card / "mmcblk0p1")
    (sysfs / "mountinfo").write_text("93 22 179:1 / /data rw - ext4 /dev/mmcblk0p1 rw\n")
    found = _linux(sources(sysfs))
    assert len(found) == count
    assert [medium.bus for medium in found.values()] == ["mmc"] * count


@pytest.mark.parametrize(("port", "bus"), [("removable", "thunderbolt"), ("fixed", None)])
def test_a_disk_behind_thunderbolt_is_known_by_its_port(sysfs, port, bus):
    bridge = sysfs / "sys/devices/pci0000:00/0000:00:1c.0/0000:05:00.0"
    disk = bridge / "nvme/nvme0/nvme0n1"
    disk.mkdir(parents=True)
    (disk / "removable").write_text("0\n")
    (bridge / "removable").write_text(port + "\n")
    (bridge / "class").write_text("0x010802\n")
    (sysfs / "sys/dev/block/259:0").symlink_to(disk)
    (sysfs / "mountinfo").write_text("93 22 259:0 / /media/li/fast rw - ext4 /dev/nvme0n1 rw\n")
    assert [medium.bus for medium in _linux(sources(sysfs)).values()] == ([bus] if bus else [])


def test_what_udev_knows_fills_the_gaps(sysfs):
    disk = sysfs / "sys/devices/pci0/usb1/1-2/1-2:1.0/host6/target/6:0:0:0/block/sdb"
    (disk / "sdb1" / "dev").write_text("8:17\n")
    (sysfs / "sys/devices/pci0/usb1/1-2/serial").unlink()
    (sysfs / "udev/data").mkdir(parents=True)
    lines = (
        "S:disk/by-id/x\nE:ID_SERIAL_SHORT=FROMUDEV\nE:ID_FS_LABEL_ENC=\\xe6\\x96\\xb9\\x20A\nE:ID_FS_UUID=6A1B-22F0\n"
    )
    (sysfs / "udev/data/b8:17").write_text(lines)
    (medium,) = _linux(sources(sysfs)).values()
    assert (medium.serial, medium.label, medium.uuid) == ("FROMUDEV", "方 A", "6A1B-22F0")


def test_another_stick_in_the_same_place_is_another_medium(monkeypatch):
    told = []
    watcher = Removable(lambda path, medium: told.append(("came", medium.serial)), lambda path: told.append("went"))
    for serial in ("1", "1", "2"):
        monkeypatch.setattr("agent.watch.removable.mounted", lambda serial=serial: {Path("/m"): Medium(serial=serial)})
        watcher.look()
    assert told == [("came", "1"), "went", ("came", "2")]


def test_this_machine_can_be_asked():
    assert isinstance(mounted(), dict)


@pytest.mark.root
def test_a_real_mount_comes_and_goes(tmp_path):
    image, folder = tmp_path / "stick.img", tmp_path / "stick"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(8 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-L", "TESTSTICK", str(image)], check=True)
    came, went = threading.Event(), threading.Event()
    media = {}

    def arrive(path, medium):
        if path == folder:
            media[path] = medium
            came.set()

    watcher = Removable(arrive, lambda path: went.set() if path == folder else None, seconds=30)
    watcher.start()
    subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)
    try:
        assert came.wait(5), "the kernel tells; nothing waits for the next look"
        assert media[folder].label == "TESTSTICK"
        assert media[folder].bus == "loop"
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert went.wait(5)
    watcher.stop()
    subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)  # wakes the watcher, which then ends
    subprocess.run(["umount", str(folder)], check=True)
    watcher.join(5)
    assert not watcher.is_alive()
