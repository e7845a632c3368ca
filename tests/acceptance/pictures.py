"""Pictures of the console for docs/screenshots: `python -m tests.acceptance.pictures`. All content is invented."""

import http.client
import sys
import tempfile
from pathlib import Path

from tests.acceptance.browser import Browser
from tests.acceptance.processes import Collector
from tests.service import factory

PAGES = {
    "officer": ("/", "/incidents/"),
    "auditor": ("/audit/",),
    "sysadmin": ("/agents/", "/agents/token/", "/officers/"),
}
PASSWORD = "invented words for a picture"


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
        status, _, answer = agent.enrol(collector.token())
        assert status == 200, answer
        agent.beat(uninspected=12 * number)
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
                        browser.open(path)
                        browser.picture(folder / f"{title}-narrow.png")
                        browser.dark()
                        browser.open(path)
                        browser.picture(folder / f"{title}-narrow-dark.png")
                browser.close()
        finally:
            collector.process.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
