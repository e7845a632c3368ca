import threading
import time

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.report import registers as module
from agent.report.registers import Registers
from config.errors import RejectedError, TransportError
from config.registers import Listed, Listing
from config.signed import seal

KEY = Ed25519PrivateKey.generate()
SIGNER = KEY.public_key().public_bytes_raw().hex()
PART = 400  # bytes; a header has some 340


class Collector:
    """The collector's side as a dictionary: what it offers, and the requests it saw. The real one is in acceptance."""

    def __init__(self):
        self.files, self.asked, self.fail_after = {}, [], None
        self.listing = None

    def offer(self, name, version, payload=b"x" * 250, kind="fingerprints", key=KEY, **changes):
        data = seal(key, kind, name, version, payload)
        listed = {"name": name, "kind": kind, "version": version, "sha256": "ab" * 32, "size": len(data)} | changes
        self.files[name] = (msgspec.convert(listed, Listed), data)

    def get(self, path):
        self.asked.append(path)
        if self.fail_after is not None and len(self.asked) > self.fail_after:
            raise TransportError("no answer")
        if path == "/api/v1/registers":
            return self.listing or msgspec.json.encode(Listing(tuple(listed for listed, _ in self.files.values())))
        name, _, query = path.rpartition("/")[2].partition("?")
        asked = dict(pair.split("=") for pair in query.split("&"))
        data = self.files[name][1]
        return data[int(asked["from"]) : int(asked["from"]) + PART]

    def close(self):
        pass


@pytest.fixture
def collector():
    return Collector()


@pytest.fixture
def changes():
    return []


@pytest.fixture
def registers(tmp_path, collector, changes, monkeypatch):
    monkeypatch.setattr(module, "FIRST_WAIT", 0.05)
    made = Registers(tmp_path, collector, [SIGNER], lambda: changes.append(1))
    yield made
    made.stop()


def place(tmp_path):
    return {path.name: path.read_bytes() for path in (tmp_path / "registers").glob("*")}


def fetch(registers, digest="new"):
    registers._offered = digest
    registers.fetch()


def test_what_is_new_is_fetched_verified_and_put_in_place(registers, collector, changes, tmp_path):
    collector.offer("plans", 3)
    fetch(registers)
    assert place(tmp_path) == {"plans.signed": collector.files["plans"][1]}
    assert (registers.versions, registers.problems, changes) == ({"plans": 3}, {}, [1])
    asked = len(collector.asked)
    fetch(registers, "newer")
    assert len(collector.asked) == asked + 1  # the list, and nothing that is here already
    assert changes == [1]
    assert not list((tmp_path / "incoming").iterdir())


def test_a_restart_knows_what_is_in_place_and_trusts_no_damaged_file(registers, collector, tmp_path):
    collector.offer("plans", 3)
    collector.offer("lists", 2, kind="words")
    fetch(registers)
    (tmp_path / "registers" / "lists.signed").write_bytes(b"damaged")
    again = Registers(tmp_path, collector, [SIGNER], lambda: None)
    again.look()
    assert again.versions == {"plans": 3}
    assert list(again.problems) == ["lists"]
    fetch(again)
    assert again.problems == {}
    assert again.versions == {"plans": 3, "lists": 2}


def test_a_lower_version_never_takes_the_place(registers, collector, tmp_path):
    collector.offer("plans", 3)
    fetch(registers)
    before = place(tmp_path)
    for version in (2, 3):
        collector.offer("plans", version, b"old")
        fetch(registers, f"v{version}")
    assert place(tmp_path) == before


def test_what_is_offered_no_more_stays(registers, collector, tmp_path):
    collector.offer("plans", 3)
    fetch(registers)
    collector.files.clear()
    fetch(registers, "gone")
    assert list(place(tmp_path)) == ["plans.signed"]


def test_an_empty_version_withdraws(registers, collector, tmp_path):
    from detectors.registers import load

    collector.offer("plans", 3)
    fetch(registers)
    collector.offer("plans", 4, b"")
    fetch(registers, "4")
    loaded = load(tmp_path / "registers", {SIGNER})
    assert (loaded.detectors, dict(loaded.versions), loaded.problems) == ((), {"plans": 4}, ())


@pytest.mark.parametrize(
    ("offer", "parts"),
    [
        ({"key": Ed25519PrivateKey.generate()}, 1),  # refused with its first part
        ({"version": 9, "size": 10_000}, None),
        ({"name": "plans", "kind": "words"}, 1),
    ],
    ids=["a stranger's", "another size", "another kind"],
)
def test_what_is_not_what_was_said_is_refused_and_the_old_stays(registers, collector, changes, tmp_path, offer, parts):
    collector.offer("plans", 3)
    fetch(registers)
    before, asked = place(tmp_path), len(collector.asked)
    collector.offer("plans", **{"version": 4, "payload": b"y" * 1000} | {k: v for k, v in offer.items() if k != "name"})
    if "name" in offer:
        listed, data = collector.files["plans"]
        collector.files["plans"] = (msgspec.structs.replace(listed, kind="fingerprints"), data)
    fetch(registers, "4")
    assert place(tmp_path) == before
    assert registers.versions == {"plans": 3}
    assert "plans" in registers.problems["plans"].en
    assert changes == [1]
    assert not list((tmp_path / "incoming").iterdir())
    if parts:
        assert len(collector.asked) == asked + 1 + parts


def test_a_changed_byte_is_seen_and_the_old_stays(registers, collector, tmp_path):
    collector.offer("plans", 3)
    fetch(registers)
    before = place(tmp_path)
    collector.offer("plans", 4, b"z" * 900)
    listed, data = collector.files["plans"]
    collector.files["plans"] = (listed, data[:-1] + b"!")
    fetch(registers, "4")
    assert place(tmp_path) == before
    assert "changed" in registers.problems["plans"].en


def test_a_broken_line_costs_only_what_was_under_way(registers, collector, tmp_path):
    collector.offer("plans", 3, b"w" * 1000)
    collector.fail_after = 3
    with pytest.raises(TransportError):
        fetch(registers)
    assert not place(tmp_path)
    collector.fail_after, asked = None, len(collector.asked)
    fetch(registers)
    assert place(tmp_path) == {"plans.signed": collector.files["plans"][1]}
    assert collector.asked[asked + 1].endswith("from=800")


def test_a_full_disk_leaves_the_old_one_and_is_tried_again(registers, collector, tmp_path, monkeypatch):
    collector.offer("plans", 3)
    fetch(registers)
    before = place(tmp_path)
    collector.offer("plans", 4)
    monkeypatch.setattr(module, "RESERVE", 2**60)
    fetch(registers, "4")
    assert place(tmp_path) == before
    assert "no room" in registers.problems["plans"].en
    monkeypatch.setattr(module, "RESERVE", 0)
    registers.offered("4")
    assert registers._wake.is_set()
    fetch(registers, "4")
    assert registers.versions == {"plans": 4}
    assert registers.problems == {}


def test_one_that_is_too_large_is_not_even_begun(registers, collector, monkeypatch):
    collector.offer("plans", 3)
    collector.offer("small", 1, b"")
    monkeypatch.setattr(module, "MAX_BYTES", 400)
    fetch(registers)
    assert "400" in registers.problems["plans"].en
    assert registers.versions == {"small": 1}


@pytest.mark.parametrize(
    "listing",
    [b"<html>", b'{"registers": [{"name": "../x", "kind": "k", "version": 1, "sha256": "", "size": 1}]}', b"[]"],
)
def test_a_list_that_is_none_changes_nothing(registers, collector, tmp_path, listing):
    collector.listing = listing
    with pytest.raises(RejectedError):
        fetch(registers)
    assert not place(tmp_path)


def test_the_thread_fetches_on_news_and_tries_again_after_trouble(registers, collector, changes):
    collector.offer("plans", 1)
    collector.fail_after = 1
    registers.start()
    registers.offered("")
    registers.offered("a")
    _wait(lambda: len(collector.asked) >= 2)
    collector.fail_after = None
    _wait(lambda: registers.versions == {"plans": 1})
    _wait(lambda: registers._done == "a")
    asked = len(collector.asked)
    registers.offered("a")
    time.sleep(0.1)
    assert len(collector.asked) == asked
    assert changes == [1]
    registers.stop()
    assert registers not in threading.enumerate()


def test_it_stops_between_two_parts_and_keeps_what_it_has(registers, collector, tmp_path):
    collector.offer("plans", 1, b"v" * 1000)
    real = collector.get

    def slow(path):
        if path.endswith("from=800"):
            registers._stopping.set()
        return real(path)

    collector.get = slow
    fetch(registers)
    (part,) = (tmp_path / "incoming").iterdir()
    assert part.stat().st_size == 1200
    assert registers.problems == {}
    assert not place(tmp_path)


def _wait(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
