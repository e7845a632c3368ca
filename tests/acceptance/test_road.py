"""The whole road: `shoumi up`, a file copied, the person told, the incident reviewed in a browser, the trail read."""

import re
import shutil
import signal
import socket
import time

import pytest

from tests.acceptance.browser import Browser
from tests.acceptance.processes import Process, free_port, wait

PASSWORD = "correct horse 电池 staple"


class Up:
    """`shoumi up` in a folder, and what it printed."""

    def __init__(self, tmp_path, number, language="en", port=None):
        self.home = tmp_path / "home"
        self.port = port or free_port()
        self.process = Process(
            tmp_path / f"up-{number}.log",
            "agent.cli",
            "up",
            "--home",
            self.home,
            "--port",
            self.port,
            language=language,
        )
        head = {"en": "shoumi is running", "zh": "守密已启动"}[language]
        wait(lambda: head in self.process.said() or self.process.popen.poll() is not None, 40, self.process.said)
        assert self.process.popen.poll() is None, self.process.said()
        wait(lambda: "Ctrl-C" in self.process.said())
        text = self.process.said()[self.process.said().rindex(head) :]
        self.url = re.search(r"http://127\.0\.0\.1:\d+", text).group()
        self.logins = dict(re.findall(r"\b(sysadmin|officer|auditor) +(\S+) *$", text, re.MULTILINE))
        self.sample = next((self.home / "try" / "documents").glob("*.docx"))
        self.stick = self.home / "try" / "stick"


@pytest.fixture
def up(tmp_path):
    started = []

    def start(**options):
        started.append(Up(tmp_path, len(started), **options))
        return started[-1]

    yield start
    for one in started:
        one.process.stop(seconds=20)


def test_up_catches_the_sample_stops_cleanly_and_goes_on(up):
    first = up(language="zh")
    again = Process(first.home.parent / "again.log", "agent.cli", "up", "--home", first.home, language="zh")
    assert again.popen.wait(20) == 1
    assert f"已在运行：{first.url}" in again.said()
    assert set(first.logins) == {"sysadmin", "officer", "auditor"}
    before = first.sample.read_bytes()
    shutil.copy(first.sample, first.stick)
    copy = first.stick / first.sample.name
    wait(lambda: not copy.exists(), 20, first.process.said)
    words = ("已阻止复制", "机密★10年", "只能存放公开文件", "原文件未受影响", "编号")
    wait(lambda: all(word in first.process.said() for word in words), 20, first.process.said)
    assert first.sample.read_bytes() == before
    assert len(list((first.home / "agent" / "quarantine").glob("*.age"))) == 1
    (first.stick / "public.txt").write_text("nothing of note")
    time.sleep(2)
    assert (first.stick / "public.txt").exists()
    assert first.process.stop(signal.SIGINT, 20) == 0
    assert "正在停止" in first.process.said()
    assert "Traceback" not in first.process.said()
    with socket.socket() as probe:  # nothing of it is left running
        assert probe.connect_ex(("127.0.0.1", first.port)) != 0

    with socket.create_server(("127.0.0.1", first.port)):
        second = up(language="zh", port=first.port)
        assert f"端口 {first.port} 已被占用" in second.process.said()
        assert second.url != first.url
        copy = second.stick / "again.docx"
        shutil.copy(second.sample, copy)
        wait(lambda: not copy.exists(), 20, second.process.said)
        wait(lambda: "已阻止复制" in second.process.said())


@pytest.mark.chromium
def test_three_officers_review_one_incident(up, tmp_path):  # noqa: PLR0915 - one road, told once
    here = up()
    shutil.copy(here.sample, here.stick)
    wait(lambda: "Copy stopped" in here.process.said(), 20, here.process.said)
    time.sleep(2)

    officer = Browser(tmp_path / "officer", here.url)
    try:
        officer.log_in("officer", here.logins["officer"], PASSWORD)
        officer.speak("zh-hans")
        officer.open("/incidents/")
        rows = officer.all("main table tbody tr")
        assert len(rows) == 1
        assert "机密" in rows[0].text
        officer.press(officer.one("main table tbody tr a"))
        story = officer.text()
        for words in ("机密★10年", "第1页第2行", "10年", "试用U盘", "隔离", "1101**********"):
            assert words in story, words
        assert "演练时间" not in story, "no text of the document"
        number = officer.driver.current_url.rstrip("/").rsplit("/", 1)[-1]
        officer.press(officer.one("#take"))
        officer.one("#note textarea").send_keys("已联系本人")
        officer.press(officer.one("#note button"))
        assert "已联系本人" in officer.text()
        officer.one("#resolve [value=violation]").click()
        officer.press(officer.one("#resolve button"))
        assert officer.one("#judgement").text == "违规"
        for closed in ("/audit/", "/agents/", "/officers/"):
            officer.open(closed)
            assert "已联系本人" not in officer.text()
            assert not officer.all("main table"), closed
    finally:
        officer.close()

    auditor = Browser(tmp_path / "auditor", here.url)
    try:
        auditor.log_in("auditor", here.logins["auditor"], PASSWORD)
        auditor.speak("zh-hans")
        auditor.open("/audit/")
        trail = auditor.text()
        assert trail.count("officer") >= 3
        auditor.open(f"/incidents/{number}/")
        assert "已联系本人" in auditor.text()
        assert not auditor.all("main form[method=post]"), "reads, changes nothing"
    finally:
        auditor.close()

    admin = Browser(tmp_path / "admin", here.url)
    try:
        secret = admin.log_in("sysadmin", here.logins["sysadmin"], PASSWORD)
        admin.open("/agents/")
        assert socket.gethostname() in admin.text()
        for path in ("/", "/agents/", "/incidents/", f"/incidents/{number}/", "/officers/"):
            admin.open(path)
            for words in ("机密★10年", "样本", "已联系本人", "1101**"):
                assert words not in admin.driver.page_source, (path, words)
        admin.driver.delete_all_cookies()
        admin.log_in_again("sysadmin", PASSWORD, secret)
        assert "/login" not in admin.driver.current_url
        admin.driver.delete_all_cookies()
        admin.open("/login/")
        admin.fill(username="sysadmin", password="wrong password")
        admin.submit()
        assert "/login" in admin.driver.current_url
    finally:
        admin.close()
