import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from agent.doctor import examine, outward, prevention
from agent.home import find
from config.events import Channel, Medium
from config.guarding import PARTS
from config.text import Text
from tests.events import STICK

POLICY = """version: 1
zones:
  - {name: sticks, clearance: public, match: {removable: true}, text: {en: unknown stick, zh: 未登记U盘}}
  - {name: cloud, clearance: internal, match: {channel: sync}, text: {en: cloud, zh: 云盘}}
"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    return find(tmp_path)


def lines(found):
    return {text.en: state for state, text in found}


@pytest.mark.skipif(sys.platform != "linux", reason="prevention is for Linux")
def test_every_part_says_what_it_gives_or_what_is_not_enforced(monkeypatch):
    monkeypatch.setattr(prevention, "support", lambda: dict.fromkeys(PARTS, True))
    said = lines(prevention.prevention())
    assert all(said[part.gives.en] == "ok" for part in PARTS.values())
    why = Text("the reason", "原因")
    monkeypatch.setattr(prevention, "support", lambda: dict.fromkeys(PARTS, why))
    for part in PARTS.values():
        (line,) = [text for text in lines(prevention.prevention()) if text.startswith(part.lacks.en)]
        assert ("the reason" in line) is part.matters
    monkeypatch.setattr(prevention, "support", lambda: dict.fromkeys(PARTS, False))
    said = lines(prevention.prevention())
    assert all(
        said[text] == "limited" for text in said for part in PARTS.values() if part.matters and part.lacks.en in text
    )


def test_elsewhere_it_says_after_the_fact(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    said = [text.en for _, text in prevention.prevention()]
    assert any("just after they land" in text for text in said)


@pytest.mark.skipif(sys.platform != "linux", reason="devices of Linux")
def test_media_are_named_with_their_zone(site, monkeypatch):
    monkeypatch.setattr(outward, "mounted", lambda **_: {Path("/media/x"): STICK})
    monkeypatch.setattr(outward, "attached", list)
    (text,) = lines(outward.media(site))
    assert "/media/x: unknown stick, may hold public; bus=usb vendor=SanDisk" in text
    monkeypatch.setattr(outward, "mounted", lambda **_: {})
    assert "no removable medium is plugged in now" in lines(outward.media(site))


@pytest.mark.skipif(sys.platform != "linux", reason="channels of Linux")
def test_for_every_channel_it_says_what_is_not_enforced(site, monkeypatch):
    phone = Medium(bus="usb", product="Redmi", serial="2", channel=Channel.PHONE)
    share = Medium(mount="/mnt/nas", label="nas/finance", channel=Channel.SHARE)
    folder = Medium(mount="/home/li/Cloud", vendor="Nextcloud", channel=Channel.SYNC)
    drive = Medium(mount="/dev/sr0", vendor="PIONEER", channel=Channel.BURNER)
    monkeypatch.setattr(outward, "plugged", lambda: [phone])
    monkeypatch.setattr(outward, "shown", lambda: ({}, [Path("/run/user/1000/gvfs")]))
    monkeypatch.setattr(outward, "shares", lambda: {Path("/mnt/nas"): share})
    monkeypatch.setattr(outward, "synced", lambda: {Path("/home/li/Cloud"): folder})
    monkeypatch.setattr(outward, "burners", lambda: [drive])
    said = list(outward.channels(site))
    for words in (
        "Redmi serial=2: copies to it cannot be kept from landing",
        "/run/user/1000/gvfs: the desktop shows telephones",
        "/mnt/nas: no zone speaks of it",
        "shares are looked at after",
        "/home/li/Cloud: cloud, may hold internal; vendor=Nextcloud",
        "its program may have sent it by then",
        "/dev/sr0: writes discs (vendor=PIONEER)",
        "not watched at all: browsers",
    ):
        assert [text for _, text in said if words in text.en], words
    assert all(text.zh for _, text in said)


@pytest.mark.parametrize(("language", "words"), [("en", "This agent"), ("zh", "本客户端")])
def test_it_speaks_both_languages_and_a_broken_policy_is_said_once(tmp_path, language, words):
    (tmp_path / "policy.yaml").write_text("version: x\n")
    out = io.StringIO()
    assert examine(find(tmp_path), Console(file=out, width=300), language) == 2
    said = out.getvalue()
    assert words in said
    assert said.count("policy.yaml") == 1
