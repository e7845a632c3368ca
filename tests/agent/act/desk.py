"""A desktop to show messages on: a private session bus of an ordinary user, and a stand-in for what draws bubbles."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PERSON = 65534 if sys.platform == "linux" and os.geteuid() == 0 else (os.geteuid() if os.name == "posix" else 0)
_STAND_IN = """
import json, os, signal, sys, time
from jeepney import DBusAddress, MessageType, new_method_return, message_bus
from jeepney.io import blocking
uid, address, seen, markup, hang = int(sys.argv[1]), *sys.argv[2:6]
if os.geteuid() == 0:
    os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
with blocking.open_dbus_connection(address) as bus:
    bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))
    sys.stdout.write("ready\\n"); sys.stdout.flush()
    while True:
        asked = bus.receive()
        if asked.header.message_type is not MessageType.method_call:
            continue
        if hang == "yes":
            continue
        fields = {key.name: value for key, value in asked.header.fields.items()}
        if fields["member"] == "GetCapabilities":
            bus.send(new_method_return(asked, "as", (["body", "body-markup"] if markup == "yes" else ["body"],)))
        elif fields["member"] == "Notify":
            with open(seen, "a") as file:
                file.write(json.dumps(asked.body[:6] + (asked.body[6]["urgency"][1],)) + "\\n")
            bus.send(new_method_return(asked, "u", (1,)))
"""


class Desk:
    """What was shown, and on which bus."""

    def __init__(self, bus, seen):
        self.bus, self._seen = bus, seen

    def shown(self):
        """Head, body and urgency of every message so far."""
        lines = self._seen.read_text().splitlines() if self._seen.exists() else []
        return [(line[3], line[4], line[6]) for line in map(json.loads, lines)]

    def wait_for(self, count, seconds=20):
        end = time.monotonic() + seconds
        while len(self.shown()) < count and time.monotonic() < end:
            time.sleep(0.02)
        return self.shown()


@contextlib.contextmanager
def as_person(command, **options):
    """A process of the ordinary user, ended afterwards."""
    if os.geteuid() != PERSON:
        command = ["setpriv", f"--reuid={PERSON}", f"--regid={PERSON}", "--clear-groups", "--", *command]
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def desk(*, markup=True, hang=False, stand_in=True):
    folder = Path(tempfile.mkdtemp(prefix="shoumi-desk-"))
    try:
        os.chown(folder, PERSON, -1)
        bus = f"unix:path={folder}/bus"
        daemon = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={bus}", "--print-address=1"]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "cwd": "/"}
        with as_person(daemon, **quiet) as running:
            assert running.stdout.readline()
            if not stand_in:
                yield Desk(bus, folder / "seen")
                return
            words = [str(PERSON), bus, str(folder / "seen"), "yes" if markup else "no", "yes" if hang else "no"]
            with subprocess.Popen([sys.executable, "-c", _STAND_IN, *words], **quiet) as drawing:
                try:
                    assert drawing.stdout.readline() == b"ready\n"
                    yield Desk(bus, folder / "seen")
                finally:
                    drawing.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
