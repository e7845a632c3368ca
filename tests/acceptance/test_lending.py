"""A lending's whole way on a PC: asked, approved, copied to a real file system, told over a kill, erased and verified.

The collector's side is a stand-in that keeps what it is told; grants are signed as officers sign them.
"""

import base64
import contextlib
import hashlib
import json
import subprocess
import sys
import threading
import uuid
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from agent.sample import write_sample
from config.events import Enrolled, Pulse, Receipt
from config.lending import PATH, Act, Decided, Decisions, Heard, State, Told
from config.levels import Level
from config.signing import agent_id, utc_now
from tests.acceptance.processes import ENVIRONMENT, Process, wait
from tests.lendings import LENDER, grant, signed

pytestmark = pytest.mark.root


class Collector(ThreadingHTTPServer):
    """Keeps requests and acts; hears nothing of lendings while ``deaf``."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.acted, self.decided, self.events = {}, {}, {}, 0
        self.deaf = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def acts(self):
        return [one.act for one in self.acted.values()]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/heartbeat"):
            digest = hashlib.sha256(repr(self.server.decided).encode()).hexdigest() if self.server.decided else ""
            self.answer(Pulse(int(utc_now().timestamp() * 1000), lending=digest))
        elif self.path == PATH and not self.server.deaf:
            told = msgspec.json.decode(body, type=Told)
            self.server.asked |= {one.id: one for one in told.asked}
            for one in told.acted:
                assert one.id not in self.server.acted, "told again after it was heard"
                self.server.acted[one.id] = one
            self.answer(Heard(tuple(one.id for one in (*told.asked, *told.acted))))
        elif self.path.endswith("/events"):
            self.server.events += 1
            self.answer(Receipt(1))
        else:
            self.answer(None, 503)

    def do_GET(self):
        self.answer(Decisions(tuple(self.server.decided.values())), 200 if self.path == PATH else 404)

    def answer(self, value, status=200):
        body = msgspec.json.encode(value)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def stick(tmp_path):
    """A file system of its own, mounted like a medium."""
    folder, image, name = tmp_path / "stick", tmp_path / "stick.img", str(uuid.uuid4())
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(16 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-U", name, "-L", "LENT", image], check=True, capture_output=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True, capture_output=True)
    try:
        yield folder, name
    finally:
        while subprocess.run(["umount", "--lazy", folder], capture_output=True).returncode == 0:
            pass  # a killed agent leaves its gateway on top


@pytest.fixture
def agent(tmp_path, collector, stick):
    """How to start the agent; it watches this one stick, whatever else is mounted."""
    home, key = tmp_path / "agent", Ed25519PrivateKey.generate()
    home.mkdir()
    number = agent_id(key.public_key().public_bytes_raw())
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    (home / "agent.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (home / "enrolled.json").write_bytes(msgspec.json.encode(Enrolled(number, "", recipient, 0)))
    (home / "lenders").write_text(LENDER + "\n")
    (home / "agent.yaml").write_text(f"collector: {collector.url}\nheartbeat_seconds: 0.5\n")
    zone = f"  - {{name: stick, clearance: public, on_violation: quarantine, match: {{uuid: '{stick[1]}'}}}}\n"
    (home / "policy.yaml").write_text("version: 1\nzones:\n" + zone)
    agents = []

    def start():
        agents.append(Process(tmp_path / "agent.log", "agent.cli", "agent", "run", "--home", home))
        wait(lambda: (home / "agent.sock").exists() and run(home, "list")[0] == 0, 120, agents[-1].said)
        return agents[-1]

    yield home, number, start
    for one in agents:
        one.kill()


def run(home, *words):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--language", "en", "request", *map(str, words), "--home", home],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    return done.returncode, done.stdout + done.stderr


def state(home):
    return json.loads(run(home, "list", "--format", "jsonl")[1].splitlines()[0])["state"]


def test_a_lending_from_the_request_to_the_return(agent, collector, stick, tmp_path):
    home, number, start = agent
    folder, _ = stick
    plan = tmp_path / "年度演练方案.docx"
    write_sample(plan, date.today())
    content = plan.read_bytes()
    running = start()

    status, said = run(home, plan, "--to", folder, "--reason", "赴甲方开会")
    assert (status, "officer decides" in said) == (0, True), said
    (asked,) = wait(lambda: list(collector.asked.values()), 60)
    assert (asked.level, asked.medium.label, asked.sha256) == (
        Level.SECRET,
        "LENT",
        hashlib.sha256(content).hexdigest(),
    )

    now = int(utc_now().timestamp() * 1000)
    made = grant(
        id=asked.id,
        agent=number,
        user=asked.user.name,
        sha256=asked.sha256,
        serial=asked.medium.serial,
        uuid="" if asked.medium.serial else asked.medium.uuid,
        since=now - 60_000,
        until=now + 2 * 86_400_000,
    )
    collector.decided[asked.id] = Decided(asked.id, State.APPROVED, "", base64.b64encode(signed(made)).decode())
    wait(lambda: state(home) == "approved", 60, running.said)

    collector.deaf = True
    (folder / "lent.docx").write_bytes(content)
    wait(lambda: state(home) == "out", 60, running.said)
    running.kill()  # the use was recorded, and nobody told
    assert collector.acts() == []
    collector.deaf = False
    running = start()
    wait(lambda: collector.acts()[:1] == [Act.USED], 60, running.said)  # SEEN may follow
    assert (folder / "lent.docx").read_bytes() == content

    with contextlib.suppress(PermissionError):  # where a gateway stands in the way; else it is taken after the fact
        (folder / "second.docx").write_bytes(content)
    wait(lambda: not (folder / "second.docx").exists(), 60, running.said)
    assert (folder / "lent.docx").exists()

    (folder / "lent.docx").rename(folder / "holiday.jpg")
    status, said = run(home, "return", asked.id[:12])
    assert (status, "holiday.jpg (still there)" in said) == (1, True), said
    status, said = run(home, "return", asked.id[:12], "--erase")
    assert (status, "returned" in said) == (0, True), said
    wait(lambda: not (folder / "holiday.jpg").exists(), 10, "the name is still there")
    wait(lambda: Act.ERASED in collector.acts(), 60, running.said)
    assert set(collector.acts()) <= {Act.USED, Act.SEEN, Act.ERASED}
    assert len([act for act in collector.acts() if act is Act.USED]) == 1
    assert state(home) == "returned"
    assert running.stop() == 0
    assert not (home / "agent.sock").exists()
    subprocess.run(["sync", "--file-system", folder], check=True)
    device = (tmp_path / "stick.img").read_bytes()
    assert not [at for at in range(0, len(content) - 64, 4096) if content[at : at + 64] in device], "still on the disk"
