import io
import os
import pty
import select
import time
from pathlib import Path

import pytest
from rich.console import Console

from agent.act.message import message
from agent.act.notify import Notifier, Writer
from agent.act.rate import Rate
from config.events import Done
from config.levels import Level
from config.text import Text
from config.verdict import Coverage, Finding
from tests.agent.act.desk import PERSON, as_person, desk
from tests.events import event

HELP = Text("Ask your officer.", "请联系管理员。")


def shown(language, **kinds):
    out = io.StringIO()
    notifier = Notifier(language, HELP, stream=Console(file=out, width=300), desktop=False)
    notifier.tell(event(**kinds), "方案\x1b[31m.docx")
    notifier.finish()
    return out.getvalue()


def test_it_says_what_why_what_to_do_and_that_nothing_is_lost():
    chinese = shown("zh", done=Done.QUARANTINED)
    for part in (
        "已阻止复制",
        "机密★10年",
        "SanDisk Ultra 0001",
        "只能存放公开文件",
        "原文件未受影响",
        "解封归还",
        "请联系管理员",
        "编号 20",
    ):
        assert part in chinese
    english = shown("en", done=Done.QUARANTINED)
    for part in (
        "Copy stopped",
        "机密★10年",
        "may hold public files only",
        "nothing is lost",
        "Ask your officer",
        "No. 20",
    ):
        assert part in english


def test_a_held_file_is_not_called_stopped():
    assert "keeps trying" in shown("en", done=Done.HELD)
    assert "sealed in quarantine" not in shown("en", done=Done.HELD)


def test_a_file_name_cannot_steer_the_terminal():
    assert "\x1b" not in shown("en", done=Done.LEFT)


def test_no_blame_and_no_exclamation_marks():
    for done in Done:
        said = message(event(done=done), "a.docx", HELP)
        for text in (said.head, said.body):
            assert not set("!！") & set(text.en + text.zh)


def test_a_refused_copy_never_landed():
    for words in ("已阻止复制", "未写入未登记移动介质“SanDisk Ultra 0001”", "原文件未受影响", "规则 mark.cn"):
        assert words in shown("zh", done=Done.REFUSED)
    assert "Your original is untouched" in shown("en", done=Done.REFUSED)


def test_who_was_allowed_is_not_told_to_ask():
    said = shown("en", done=Done.RELEASED)
    assert "Copy made under a lending" in said
    assert "Ask your officer" not in said
    assert "may hold public files only" not in said


COACHING = {
    "mark.cn": Text("On marks.", "关于标志。"),
    "cn.resident-id": Text("On numbers.", "关于证件号。"),
    "secret": Text("On secrets.", "关于机密。"),
    "unfinished": Text("Unpack it.", "请解压。"),
    "uninspected": Text("No passwords.", "请去除密码。"),
}
NUMBERS = Finding(
    rule="cn.resident-id", level=Level.CONFIDENTIAL, confidence=0.9, where="page 1", excerpt="11**", count=3
)


@pytest.mark.parametrize(
    ("changes", "coached", "rule"),
    [
        ({}, "On marks.", "mark.cn"),
        ({"level": Level.CONFIDENTIAL, "marks": (), "findings": (NUMBERS,)}, "On numbers.", "cn.resident-id"),
        ({"level": Level.SECRET, "marks": (), "findings": ()}, "On secrets.", "zones.removable.clearance"),
        ({"level": Level.PUBLIC, "coverage": Coverage(False, ("too deep",))}, "Unpack it.", "unfinished"),
        ({"level": Level.PUBLIC, "coverage": Coverage(False, ("encrypted",))}, "No passwords.", "uninspected"),
    ],
)
def test_what_staff_should_know_about_the_rule_stands_in_the_message(changes, coached, rule):
    said = message(event(done=Done.REFUSED, **changes), "a.docx", HELP, COACHING)
    assert coached in said.body.en
    assert f"(rule {rule})" in said.body.en
    assert sum(text.en in said.body.en for text in COACHING.values()) == 1


@pytest.fixture
def speaker(monkeypatch):
    monkeypatch.setattr("agent.act.desktop.SECONDS", 20.0)  # a busy machine starts a process slowly
    out = io.StringIO()
    return Notifier("en", HELP, stream=Console(file=out, width=300))


@pytest.mark.dbus
def test_the_person_who_did_it_hears_on_their_desktop_in_their_language(speaker):
    with desk() as screen:
        around = {"DBUS_SESSION_BUS_ADDRESS": screen.bus, "LANG": "zh_CN.UTF-8"}
        with as_person(["sleep", "60"], env=around | {"PATH": os.environ["PATH"]}, cwd="/") as copier:
            _wait_until_it_is(copier.pid)
            for number in range(5):
                speaker.tell(event(done=Done.REFUSED), f"方案{number}.docx", Writer(copier.pid, PERSON))
            ((head, body, urgency),) = screen.wait_for(1)
            assert head.startswith("已阻止复制：方案0.docx")
            assert "编号" in body
            assert urgency == 2
            speaker.say_to(PERSON, Text("Due today.", "今日应归还。"))
            assert ("今日应归还。", "", 1) in screen.wait_for(2)
            summary = screen.wait_for(3)[-1]
            assert "另有 4 个文件" in summary[0]


def _wait_until_it_is(pid):
    """Until the child has become the program that carries the environment of the person."""
    end = time.monotonic() + 10
    while b"sleep" not in Path(f"/proc/{pid}/comm").read_bytes() and time.monotonic() < end:
        time.sleep(0.01)


def test_without_a_desktop_the_terminal_of_the_writer_is_spoken_to(monkeypatch, tmp_path):
    monkeypatch.setattr("agent.act.notify.surroundings", lambda uid: ((), None))
    monkeypatch.setattr("agent.act.notify.seated", lambda uid: (uid,))
    notifier = Notifier("en", HELP, stream=Console(file=io.StringIO(), width=300), rate=Rate(0.5))
    pid, near = pty.fork()
    if pid == 0:
        os.execvpe("sleep", ["sleep", "60"], {"PATH": os.environ["PATH"], "LANG": "zh_CN.UTF-8"})
    try:
        _wait_until_it_is(pid)
        for name in ("a.docx", "b.docx"):
            notifier.tell(event(done=Done.REFUSED), name, Writer(pid, os.geteuid()))
        text = b""
        while "另有 1 个文件" not in text.decode("utf-8", "replace"):
            assert select.select([near], [], [], 20)[0], text.decode()
            text += os.read(near, 10_000)
        assert "已阻止复制：a.docx" in text.decode()
        assert "b.docx" not in text.decode()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(near)
