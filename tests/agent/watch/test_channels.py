import os
import sys
import threading
from pathlib import Path

import pytest

from agent.watch.burners import burners
from agent.watch.channels import Channels, places
from agent.watch.media import Sources
from agent.watch.phones import plugged, shown
from agent.watch.shares import remote, shares
from agent.watch.synced import Home, people, synced
from config.events import Channel, Medium

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="channels of Linux")


@pytest.fixture
def machine(tmp_path):
    sources = Sources(
        tmp_path / "mountinfo", tmp_path / "sys", tmp_path / "udev", tmp_path / "proc", tmp_path / "users"
    )
    sources.sysfs.mkdir()
    sources.mountinfo.write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    return sources


def mounted(machine, point, kind, source):
    line = f"90 22 0:50 / {point} rw,nosuid - {kind} {source} rw\n"
    machine.mountinfo.write_text(machine.mountinfo.read_text() + line)


@pytest.mark.parametrize(
    ("kind", "source", "label"),
    [
        ("nfs4", "nas:/finance", "nas/finance"),
        ("cifs", "//nas.example/finance/2026", "nas.example/finance/2026"),
        ("fuse.sshfs", "li@host:/srv", "host/srv"),
        ("fuse", "https://dav.example/li", "dav.example/li"),
        ("9p", "hostshare", "hostshare"),
        ("ceph", "[2001:db8::1]:6789:/", "[2001:db8::1]/6789:"),
        ("ext4", "/dev/sdb1", None),
        ("fuse.gvfsd-fuse", "gvfsd-fuse", None),
        ("fuse", "/dev/sdc1", None),
        ("fuseblk", "/dev/sdc1", None),
    ],
)
def test_shares_are_told_from_disks(machine, kind, source, label):
    mounted(machine, "/mnt/x", kind, source)
    found = shares(machine)
    assert [medium.label for medium in found.values()] == ([label] if label else [])
    assert all(medium.channel is Channel.SHARE for medium in found.values())


def test_a_diskless_computer_is_no_share(machine):
    machine.mountinfo.write_text("22 1 0:20 / / rw - nfs server:/root rw\n")
    assert shares(machine) == {}


def test_the_words_of_a_share():
    assert remote("//nas/a b") == "nas/a b"
    assert remote("/dev/sda") == "/dev/sda"
    assert remote("") == ""


def usb(machine, name, **files):
    folder = machine.sysfs / "bus/usb/devices" / name
    folder.mkdir(parents=True)
    for key, value in files.items():
        place = folder / key.replace("__", "/")
        place.parent.mkdir(exist_ok=True)
        place.write_text(value + "\n")
    return folder


def test_telephones_are_known_by_what_they_speak(machine):
    ptp = usb(machine, "1-1", manufacturer="Canon", product="EOS", serial="1")
    mtp = usb(machine, "1-2", manufacturer="Xiaomi", product="Redmi", serial="2")
    apple = usb(machine, "1-3", idVendor="05ac", product="iPhone", serial="3")
    disk = usb(machine, "1-4", manufacturer="SanDisk", product="Ultra", serial="4")
    for folder, kind, below, words in (
        (ptp, "06", "01", ""),
        (mtp, "ff", "ff", "MTP"),
        (apple, "ff", "fe", ""),
        (disk, "08", "06", ""),
    ):
        port = folder / f"{folder.name}:1.0"
        port.mkdir()
        (port / "bInterfaceClass").write_text(kind)
        (port / "bInterfaceSubClass").write_text(below)
        (port / "interface").write_text(words)
    assert [(one.product, one.serial, one.channel) for one in plugged(machine)] == [
        ("EOS", "1", Channel.PHONE),
        ("Redmi", "2", Channel.PHONE),
        ("iPhone", "3", Channel.PHONE),
    ]


def test_folders_of_a_desktop_stand_for_telephones_and_shares(machine, tmp_path):
    tree = tmp_path / "gvfs"
    for name in ("mtp:host=Xiaomi_Redmi_2", "smb-share:server=nas,share=fin%20ance", "trash:", "gphoto2:host=Canon"):
        (tree / name).mkdir(parents=True)
    mounted(machine, tree, "fuse.gvfsd-fuse", "gvfsd-fuse")
    mounted(machine, "/run/user/1001/gvfs-of-another", "fuse.gvfsd-fuse", "gvfsd-fuse")
    mounted(machine, "/home/li/phone", "fuse.jmtpfs", "jmtpfs")
    found, closed = shown(machine)
    assert {path.name: (one.channel, one.label) for path, one in found.items()} == {
        "mtp:host=Xiaomi_Redmi_2": (Channel.PHONE, "Xiaomi_Redmi_2"),
        "gphoto2:host=Canon": (Channel.PHONE, "Canon"),
        "smb-share:server=nas,share=fin%20ance": (Channel.SHARE, "nas/fin ance"),
        "phone": (Channel.PHONE, ""),
    }
    assert closed == [Path("/run/user/1001/gvfs-of-another")]


INFO = """CD-ROM information, Id: cdrom.c 3.20 2003/12/17

drive name:\t\tsr1\tsr0
drive speed:\t\t24\t48
Can write CD-R:\t\t1\t0
Can write DVD-R:\t\t0\t0
Can read MRW:\t\t1\t1
"""


def test_drives_that_write_discs(machine):
    folder = machine.proc / "sys/dev/cdrom"
    folder.mkdir(parents=True)
    (folder / "info").write_text(INFO)
    device = machine.sysfs / "block/sr1/device"
    device.mkdir(parents=True)
    (device / "vendor").write_text("PIONEER ")
    assert burners(machine) == [Medium(mount="/dev/sr1", bus="optical", vendor="PIONEER", channel=Channel.BURNER)]
    (folder / "info").unlink()
    assert burners(machine) == []


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder, os.geteuid())


def put(home, name, text):
    path = home.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("HOME", str(home.folder)))


@pytest.mark.parametrize(
    ("client", "files", "folder", "host"),
    [
        (
            "Nextcloud",
            {
                ".config/Nextcloud/nextcloud.cfg": "[Accounts]\n0\\url=https://li@cloud.example/x\n"
                "0\\Folders\\1\\localPath=HOME/Cloud/\n0\\Folders\\1\\paused=false\n"
            },
            "Cloud",
            "cloud.example",
        ),
        (
            "Dropbox",
            {".dropbox/info.json": '{"business": {"path": "HOME/Dropbox (Firm)", "host": 1}}'},
            "Dropbox (Firm)",
            "dropbox.com",
        ),
        ("OneDrive", {".config/onedrive/config": '# sync_dir = "~/No"\nsync_dir = "~/One"\n'}, "One", "onedrive.com"),
        ("OneDrive", {".config/onedrive/refresh_token": "x"}, "OneDrive", "onedrive.com"),
        ("Seafile", {".ccnet/seafile.ini": "HOME/Sea/.seafile-data\n"}, "Sea", ""),
        (
            "Syncthing",
            {".config/syncthing/config.xml": '<configuration><folder id="a" label="b" path="HOME/S &amp; T" type="x">'},
            "S & T",
            "",
        ),
        ("坚果云", {".nutstore/db": ""}, "我的坚果云", "jianguoyun.com"),
        ("百度网盘", {"baidunetdisk/x": ""}, "BaiduSyncdisk", "pan.baidu.com"),
    ],
)
def test_synchronised_folders_are_found_in_settings(home, client, files, folder, host):
    for name, text in files.items():
        put(home, name, text)
    assert synced([home]) == {}, "a folder that is not there is none"
    (home.folder / folder).mkdir(parents=True)
    (path,) = found = synced([home])
    assert path == home.folder / folder
    assert (found[path].vendor, found[path].label, found[path].channel) == (client, host, Channel.SYNC)


@pytest.mark.parametrize("words", ["/", "/etc/passwd", "relative", "/no\0thing", "/etc"])
def test_settings_cannot_point_at_what_is_not_theirs(tmp_path, words):
    folder = tmp_path / "home"
    home = Home(folder, os.geteuid() + 1)
    put(Home(folder, 0), ".ccnet/seafile.ini", f"{words}/x")
    assert synced([home]) == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"path": 5}}', "[" * 100_000])
def test_broken_settings_are_none(home, text):
    put(home, ".dropbox/info.json", text)
    assert synced([home]) == {}


def test_settings_that_are_a_pipe_do_not_hold_us_up(home):
    (home.folder / ".dropbox").mkdir()
    os.mkfifo(home.folder / ".dropbox/info.json")
    assert synced([home]) == {}


def test_people_have_homes():
    assert all(one.folder.is_dir() for one in people())


def test_all_of_them_together(machine, home):
    put(home, ".nutstore/db", "")
    (home.folder / "Nutstore").mkdir()
    mounted(machine, "/mnt/x", "nfs", "nas:/a")
    assert {one.channel for one in places(machine, [home]).values()} == {Channel.SHARE, Channel.SYNC}


def test_what_comes_and_goes_is_told():
    now, told, again = {Path("/a"): Medium(label="1")}, [], threading.Event()

    def find():
        if len(told) == 1:
            again.set()
        return dict(now)

    channels = Channels(
        lambda path, medium: told.append((path.name, medium.label)), lambda path: told.append(path.name), 0.01, find
    )
    channels.start()
    assert again.wait(10)
    channels.stop()
    channels.join(10)
    assert told == [("a", "1")]
    now.clear()
    now[Path("/b")] = Medium(label="2")
    channels.look()
    assert told[1:] == ["a", ("b", "2")]


def test_a_list_that_cannot_be_read_is_tried_again():
    def fail():
        raise OSError

    Channels(lambda *_: None, lambda _: None, find=fail).look()
