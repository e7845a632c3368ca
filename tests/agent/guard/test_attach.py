"""A device that nobody mounted: the agent mounts it for itself and shows it through the gateway alone."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.root

CHILD = """
import json, sys, time
from pathlib import Path
from agent.act.notify import Notifier
from agent.act.quarantine import Quarantine
from agent.extract.sandbox.pool import Sandbox, Setup
from agent.guard.attach import Attach
from agent.guard.custody import Custody
from agent.guard.desk import Desk
from agent.report.spool import Spool
from agent.watch.devices import Attached
from config.events import Medium
from config.policy import load_policy
import pyrage

home, device, number, policy_file = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
policy = load_policy(policy_file)
said = []
with Sandbox(Setup(key=b"k" * 32), 1) as sandbox:
    spool = Spool(home / "spool.db")
    quarantine = Quarantine(home / "quarantine", str(pyrage.x25519.Identity.generate().to_public()))
    desk = Desk(sandbox, policy, spool, quarantine, Notifier("en", policy.help))
    custody = Custody(home, desk, lambda text: said.append(text.en))
    attach = Attach(custody, policy, home / "media", policy_file)
    one = Attached(Path(device), Path(device), number, 1, Medium(bus="usb", serial="77", label="STICK",
                   filesystem="ext4"), True)
    attach.came(one)
    for line in sys.stdin:
        word = line.strip()
        if word == "where":
            until = time.monotonic() + 30  # the gateway is opened beside
            while not said and time.monotonic() < until:
                time.sleep(0.02)
            print(json.dumps([sorted(str(held.path) for held in custody.media), said]), flush=True)
        elif word == "eject":
            print(json.dumps([custody.eject(held.path) for held in custody.media]), flush=True)
        elif word == "went":
            attach.went(one)
            print("[]", flush=True)
        elif word == "stop":
            break
    custody.stop()
    spool.close()
"""


@pytest.fixture
def stick(tmp_path):
    image = tmp_path / "image"
    subprocess.run(["truncate", "-s", "32M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    made = subprocess.run(["losetup", "-f", "--show", image], check=True, capture_output=True, text=True)
    device = made.stdout.strip()
    subprocess.run(["blockdev", "--setro", device], check=True)
    yield device
    subprocess.run(["blockdev", "--setrw", device], check=False)  # the next image in this device must be writable
    subprocess.run(["losetup", "-d", device], check=False)


@pytest.fixture
def agent(tmp_path, stick):
    started = []

    def start(access="gateway"):
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        policy = tmp_path / "policy.yaml"
        zone = f"{{name: media, match: {{removable: true}}, clearance: public, access: {access}}}"
        policy.write_text(f"version: 1\nzones:\n  - {zone}\n")
        number = f"7:{os.minor(os.stat(stick).st_rdev)}"
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(home), stick, number, str(policy)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)

        def ask(word):
            process.stdin.write(word + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        return ask

    yield start
    for process in started:
        process.communicate("stop\n", timeout=60)


def mounts_of(device):
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f" {device} " in line]


def is_read_only(device):
    done = subprocess.run(["blockdev", "--getro", device], check=True, capture_output=True, text=True)
    return done.stdout.strip() == "1"


def test_it_appears_behind_the_gateway_alone(agent, stick):
    ask = agent()
    (place,), _ = ask("where")
    assert place.endswith("/media/STICK")
    (line,) = mounts_of(stick)
    assert " fuse.shoumi " in line
    Path(place, "note.txt").write_text("nothing that matters")
    refused = Path(place, "secret.txt")
    with pytest.raises(PermissionError), refused.open("w", encoding="utf-8") as file:
        file.write("机密★10年\n\n关于印发方案的通知\n")
    until = time.monotonic() + 20
    while refused.exists() and time.monotonic() < until:  # the kernel tells of the last close a moment after it
        time.sleep(0.01)
    assert not refused.exists()
    assert "note.txt" in os.listdir(place)


def test_ejected_means_written_and_gone(agent, stick, tmp_path):
    ask = agent()
    (place,), _ = ask("where")
    Path(place, "note.txt").write_text("nothing that matters")
    assert ask("eject") == [True]
    assert mounts_of(stick) == []
    ask("went")
    assert not Path(place).exists()
    assert is_read_only(stick)  # nobody else writes to it either, until the agent takes it again
    look = tmp_path / "look"
    look.mkdir()
    subprocess.run(["mount", "-o", "ro", stick, look], check=True)
    try:
        assert (look / "note.txt").read_text() == "nothing that matters"
    finally:
        subprocess.run(["umount", look], check=True)


def test_read_only(agent, stick):
    ask = agent("read_only")
    (place,), _ = ask("where")
    with pytest.raises(OSError, match="Read-only"):
        Path(place, "note.txt").write_text("x")


def test_blocked_is_not_mounted(agent, stick):
    ask = agent("block")
    places, said = ask("where")
    assert places == []
    assert mounts_of(stick) == []
    assert "may not be used" in said[0]
    time.sleep(0.1)
    assert is_read_only(stick)
