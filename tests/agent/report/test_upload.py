import json
import threading
import time
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.report.collector import Collector
from agent.report.spool import Spool
from agent.report.upload import Uploader
from config.errors import ConfigurationError, IdentityError, TransportError
from config.events import Heartbeat, Pulse, Receipt, Refusal
from config.signing import agent_id, utc_now, verify
from tests.events import event

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()


class Server:
    """A collector's mouth: answers as told, and remembers what it was sent. The real one is tested in acceptance."""

    def __init__(self):
        self.batches, self.keys, self.beats = [], [], 0
        self.answers = []  # (status, headers, body) to give before behaving well
        self.skew = timedelta(0)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp=None):
                return format_datetime(utc_now() + server.skew, usegmt=True)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = server.reply(self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def reply(self, path, headers, body):
        assert verify("POST", path, headers, body, lambda name: PUBLIC if name == agent_id(PUBLIC) else None)
        if self.answers:
            return self.answers.pop(0)
        if path.endswith("heartbeat"):
            self.beats += 1
            return 200, {}, msgspec.json.encode(Pulse(0))
        events = json.loads(zstandard.decompress(body, max_output_size=2**24))
        self.keys.append(headers["Idempotency-Key"])
        self.batches.append([one["metadata"]["uid"] for one in events])
        return 202, {}, msgspec.json.encode(Receipt(len(events)))

    def close(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "s.db", reserve=0)
    yield spool
    spool.close()


@pytest.fixture
def uploader(server, spool):
    beat = Heartbeat("0", 0, 0, 0, 0, 0, 0, 0, "1")
    uploader = Uploader(
        spool, Collector(server.url, key=KEY), lambda: beat, batch=2, beat_seconds=0.2, longest_wait=0.2
    )
    yield uploader
    uploader.stop()


def wait(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_everything_arrives_once_and_in_order(server, spool, uploader):
    events = [event() for _ in range(5)]
    for one in events:
        spool.put(one)
    uploader.start()
    wait(lambda: spool.counts().waiting == 0)
    assert [uid for batch in server.batches for uid in batch] == [one.metadata.uid for one in events]
    wait(lambda: server.beats >= 2)


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"oops"),
        (503, {"Retry-After": "0"}, b"later"),
        (429, {}, b"slow down"),
        (404, {}, b"<html>a proxy</html>"),
        (302, {"Location": "http://login.example"}, b""),
        (202, {}, b"<html>captive portal</html>"),
        (401, {}, b"who are you"),
        (200, {}, b""),
        (202, {}, b'{"accepted": 0}'),
        (202, {}, b'{"accepted": 0, "refused": [{"index": 7, "reason": "x"}]}'),
        (503, {"Retry-After": "\u00b2"}, b"later"),
    ],
)
def test_trouble_on_the_way_costs_no_event(server, spool, uploader, answer):
    spool.put(event())
    key = spool.lease(2).key
    server.answers = [answer]
    uploader.start()
    wait(lambda: spool.counts().waiting == 0)
    assert server.keys == [key], "the batch was sent again under its own key"
    assert uploader.problem is None or wait(lambda: uploader.problem is None) is None


def test_one_bad_event_is_parked_and_blocks_nothing(server, spool, uploader):
    for _ in range(2):
        spool.put(event())
    receipt = Receipt(1, 0, (Refusal(0, "level: unknown"),))
    server.answers = [(202, {}, msgspec.json.encode(receipt))]
    uploader.start()
    wait(lambda: spool.counts().waiting == 0)
    assert spool.counts().parked == 1


@pytest.mark.parametrize("status", [400, 413])
def test_a_batch_refused_as_a_whole_is_halved_until_the_culprit_is_found(server, spool, uploader, status):
    for _ in range(2):
        spool.put(event())
    server.answers = [(status, {}, b"no"), (status, {}, b"no")]
    uploader.start()
    wait(lambda: spool.counts().waiting == 0)
    assert spool.counts().parked == 1
    assert [len(batch) for batch in server.batches] == [1]


def test_a_collector_that_is_down_is_waited_for(spool, server):
    closed = Server()
    closed.close()
    collector = Collector(closed.url, key=KEY)
    with pytest.raises(TransportError, match="does not answer"):
        collector.post("/api/v1/heartbeat", b"{}")


@pytest.mark.parametrize("skew", [timedelta(hours=-9), timedelta(days=400)])
def test_a_wrong_clock_is_corrected_from_the_answer(server, skew, monkeypatch):
    """Our clock is off by ``skew``: the first answer's date puts the next signature right."""
    from agent.report import collector as module

    monkeypatch.setattr(module, "utc_now", lambda: utc_now() - skew)
    collector = Collector(server.url, key=KEY)
    server.answers = []
    real = server.reply

    def strict(path, headers, body):
        try:
            return real(path, headers, body)
        except Exception:
            return 401, {}, b"signature"

    server.reply = strict
    with pytest.raises(IdentityError):
        collector.post("/api/v1/heartbeat", b"{}")
    assert abs(collector.offset - skew) < timedelta(seconds=2)
    assert collector.post("/api/v1/heartbeat", b"{}")
    collector.close()


@pytest.mark.parametrize("url", ["http://collector.example:8600", "ftp://127.0.0.1", "collector", "http://10.0.0.1"])
def test_only_https_beyond_this_machine(url):
    with pytest.raises(ConfigurationError, match="https"):
        Collector(url)


def test_https_needs_the_collectors_own_authority(tmp_path):
    with pytest.raises(ConfigurationError, match=r"ca\.pem|authority"):
        Collector("https://collector.example")
    (tmp_path / "ca.pem").write_text("nonsense")
    with pytest.raises(ConfigurationError):
        Collector("https://collector.example", tmp_path / "ca.pem")


def test_a_heartbeat_that_fails_holds_up_no_event(server, spool, uploader):
    def sick():
        raise ValueError("no figures")

    uploader._heartbeat = sick
    spool.put(event())
    uploader.start()
    wait(lambda: spool.counts().waiting == 0)
    assert len(server.batches) == 1


def test_what_a_collector_says_cannot_steer_the_terminal(server):
    collector = Collector(server.url, key=KEY)
    server.answers = [(500, {}, b"\x1b]0;owned\x07")]
    with pytest.raises(TransportError) as caught:
        collector.post("/api/v1/heartbeat", b"{}")
    assert "\x1b" not in caught.value.text.en
    collector.close()


def test_what_the_collector_answers_to_a_heartbeat_is_handed_on(server, uploader):
    pulses = []
    uploader.pulsed = pulses.append
    server.answers = [(200, {}, msgspec.json.encode(Pulse(7, "abc")))]
    uploader.beat()
    assert pulses == [Pulse(7, "abc")]
