"""Real processes of the product, started as a user starts them and ended by their pid."""

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import psutil

from agent.supervisor import can_guard

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("SHOUMI_", "DJANGO_"))}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(condition, seconds=20, what="in time"):
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.05)


def totp(secret, now=None):
    """RFC 6238 with SHA-1, 30 seconds, 6 digits: what an authenticator app shows."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8))
    digest = hmac.new(key, struct.pack(">Q", int((now or time.time()) // 30)), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


class Process:
    """One program of ours; its output goes to a file, which the test reads."""

    def __init__(self, log, *arguments, language="en"):
        self.log = log
        environment = ENVIRONMENT | {"LC_ALL": "zh_CN.UTF-8" if language == "zh" else "C.UTF-8"}
        with log.open("ab") as file:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env=environment,
            )

    def said(self):
        return self.log.read_text("utf-8", "replace")

    def agent(self):
        """The process of the agent itself, which has a supervisor above it where it guards media."""
        if not can_guard():
            return self.popen.pid
        return next((child.pid for child in psutil.Process(self.popen.pid).children()), 0)

    def kill(self):
        if self.popen.poll() is None:
            os.kill(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, number=signal.SIGTERM, seconds=15):
        if self.popen.poll() is None:
            os.kill(self.popen.pid, number)
        return self.popen.wait(seconds)


class Collector:
    """A collector with its home; may be killed and started again."""

    def __init__(self, home, log):
        self.home, self.log, self.port = home, log, free_port()
        done = subprocess.run(
            [sys.executable, "-m", "service", "init", "--home", str(home), "--json"],
            capture_output=True,
            env=ENVIRONMENT,
        )
        assert done.returncode == 0, done.stderr.decode()
        self.made = json.loads(done.stdout)
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        self.process = Process(self.log, "service", "serve", "--home", self.home, "--port", self.port)
        wait(self._answers, 30, self.process.said)

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def token(self, department="研发部"):
        done = subprocess.run(
            [sys.executable, "-m", "service", "token", "--home", str(self.home), "--department", department],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]
