"""Pictures of the console for docs/screenshots: `python -m tests.acceptance.pictures`. All content is invented."""

import http.client
import sys
import tempfile
from pathlib import Path

from config.text import Text
from tests.acceptance.browser import Browser
from tests.acceptance.processes import Collector
from tests.service import factory

PAGES = {
    "officer": ("/", "/incidents/"),
    "auditor": ("/audit/",),
    "sysadmin": ("/agents/", "/agents/enrol/", "/officers/"),
}
PASSWORD = "invented words for a picture"


TROUBLE = (Text("the disk that holds the quarantine is nearly full", "隔离区所在磁盘空间不足"),)


def work(browser):
    """An officer takes the newest incident and writes a note; resolves another one."""
    browser.open("/incidents/")
    browser.press(browser.one("#queue tbody tr a"))
    browser.press(browser.one("#take"))
    browser.one("#note textarea").send_keys("已电话联系本人，系误拷，U盘已收回核查。")
    browser.press(browser.one("#note button"))
    browser.open("/incidents/")
    browser.press(browser.all("#queue tbody tr a")[3])
    browser.one("#resolve [value=violation]").click()
    browser.one("#resolve-comment").send_keys("属违规复制，已按规定提醒。")
    browser.press(browser.one("#resolve button"))


def post_to(collector):
    def post(path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=20)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()

    return post


def seed(collector):
    """A believable morning of four PCs."""
    agents = [factory.Agent(post_to(collector), device) for device in factory.DEVICES[:4]]
    for number, agent in enumerate(agents):
        status, _, answer = agent.enrol(collector.token(("研发部", "研发部", "财务处", "办公室")[number]))
        assert status == 200, answer
        agent.beat(uninspected=12 * number, spool=number // 3 * 41, problems=TROUBLE[: number // 3])
    for number, event in enumerate(factory.mixture(12)):
        agents[number % len(agents)].receipt([event])
    found = factory.finding()
    agents[0].receipt([factory.event(findings=(found,), minutes_ago=3)])


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        collector = Collector(here / "home", here / "log")
        collector.start()
        try:
            seed(collector)
            passwords = {login["username"]: login["password"] for login in collector.made["logins"]}
            for role, paths in PAGES.items():
                browser = Browser(here / role, collector.url)
                browser.log_in(role, passwords[role], PASSWORD)
                if role == "officer":
                    work(browser)
                for language in ("zh-hans", "en"):
                    browser.open("/")
                    browser.speak(language)
                    for path in paths:
                        browser.open(path)
                        title = path.strip("/").replace("/", "-") or "today"
                        browser.picture(folder / f"{title}-{language[:2]}.png")
                        if title == "incidents":
                            browser.press(browser.one("main table tbody tr a"))
                            browser.picture(folder / f"incident-{language[:2]}.png")
                if role == "officer":
                    for path, title in (
                        ("/incidents/", "incidents"),
                        (browser.driver.current_url[len(browser.url) :], "incident"),
                    ):
                        browser.narrow(390)
                        browser.scheme("light")
                        browser.open(path)
                        browser.picture(folder / f"{title}-narrow.png")
                        browser.scheme("dark")
                        browser.open(path)
                        browser.picture(folder / f"{title}-narrow-dark.png")
                browser.close()
        finally:
            collector.process.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
