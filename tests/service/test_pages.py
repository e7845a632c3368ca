"""What holds for all pages: headers, escaping, and who never sees what."""

import msgspec
import pytest
from django.test import Client

from config import events as wire
from config.verdict import Coverage
from service.officers.roles import ROLES, Who
from tests.service.factory import event, finding, mark
from tests.service.lendings import asked, tell
from tests.service.test_roles import address

XSS = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'{{ 7|add:7 }}"


def nasty():
    """An event with markup in every text an agent can fill."""
    from config.text import Text

    text = Text(XSS, XSS)
    medium = wire.Medium(XSS, XSS, XSS, XSS, XSS, XSS, XSS, XSS)
    marks = (mark(text=XSS, original=XSS, where=XSS, reason=text, excerpt=XSS, expires=XSS),)
    made = event(
        zone=XSS,
        zone_text=text,
        rule=XSS,
        reason=text,
        place=XSS,
        medium=medium,
        marks=marks,
        findings=(finding(rule=XSS, where=XSS, excerpt=XSS, reason=text),),
        quarantine=XSS,
        ticket=XSS,
        coverage=Coverage(False, (XSS,)),
        actor=wire.Actor(wire.User(XSS, XSS, XSS)),
        file=wire.File(XSS, XSS, 1, XSS, hashes=(wire.Fingerprint(XSS),)),
        data_security=wire.DataSecurity(2, 3, XSS),
    )
    return msgspec.structs.replace(made, device=wire.Device(XSS, os=XSS))


def pages(enter, role, language="zh-hans"):
    client = enter(role, language)
    for name, allowed in ROLES.items():
        if role in {one.value for one in allowed} and Who.ANONYMOUS not in allowed:
            answer = client.get(address(name))
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield name, answer


def test_markup_from_agents_stays_text(enter, agent):
    from service.incidents.models import Incident

    agent.device = XSS
    agent.receipt([nasty()])
    client = enter("officer")
    nasty_medium = wire.Medium(XSS, XSS, XSS, XSS, XSS, XSS, XSS, XSS)
    lent = asked(reason=XSS, file=XSS, marks=(XSS,), medium=nasty_medium, user=wire.User(XSS, XSS), hostname=XSS)
    assert tell(agent, lent)[1].kept == (lent.id,)
    client.post("/lendings/1/deny/", {"edition": "1", "note": XSS})
    client.post(f"/incidents/{Incident.objects.get().pk}/comment/", {"comment": XSS})
    seen = 0
    for language in ("zh-hans", "en"):
        for role in ("officer", "auditor", "sysadmin", "approver"):
            for name, answer in pages(enter, role, language):
                page = answer.content.decode()
                assert "<script>alert" not in page, name
                assert "<img src=x" not in page, name
                seen += "&lt;script&gt;" in page
    assert seen >= 22
    search = client.get("/incidents/", {"q": XSS, "state": XSS}).content.decode()
    assert "<script>alert" not in search


def test_the_system_admin_sees_nothing_of_incidents(enter, agent):
    secrets = {
        "person": "绝无此人",
        "document": "无中生有的方案",
        "folder": "/media/nobody/NOWHERE",
        "mark": "机密★99年",
        "serial": "SERIAL-NOT-FOR-YOU",
        "ticket": "NOTYOU-2026-0101",
        "zone": "不存在的区域",
    }
    from config.levels import Level
    from config.text import Text

    medium = wire.Medium(secrets["folder"], "usb", "V", "P", secrets["serial"])
    agent.receipt(
        [
            event(
                person=("nobody-user", secrets["person"]),
                document=(secrets["document"] + ".docx", secrets["mark"], Level.SECRET, "99年"),
                medium=medium,
                ticket=secrets["ticket"],
                zone_text=Text(secrets["zone"], secrets["zone"]),
            )
        ]
    )
    lent = asked(
        reason="绝无此事的理由",
        file=secrets["document"],
        marks=(secrets["mark"],),
        medium=medium,
        user=wire.User("nobody-user", secrets["person"]),
    )
    assert tell(agent, lent)[1].kept == (lent.id,)
    secrets["reason"] = lent.reason
    agent.beat()
    for language in ("zh-hans", "en"):
        names = []
        for name, answer in pages(enter, "sysadmin", language):
            names.append(name)
            page = answer.content.decode()
            assert [key for key, text in secrets.items() if text in page or text[:4] in page] == [], name
        assert {"today:today", "fleet:agents", "officers:list"} <= set(names)
    assert secrets["reason"] in enter("officer").get("/lendings/1/").content.decode()
    officer = enter("officer").get("/incidents/").content.decode()
    assert secrets["person"] in officer  # the search above was for strings that are really there
    client = enter("sysadmin")
    for path in (
        "/incidents/",
        "/incidents/1/",
        "/incidents/?q=x",
        "/audit/",
        "/lendings/",
        "/lendings/1/",
        "/lendings/register/",
        "/lendings/register.xlsx",
    ):
        assert client.get(path).status_code == 403


def test_every_page_is_small_and_guarded(enter, agent):
    agent.receipt([event()])
    tell(agent, asked())
    for role in ("officer", "auditor", "sysadmin", "approver"):
        for name, answer in pages(enter, role):
            policy = answer["Content-Security-Policy"]
            assert "default-src 'none'" in policy, name
            assert "unsafe" not in policy, name
            assert "script-src 'self'" in policy, name
            assert "frame-ancestors 'none'" in policy
            assert answer["X-Frame-Options"] == "DENY"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Referrer-Policy"] == "same-origin"
            assert "no-store" in answer["Cache-Control"]
            page = answer.content.decode()
            found = [bad for bad in (" style=", " onclick", "//cdn") if bad in page]
            assert (len(page) < 100_000, found) == (True, []), name


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(enter):
    client = enter("officer")
    client.get("/")
    client.post("/language/", {"language": "en", "next": "/"})
    for name in ("shoumi", "csrftoken", "shoumi_language"):
        cookie = client.cookies[name]
        if name == "shoumi":
            continue  # made by the test itself; looked at in test_serve
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name


def test_a_form_without_its_token_is_refused_in_words(home):
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "officer", "password": "x"})
    assert answer.status_code == 403
    assert "表单已过期" in answer.content.decode()


def test_other_names_of_this_server_are_not_served(home):
    assert Client().get("/login/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/nothing", "/incidents/999/", "/static/../settings.py", "/static/nothing.css"])
def test_what_is_not_there_says_so(enter, path):
    answer = enter("officer").get(path)
    assert answer.status_code == 404


def test_a_fault_of_ours_shows_no_inside(enter, monkeypatch):
    from service.today import views

    monkeypatch.setattr(views, "now", None)
    monkeypatch.setattr(views.figures, "for_officer", lambda *_: 1 / 0)
    client = enter("officer")
    client.raise_request_exception = False
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "出错了" in page
    assert "ZeroDivision" not in page


def test_the_wrong_language_is_not_set(home):
    client = Client()
    client.post("/language/", {"language": "xx", "next": "https://evil.example/"})
    answer = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert not answer["Location"].startswith("https://evil")
