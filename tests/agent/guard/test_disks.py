import os

import pytest

from agent.guard import disks

MOUNTINFO = rb"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:22 / /sys rw - sysfs sysfs rw
25 22 0:23 / /tmp rw - tmpfs tmpfs rw
26 22 0:24 / /run rw - tmpfs tmpfs rw
27 26 0:25 / /run/user/1000 rw - tmpfs tmpfs rw
28 22 254:1 / /data\040disk rw - xfs /dev/vdb rw
29 22 254:0 /home/a /srv/a rw - ext4 /dev/vda rw
30 22 8:1 / /media/a/STICK rw - vfat /dev/sda1 rw
31 22 8:1 / /mnt/again rw - vfat /dev/sda1 rw
32 22 0:50 / /media/a/GATE rw - fuse.gateway gateway rw
33 22 0:51 / /net rw - nfs4 server:/ rw
34 22 8:17 / /boot rw - ext4 /dev/sdb1 rw
35 22 0:60 /@home /home rw - btrfs /dev/vdc rw
36 22 0:60 / /btrfs rw master:1 - btrfs /dev/vdc rw
37 22 0:61 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
38 22 0:62 / /dev/shm rw - tmpfs tmpfs rw
39 38 0:63 / /dev/shm rw - tmpfs tmpfs rw
"""


def test_disks_that_people_work_on():
    found = disks.local(MOUNTINFO, {"/media/a/STICK"})
    assert found == ["/", "/tmp", "/run/user/1000", "/data disk", "/btrfs", "/dev/shm"]


def test_a_stick_that_is_not_one_is_a_disk():
    assert "/media/a/STICK" in disks.local(MOUNTINFO, set())


@pytest.mark.root
def test_this_machine(tmp_path):
    found = disks.user_disks()
    assert "/proc" not in found
    assert len({os.stat(mount).st_dev for mount in found}) == len(found)
