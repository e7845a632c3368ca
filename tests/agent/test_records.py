"""What staff are shown of what was reported about them."""

import io
import os

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from agent import records
from agent.control import Control, Peer, call, where
from agent.home import find
from agent.records import Reports, Status, reports, show_status
from agent.report.event import account
from agent.report.identity import Identity
from agent.report.spool import Spool
from config.events import Actor, Enrolled, User
from tests.events import event

IDENTITY = Identity(Ed25519PrivateKey.generate(), b"", Enrolled("a9" * 16, "", "", 0))


@pytest.fixture
def site(tmp_path):
    return find(tmp_path)


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool.db", reserve=0)
    for name, uid in (("wang", "1001"), ("root", str(os.geteuid())), ("li", "1000")):
        made = event(f"/media/x/{name}.docx")
        spool.put(msgspec.structs.replace(made, actor=Actor(User(name, uid=uid))))
    yield spool
    spool.close()


def shown(site):
    said = io.StringIO()
    show_status(site, Console(file=said, width=300), "en")
    return said.getvalue()


def test_everybody_hears_of_own_files_only(site, spool):
    answer = reports(site, IDENTITY, spool)
    told = answer(Peer(1000, account(1000)), Status(), None)
    assert [line.file for line in told.lines] == ["/media/x/li.docx"]
    assert answer(Peer(4711, account(4711)), Status(), None).lines == ()
    assert len(answer(Peer(0, account(0)), Status(), None).lines) == 3


def test_who_may_look_into_the_home_sees_all(site, spool):
    said = shown(site)
    assert "not enrolled" in said
    assert all(f"{name}.docx" in said for name in ("li", "wang", "root"))


def test_who_may_not_asks_the_agent(site, spool, monkeypatch):
    control = Control(where(site), {Status: reports(site, IDENTITY, spool)})
    control.start()
    monkeypatch.setattr(records.os, "access", lambda *_: False)
    try:
        assert call(site, Status(), Reports).agent == "a9" * 16
        said = shown(site)
    finally:
        control.stop()
    assert "a9" * 16 in said
    assert "root.docx" in said
