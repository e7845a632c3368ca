"""A PC with sticks: a real agent under its supervisor, enrolled with a real collector, and media of its own."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.acceptance.processes import ENVIRONMENT, Collector, Process, wait
from tests.acceptance.sticks import Stick, agents, is_guarded, run, workers

CACHE = Path(tempfile.gettempdir(), f"shoumi-tests-{os.getuid()}", "patterns.cache")
HEAD = "000001\n机密★10年\n特急\n关于组织年度介质管理演练的通知\n"


class Station:
    """``folder`` must be short and a person's processes must get to it; ``labels`` name the sticks."""

    def __init__(self, folder, labels, mib=64, settings="", access="gateway"):
        self.folder, self.home = folder, folder / "agent"
        self.sticks = []
        self.process = None
        self.collector = Collector(folder / "collector", folder / "collector.log")
        self.collector.start()
        try:
            command = [sys.executable, "-m", "agent.cli", "agent", "enrol", "--home", self.home]
            command += ["--collector", self.collector.url, "--token", self.collector.token()]
            done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
            assert done.returncode == 0, done.stderr
            zones = (
                f"  - {{name: stick, clearance: public, access: {access}, match: {{label: {json.dumps(labels)}}}}}\n"
            )
            (self.home / "policy.yaml").write_text("version: 1\nzones:\n" + zones)
            with (self.home / "agent.yaml").open("a") as file:
                file.write("spool: {retry_seconds: 0.5}\n" + settings)
            if CACHE.exists() and CACHE.stat().st_uid == os.getuid():
                shutil.copy(CACHE, self.home / CACHE.name)  # rules take a while to compile
            for label in labels:
                self.sticks.append(Stick(folder, label, mib=mib))
                self.sticks[-1].mount()
        except BaseException:
            self.close()
            raise

    def start(self, guarded=True):
        self.process = Process(self.folder / "agent.log", "agent.cli", "--verbose", "agent", "run", "--home", self.home)
        if guarded:
            self.wait_guarded()

    def wait_guarded(self, seconds=40):
        for stick in self.sticks:
            wait(lambda stick=stick: is_guarded(stick.path), seconds, lambda: self.said()[-3000:])

    def wait_ready(self, seconds=90):
        """Until all rules are read, and every start from now on is quick."""
        wait(lambda: "The agent runs" in self.said(), seconds, self.said)
        CACHE.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = CACHE.with_name(f"{os.getpid()}.part")
        shutil.copy(self.home / CACHE.name, fresh)
        fresh.rename(CACHE)

    def said(self):
        return self.process.said()

    @property
    def supervisor(self):
        return self.process.popen.pid

    @property
    def agent(self):
        """Process id of the agent itself; 0 while there is none."""
        return next(iter(agents(self.supervisor)), 0)

    @property
    def workers(self):
        return workers(self.supervisor)

    def stop(self, seconds=45):
        """An orderly end, as systemd asks for it."""
        return self.process.stop(seconds=seconds)

    def reported(self):
        """SHA-256 of the files that refusals in the collector speak of."""
        database = sqlite3.connect(f"file:{self.collector.home / 'collector.db'}?mode=ro", uri=True)
        try:
            bodies = [str(body, "utf-8") for (body,) in database.execute("SELECT body FROM ingest_event")]
        finally:
            database.close()
        found = []
        for body in bodies:
            found += re.findall(r'"value":\s*"([0-9a-f]{64})"', body)
        return found

    def staged(self):
        """Files that wait on the local disk."""
        return [path for path in (self.home / "staging").glob("*/*") if path.name.isdigit()]

    def close(self):
        if self.process is not None and self.process.popen.poll() is None:
            below = [*agents(self.supervisor), *self.workers]
            for pid in (self.supervisor, *below):
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    continue
            self.process.kill()
            wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), 20)
        for stick in self.sticks:
            stick.close()
        if self.collector.process is not None:
            self.collector.process.kill()


def as_person(*command, uid=12345, seconds=60, **more):
    """A command as somebody who is not root."""
    return subprocess.run(
        [one if isinstance(one, bytes) else str(one) for one in command],
        capture_output=True,
        timeout=seconds,
        user=uid,
        group=uid,
        extra_groups=[],
        **more,
    )


def unshared():
    """Mounts of this process, and of those it starts from now on, are nobody else's business."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(0x20000) == 0, os.strerror(ctypes.get_errno())
    run("mount", "--make-rprivate", "/")
