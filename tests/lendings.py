"""Lendings as officers grant them, and what stands around them on a PC."""

import hashlib
import secrets
from datetime import UTC, datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.lending.clock import Clock
from agent.lending.grants import Grants, checked
from agent.lending.returns import Returns
from agent.lending.store import Store
from config.events import Medium, User
from config.lending import DAY_MS, KIND, Asked, Grant
from config.levels import Level
from config.signed import seal

KEY = Ed25519PrivateKey.generate()
LENDER = KEY.public_key().public_bytes_raw().hex()
AGENT = "a9" * 16
STICK = Medium(
    mount="/media/x", bus="usb", vendor="SanDisk", product="Ultra", serial="4C530001", label="W", uuid="AB-1"
)
CONTENT = b"classified content " * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()
NOW = 1_900_000_000_000  # UTC, milliseconds


def at(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def grant(**changes):
    fields = {
        "id": secrets.token_hex(16),
        "agent": AGENT,
        "user": "li",
        "sha256": SHA,
        "level": Level.SECRET,
        "serial": STICK.serial,
        "uuid": "",
        "since": NOW,
        "until": NOW + 2 * DAY_MS,
        "uses": 1,
        "approved_by": ("wang",),
    }
    return Grant(**(fields | changes))


def signed(grant, version=1, key=KEY, kind=KIND, name=None):
    return seal(key, kind, name or f"grant-{grant.id[:12]}", version, msgspec.json.encode(grant))


def asked(**changes):
    fields = {
        "id": secrets.token_hex(16),
        "time": NOW,
        "user": User("li", "李某", "1000"),
        "hostname": "pc-7",
        "file": "关于印发…方案.docx",
        "sha256": SHA,
        "size": len(CONTENT),
        "level": Level.SECRET,
        "marks": ("机密★10年",),
        "medium": STICK,
        "reason": "赴甲方开会",
        "days": 2,
        "uses": 1,
    }
    return Asked(**(fields | changes))


class Wall:
    """A clock on the wall that tests set."""

    def __init__(self):
        self.milliseconds = NOW

    def __call__(self):
        return at(self.milliseconds)


class Bench:
    """A store with what stands on it, at a time that stands still."""

    def __init__(self, folder, monkeypatch, agent=AGENT):
        from agent.lending import clock

        self.path, self.wall, self.steady = folder / "lending.db", Wall(), 0
        monkeypatch.setattr(clock, "utc_now", self.wall)
        monkeypatch.setattr(clock, "_steady", lambda: self.steady)
        self.said, self.agent, self.plugged = [], agent, {}
        self.open()

    def open(self):
        self.store = Store(self.path)
        self.clock = Clock(self.store)
        self.grants = Grants(self.store, self.clock, self.agent)
        self.returns = Returns(self.store, self.clock, lambda user, text: self.said.append((user, text.en)))
        self.returns.media = lambda: self.plugged

    def restart(self):
        self.store.close()
        self.open()

    def lend(self, version=1, **changes):
        """A grant as it comes from the collector, kept."""
        made = grant(**changes)
        believed, number = checked(signed(made, version), {LENDER}, self.agent)
        assert self.store.keep(believed, number, signed(made, version))
        return believed

    def covers(self, **changes):
        fields = {"sha256": SHA, "level": Level.SECRET, "medium": STICK, "user": "li", "now": self.wall()}
        return self.grants.covers(**(fields | changes))

    def acts(self):
        return [(one.act, one.left, one.place) for one in self.store.untold(1000)[1]]
