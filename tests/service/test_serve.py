"""The real process, from outside."""

import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import warnings
from email.utils import parsedate_to_datetime

import msgspec
import pytest

from config.signing import utc_now
from tests.service.conftest import FRESH, TOKEN
from tests.service.factory import Agent, event
from tests.service.test_init import EVERYWHERE, run


class Server:
    """`python -m service serve` on a free port."""

    def __init__(self, home, token, tls=None):
        self.home, self.token, self.tls = home, token, tls
        self.start()

    def start(self):
        port_file = self.home / "port"
        port_file.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "service",
            "serve",
            "--home",
            self.home,
            "--port",
            "0",
            "--port-file",
            port_file,
        ]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not port_file.exists():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        self.port = int(port_file.read_text())

    def log(self):
        return (self.home / "log").read_text("utf-8")

    def connect(self, host="127.0.0.1"):
        if self.tls:
            return http.client.HTTPSConnection(host, self.port, timeout=10, context=self.tls)
        return http.client.HTTPConnection(host, self.port, timeout=10)

    def request(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def agent(self):
        made = Agent(lambda path, body, headers: self.request("POST", path, body, headers))
        assert made.enrol(self.token)[0] == 200
        return made

    def stop(self, number=signal.SIGTERM):
        """Seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(10)
        return time.monotonic() - began


@pytest.fixture
def served(tmp_path):
    servers = []

    def serve(*words):
        home = tmp_path / "home"
        if not words:
            shutil.copytree(FRESH, home)
            servers.append(Server(home, TOKEN))
            return servers[-1]
        status, out, err = run("init", "--json", "--token", *words, home=home)
        assert status == 0, err
        tls = ssl.create_default_context(cafile=home / "ca.pem")
        servers.append(Server(home, json.loads(out)["token"], tls))
        return servers[-1]

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def test_it_serves_says_the_time_and_stops_at_once(served):
    server = served()
    status, headers, body = server.request("GET", "/login/")
    assert status == 200
    assert "用户名" in body.decode()
    assert abs((parsedate_to_datetime(headers["Date"]) - utc_now()).total_seconds()) < 5
    assert "Date" in server.request("POST", "/api/v1/events", b"x")[1]  # a refused agent learns the time too
    status, headers, body = server.request("GET", "/static/console.css")
    assert status == 200
    assert headers["Content-Type"].startswith("text/css")
    assert body
    idle = server.connect()  # a kept connection, as agents have them, does not hold it up
    idle.request("GET", "/login/")
    idle.getresponse().read()
    assert server.stop() < 3
    assert server.process.returncode == 0
    idle.close()
    server.start()
    assert server.stop(signal.SIGINT) < 3
    assert server.log() == ""


def test_a_taken_port_is_said_plainly(served):
    server = served()
    status, out, err = run("serve", "--port", str(server.port), home=server.home)
    assert status == 2
    assert f"port {server.port} is taken" in err
    assert "--port" in err
    assert "Traceback" not in err
    assert not out


def test_headers_that_anyone_can_write_are_not_believed(served):
    server = served()
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3", "X-Forwarded-Host": "evil.example"}
    status, headers, _ = server.request("GET", "/incidents/", headers=forged)
    assert (status, headers["Location"]) == (302, "/login/?next=/incidents/")
    assert "Strict-Transport-Security" not in headers
    agent = server.agent()
    agent.post = lambda path, body, headers: server.request("POST", path, body, {**headers, **forged})
    assert agent.beat()[0] == 200
    with sqlite3.connect(server.home / "collector.db") as opened:
        assert opened.execute("SELECT address FROM fleet_agent").fetchall() == [("127.0.0.1",)]
    opened.close()


def test_beyond_this_machine_it_is_tls_with_our_own_authority(served):
    server = served("--host", EVERYWHERE, "--name", "shoumi.example")
    status, headers, _ = server.request("GET", "/login/")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in headers["Set-Cookie"]
    assert "HttpOnly" in headers["Set-Cookie"]
    agent = server.agent()
    assert agent.receipt([event()]).accepted == 1
    plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    plain.request("GET", "/login/")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        plain.getresponse()
    plain.close()
    for context in (ssl.create_default_context(), _old(server.home)):
        with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", server.port), timeout=5) as bare:
            context.wrap_socket(bare, server_hostname="127.0.0.1")
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as bare,
        server.tls.wrap_socket(bare, server_hostname="shoumi.example") as secured,
    ):
        assert secured.version() == "TLSv1.3"


def _old(home):
    context = ssl.create_default_context(cafile=home / "ca.pem")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_kill_9_in_the_middle_loses_nothing_that_was_accepted(served):
    server = served()
    agent = server.agent()
    accepted, failed = [], []
    stop = threading.Event()

    def pour():
        while not stop.is_set():
            batch = [event() for _ in range(10)]
            try:
                status, _, _ = agent.send(batch)
            except (OSError, http.client.HTTPException):
                failed.append(batch)
                return
            assert status == 202
            accepted.extend(batch)

    threads = [threading.Thread(target=pour) for _ in range(4)]
    [one.start() for one in threads]
    deadline = time.monotonic() + 10
    while len(accepted) < 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in [*_children(server.process.pid), server.process.pid]:
        os.kill(pid, signal.SIGKILL)
    server.process.wait()
    stop.set()
    [one.join() for one in threads]
    server.start()
    assert len(accepted) >= 200
    assert failed
    for batch in failed:  # as an agent does: the same batch again, whether it had arrived or not
        receipt = agent.receipt(batch)
        assert receipt.accepted + receipt.duplicate == len(batch)
    server.stop()
    with sqlite3.connect(server.home / "collector.db") as opened:
        kept = {row[0] for row in opened.execute("SELECT uid FROM ingest_event")}
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        incidents = opened.execute("SELECT count(*), sum(count) FROM incidents_incident").fetchone()
    opened.close()
    sent = {one.metadata.uid for one in [*accepted, *(each for batch in failed for each in batch)]}
    assert kept == sent
    assert incidents == (len(sent), len(sent))
    assert run("audit", "verify", home=server.home)[0] == 0


def _children(pid):
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def test_the_log_holds_no_content(served):
    server = served()
    agent = server.agent()
    agent.receipt(
        [event(person=("x", "绝无此人"), document=("无中生有.docx", "机密★99年", event().unmapped.level, "99年"))]
    )
    agent.send([b'{"message": "\xe7\xbb\x9d\xe6\x97\xa0\xe6\xad\xa4\xe4\xba\xba"}'])
    server.request("GET", "/incidents/?q=%E7%BB%9D%E6%97%A0%E6%AD%A4%E4%BA%BA")
    server.request("GET", "/nothing/%E7%BB%9D%E6%97%A0%E6%AD%A4%E4%BA%BA")
    server.stop()
    assert server.log() == ""


def test_receipts_name_what_was_refused(served):
    agent = served().agent()
    status, _, body = agent.send([event(), b"{}"])
    receipt = msgspec.json.decode(body)
    assert status == 202
    assert receipt["accepted"] == 1
    assert receipt["refused"][0]["index"] == 1
