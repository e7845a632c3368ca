"""A member of staff asks, lists, withdraws and returns on the command line; the agent answers through its socket."""

import base64
import json
import os
import sys
from datetime import date

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.cli import main
from agent.control import Control, where
from agent.extract.sandbox.pool import Sandbox, Setup
from agent.home import find
from agent.lending.office import Office
from agent.report.identity import Identity
from agent.sample import write_sample
from config.events import Enrolled, Medium, Pulse
from config.lending import Act, Decided, Decisions, Heard, State, Told
from config.levels import Level
from config.limits import Limits
from config.policy import Match, Policy, Zone
from config.signing import utc_now
from config.text import Text
from tests.lendings import AGENT, LENDER, STICK, grant, signed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such sockets there")
REGISTERED = Medium(
    mount="/media/r", bus="usb", vendor="Kingston", product="DT", serial="R-1", label="OFFICE", uuid="R"
)
POLICY = Policy(
    1,
    (
        Zone("office", Level.SECRET, Match(serial="R-1"), text=Text("office stick", "办公U盘")),
        Zone("removable", Level.PUBLIC, Match(removable=True), text=Text("stick", "U盘")),
    ),
)


class Collector:
    def __init__(self):
        self.told, self.decided = [], ()

    def post(self, path, body):
        told = msgspec.json.decode(body, type=Told)
        self.told += [*told.asked, *told.acted]
        return msgspec.json.encode(Heard(tuple(one.id for one in (*told.asked, *told.acted))))

    def get(self, path):
        return msgspec.json.encode(Decisions(self.decided))

    def close(self):
        pass


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Setup(Limits(), None, b"k" * 32, Level.INTERNAL), 1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "关于印发某某方案的通知.docx"
    write_sample(path, date.today())
    return path


class PC:
    def __init__(self, sandbox, tmp_path):
        self.site = find(None)
        self.site.home.mkdir(parents=True, exist_ok=True)
        (self.site.home / "lenders").write_text(LENDER + "\n")
        identity = Identity(Ed25519PrivateKey.generate(), b"k" * 32, Enrolled(AGENT, "", "", 0))
        self.said = []
        self.office = Office(self.site, identity, sandbox, POLICY, lambda *said: self.said.append(said))
        self.collector = self.office.sync._collector = Collector()
        self.stick = tmp_path / "stick"
        self.stick.mkdir()
        self.media = {self.stick: STICK}
        self.office.returns.media = lambda: self.media
        self.control = Control(where(self.site), self.office.handlers)
        self.control.start()

    def approve(self, **changes):
        (asked,) = self.office.sync._store.untold(1)[0] or [self.collector.told[0]]
        now = int(utc_now().timestamp() * 1000)
        made = grant(
            id=asked.id,
            user=asked.user.name,
            sha256=asked.sha256,
            level=asked.level,
            since=now - 1000,
            until=now + 86_400_000,
            **changes,
        )
        file = base64.b64encode(signed(made)).decode()
        self.collector.decided = (Decided(asked.id, State.APPROVED, "", file),)
        self.office.pulsed(Pulse(now, lending="x"))
        self.office.sync.tell()
        self.office.sync.fetch()
        return made

    def stop(self):
        self.control.stop()
        self.office.stop()


@pytest.fixture
def pc(sandbox, tmp_path):
    pc = PC(sandbox, tmp_path)
    yield pc
    pc.stop()


@pytest.fixture
def run(capfd):
    def run(*words, language="en"):
        status = main(["--language", language, "request", *map(str, words)])
        out, err = capfd.readouterr()
        return status, out + err

    return run


def ask(run, file, *more, to="W"):
    status, said = run(file, "--to", to, "--reason", "赴甲方开会", "--format", "jsonl", *more)
    assert status == 0, said
    return json.loads(said)


def test_asked_approved_copied_listed_and_returned(pc, run, sample):
    status, said = run(sample, "--to", pc.stick / "in", "--reason", "赴甲方开会", "--days", 3, "--uses", 2)
    assert (status, "your officer decides" in said.lower(), sample.name in said) == (0, True, True)
    pc.office.sync.tell()
    (asked,) = pc.collector.told
    assert (asked.level, asked.medium, asked.days, asked.uses, asked.user.uid) == (
        Level.SECRET,
        STICK,
        3,
        2,
        str(os.geteuid()),
    )
    assert (asked.file, asked.reason, len(asked.marks)) == ("关于印发…通知.docx", "赴甲方开会", 1)
    assert asked.id[:12] in said
    made = pc.approve()
    now = utc_now()
    assert pc.office.grants.covers(asked.sha256, Level.SECRET, STICK, asked.user.name, now) == made
    pc.office.grants.landed(pc.office.grants.use(made, "方案.docx", STICK, asked.size))
    (pc.stick / "方案.docx").write_bytes(sample.read_bytes())
    status, said = run("list")
    assert status == 0
    assert ("out" in said, sample.name in said, "方案.docx" in said) == (True, True, True)
    assert run("withdraw", asked.id)[0] == 2
    status, said = run("return", asked.id[:8])
    assert (status, "方案.docx (still there)" in said, "--erase" in said) == (1, True, True)
    status, said = run("return", asked.id[:8], "--erase", language="zh")
    assert (status, "已归还" in said) == (0, True)
    assert list(pc.stick.iterdir()) == []
    pc.office.sync.tell()
    assert [one.act for one in pc.collector.told[1:]] == [Act.USED, Act.ERASED]
    assert json.loads(run("list", "--format", "jsonl")[1])["state"] == "returned"


def test_withdrawn_before_and_after_the_approval(pc, run, sample):
    first = ask(run, sample)
    assert json.loads(run("withdraw", first["id"], "--format", "jsonl")[1])["state"] == "withdrawn"
    second = ask(run, sample)
    pc.office.sync.tell()
    pc.collector.told = [one for one in pc.collector.told if one.id == second["id"]]
    made = pc.approve(uses=9)
    assert run("withdraw", second["id"][:12])[0] == 0
    assert pc.office.grants.covers(made.sha256, made.level, STICK, made.user, utc_now()) is None
    pc.office.sync.tell()
    assert [one.act for one in pc.collector.told[1:]] == [Act.WITHDRAWN]
    assert run("withdraw", second["id"])[0] == 2
    states = [json.loads(line)["state"] for line in run("list", "--format", "jsonl")[1].splitlines()]
    assert states == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize("to", ["W", "w", "4C530001", "4c530001", "AB-1", "/media/x", "/media/x/in"])
def test_a_device_is_known_by_label_serial_number_and_file_system(pc, run, sample, to):
    assert ask(run, sample, to=to)["medium"] == STICK.name


def test_a_device_that_is_not_plugged_in_is_known_by_its_serial_number(pc, run, sample):
    pc.media = {}
    status, said = run(sample, "--to", "4C530001", "--reason", "x")
    assert (status, "taken as a serial number" in said) == (0, True)
    (asked,), _ = pc.office.sync._store.untold(9)
    assert asked.medium == Medium(serial="4C530001")
    made = pc.approve()
    assert pc.office.grants.covers(made.sha256, made.level, STICK, made.user, utc_now()) == made


def test_devices_that_cannot_be_meant(pc, run, sample, tmp_path):
    pc.media = {
        pc.stick: STICK,
        tmp_path / "b": msgspec.structs.replace(STICK, serial="other"),
        tmp_path / "c": Medium(mount="c", label="NAMELESS"),
    }
    for to, why in (("W", "several devices"), ("NAMELESS", "neither a serial"), (tmp_path, "no removable device")):
        status, said = run(sample, "--to", to, "--reason", "x")
        assert (status, why in said) == (2, True)


def test_no_grant_is_needed_where_the_file_may_go_anyway(pc, run, sample, tmp_path):
    pc.media = {pc.stick: STICK, tmp_path / "r": REGISTERED}
    status, said = run(sample, "--to", "OFFICE", "--reason", "x")
    assert (status, "no grant is needed" in said, "just copy it" in said) == (2, True, True)
    (tmp_path / "clean.txt").write_text("hello")
    assert "no grant is needed" in run(tmp_path / "clean.txt", "--to", "W", "--reason", "x")[1]
    assert "无需申请" in run(tmp_path / "clean.txt", "--to", "W", "--reason", "x", language="zh")[1]
    assert pc.office.sync._store.requests() == []


def test_a_mark_in_the_name_counts(pc, run, tmp_path):
    (tmp_path / "机密★10年 方案.txt").write_text("hello")
    assert ask(run, tmp_path / "机密★10年 方案.txt")["level"] == "secret"


def test_a_file_called_list_is_one_with_a_folder(pc, run, sample, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_bytes(sample.read_bytes())
    assert "asked for nothing" in run("list")[1]
    assert ask(run, "./list")["file"] == "list"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["FILE"], "--to and --reason"),
        (["FILE", "--to", "W"], "--to and --reason"),
        (["FILE", "--to", "W", "--reason", "  "], "--to and --reason"),
        (["FILE", "--to", "W", "--reason", "x" * 501], "at most 500"),
        (["FILE", "--to", "W", "--reason", "x", "--days", "0"], "1 to 30"),
        (["FILE", "--to", "W", "--reason", "x", "--days", "31"], "1 to 30"),
        (["FILE", "--to", "W", "--reason", "x", "--uses", "101"], "1 to 100"),
        (["FILE", "W", "--to", "W", "--reason", "x"], "what is"),
        (["nowhere.docx", "--to", "W", "--reason", "x"], "there is no"),
        (["FOLDER", "--to", "W", "--reason", "x"], "no document"),
        (["withdraw"], "needs a number"),
        (["return"], "needs a number"),
        (["return", "abcd"], "0 of your lendings"),
        (["withdraw", ""], "needs a number"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_wrong_words_are_said(pc, run, sample, words, why):
    there = {"FILE": str(sample), "FOLDER": str(sample.parent)}
    status, said = run(*(there.get(word, word) for word in words))
    assert (status, why in said) == (2, True), said


def test_without_an_agent_it_says_so(run, sample):
    status, said = run(sample, "--to", "W", "--reason", "x")
    assert (status, "shoumi agent run" in said) == (2, True)


def test_a_lost_device_is_said(pc, run, sample):
    ask(run, sample)
    made = pc.approve()
    assert "no copy of it is out" in run("return", made.id)[1]
    pc.office.grants.landed(pc.office.grants.use(made, "a", STICK, 1))
    pc.media = {}
    status, said = run("return", made.id, "--erase")
    assert (status, "not plugged in" in said, "tell your secrecy officer" in said) == (2, True, True)


def test_others_see_and_touch_nothing_of_it(pc, run, sample):
    from agent.control import Peer
    from agent.lending.words import GiveBack, Listing, Withdraw
    from agent.report.event import account
    from config.errors import UsageError

    line = ask(run, sample)
    other = Peer(65_534, account(65_534))
    assert pc.office.desk.listing(other, Listing(), None).lines == ()
    for act, asked in ((pc.office.desk.withdraw, Withdraw), (pc.office.desk.give_back, GiveBack)):
        with pytest.raises(UsageError, match="0 of your lendings"):
            act(other, asked(line["id"]), None)


def test_a_file_that_changes_while_it_is_judged_is_asked_for_again(pc, run, sample, tmp_path, monkeypatch):
    file = tmp_path / "a.docx"
    file.write_bytes(sample.read_bytes())
    real = Sandbox._ask

    def change(self, *arguments):
        with file.open("ab") as opened:
            opened.write(b"more")
        return real(self, *arguments)

    monkeypatch.setattr(Sandbox, "_ask", change)
    status, said = run(file, "--to", "W", "--reason", "x")
    assert (status, "changed meanwhile" in said) == (2, True)


def test_a_file_changed_after_it_was_asked_for_is_not_what_was_granted(pc, run, sample, tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(sample.read_bytes())
    ask(run, file)
    made = pc.approve()
    import hashlib

    other = hashlib.sha256(sample.read_bytes() + b"more").hexdigest()
    assert pc.office.grants.covers(other, Level.SECRET, STICK, made.user, utc_now()) is None


def test_a_request_without_the_file_and_too_many_of_them(pc, run, sample, monkeypatch):
    from agent.control import call
    from agent.lending import desk
    from agent.lending.words import Lend, Lines
    from config.errors import UsageError

    with pytest.raises(UsageError, match="not handed over"):
        call(pc.site, Lend("a.docx", "W", "x", 2), Lines)
    monkeypatch.setattr(desk, "_MOST_OPEN", 2)
    ask(run, sample)
    ask(run, sample)
    assert "waiting already" in run(sample, "--to", "W", "--reason", "x")[1]


def test_the_collectors_time_reaches_the_clock(pc):
    later = int(utc_now().timestamp() * 1000) + 5_000_000
    pc.office.pulsed(Pulse(later))
    assert pc.office.clock.now() >= later
