"""The pages of lendings: who opens what, what stands there, and that forms do what they say."""

import io
import re
import zipfile

import pytest
from django.test import Client
from openpyxl import load_workbook

from config import events
from config.levels import Level
from tests.service.factory import DEVICES, Agent
from tests.service.lendings import DAY, acted, asked, now_ms, tell
from tests.service.test_approvals_wire import row, yes

FORMULAS = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]


@pytest.fixture
def finance(post):
    """An agent of another department, with a request."""
    from service.fleet.services import make_token

    made = Agent(post, DEVICES[2])
    made.enrol(make_token("财务处", 1, 1))
    made.one = asked(file="决算…报表.xlsx", reason="财务处的理由", user=events.User("zhaohy", "赵某"))
    tell(made, made.one)
    return made


@pytest.fixture
def clock(monkeypatch):
    """A function that sets the collector's clock some days ahead."""
    from service.approvals import services, words

    def ahead(days):
        for module in (services, words):
            monkeypatch.setattr(module, "now", lambda: now_ms() + int(days * DAY))

    return ahead


def text(answer, status=200):
    assert answer.status_code == status, answer.content[:200]
    return answer.content.decode()


def test_an_approver_finds_nothing_of_another_department(enter, agent, finance):
    one = asked(medium=finance.one.medium, sha256=finance.one.sha256)
    tell(agent, one)
    client, theirs = enter("approver"), row(finance.one.id).pk
    hidden = [finance.one.reason, finance.one.file, "赵某", finance.one.id[:12], f"/lendings/{theirs}/", "财务处"]
    for path in ("/", "/lendings/", "/lendings/?state=all", "/lendings/?q=赵某", "/lendings/register/"):
        page = text(client.get(path))
        assert [word for word in hidden if word in page.replace('value="赵某"', "")] == [], path
    page = text(client.get(f"/lendings/{row(one.id).pk}/"))  # the same medium and document were asked for over there
    assert [word for word in hidden if word in page] == []
    book = load_workbook(io.BytesIO(client.get("/lendings/register.xlsx").content)).active
    assert [line[0].value for line in book.iter_rows(min_row=2)] == [one.id[:12]]
    assert client.get(f"/lendings/{theirs}/").status_code == 404
    for act in ("approve", "deny", "revoke"):
        posted = client.post(f"/lendings/{theirs}/{act}/", {"edition": "1", "days": "1", "note": "x"})
        assert posted.status_code == 404, act
    assert row(finance.one.id).state == "requested"
    assert finance.one.reason in text(enter("officer").get(f"/lendings/{theirs}/"))


@pytest.mark.parametrize(
    "path", ["/incidents/", "/incidents/1/", "/agents/", "/officers/", "/audit/", "/agents/enrol/"]
)
def test_an_approver_sees_nothing_else(enter, path):
    client = enter("approver")
    assert client.get(path).status_code == 403
    page = text(client.get("/"))
    assert path.rsplit("1/", 1)[0] not in re.findall(r'href="([^"]+)"', page)
    assert client.get("/account/").status_code == 200


def test_the_auditor_reads_and_decides_nothing(enter, agent):
    one = asked()
    tell(agent, one)
    client, pk = enter("auditor"), row(one.id).pk
    page = text(client.get(f"/lendings/{pk}/"))
    assert one.reason in page
    assert "/approve/" not in page
    assert client.post(f"/lendings/{pk}/approve/", {"edition": "1", "days": "2"}).status_code == 403
    assert row(one.id).state == "requested"


def test_approving_on_the_page(enter, agent):
    one = asked(days=5)
    tell(agent, one)
    client, pk = enter("approver"), row(one.id).pk
    page = text(client.get(f"/lendings/{pk}/"))
    assert re.findall(r'<option value="(\d+)"', page) == ["1", "2"]
    assert "最多可批准2 天" in page
    for word in (one.reason, one.file, "机密★10年", "李某", "SanDisk Ultra Fit", one.medium.serial, "研发一部"):
        assert word in page, word
    answer = client.post(f"/lendings/{pk}/approve/", {"edition": "1", "days": "1", "note": "按期归还"}, follow=True)
    assert "已批准" in text(answer)
    assert (row(one.id).state, row(one.id).note) == ("approved", "按期归还")
    assert row(one.id).until - row(one.id).approved == DAY


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("deny", {"edition": "1", "note": "  "}),
        ("approve", {"edition": "1", "days": "3", "note": "typed"}),
        ("approve", {"edition": "1", "days": "x", "note": "typed"}),
        ("approve", {"edition": "1"}),
        ("approve", {"edition": "7", "days": "1", "note": "typed"}),
        ("revoke", {"edition": "1", "note": "typed"}),
    ],
)
def test_what_cannot_be_done_is_said_beside_its_form_and_nothing_typed_is_lost(enter, agent, act, form):
    one = asked()
    tell(agent, one)
    page = text(enter("officer").post(f"/lendings/{row(one.id).pk}/{act}/", form), 409)
    assert page.count('role="alert"') == 1
    assert form.get("note", "").strip() in page or act == "revoke"  # there is no such form then
    assert row(one.id).state == "requested"


def test_unknown_acts_and_lendings_are_not_there(enter, agent):
    one = asked()
    tell(agent, one)
    client, pk = enter("officer"), row(one.id).pk
    assert client.post(f"/lendings/{pk}/erase/", {"edition": "1"}).status_code == 404
    assert client.get(f"/lendings/{pk}/approve/").status_code == 405
    assert client.post("/lendings/999/approve/", {"edition": "1", "days": "1"}).status_code == 404


def test_forms_of_other_sites_are_refused(enter, agent):
    one = asked()
    tell(agent, one)
    client, pk = enter("officer", enforce_csrf_checks=True), row(one.id).pk
    for act in ("approve", "deny", "revoke"):
        assert client.post(f"/lendings/{pk}/{act}/", {"edition": "1", "days": "1", "note": "x"}).status_code == 403
    assert row(one.id).state == "requested"


def test_two_approvers_on_the_page(enter, agent):
    one = asked(level=Level.TOP_SECRET, marks=("绝密★20年",))
    tell(agent, one)
    pk = row(one.id).pk
    first, second = enter("officer"), enter("approver")
    assert "两名不同人员" in text(first.get(f"/lendings/{pk}/"))
    page = text(first.post(f"/lendings/{pk}/approve/", {"edition": "1", "days": "2"}, follow=True))
    assert "须经第二名审批人同意" in page
    assert "还须另一人批准" in page
    assert "/approve/" not in page
    assert "没有待您审批" in text(first.get("/lendings/?state=mine"))
    assert one.file in text(second.get("/lendings/?state=mine"))
    assert "已批准 1/2" in text(second.get("/lendings/"))
    assert "您已批准过" in text(first.post(f"/lendings/{pk}/approve/", {"edition": "2", "days": "2"}), 409)
    second.post(f"/lendings/{pk}/approve/", {"edition": "2", "days": "2"})
    assert row(one.id).state == "approved"


def test_an_own_request_has_no_buttons(enter, agent):
    one = asked(user=events.User("officer"))
    tell(agent, one)
    client = enter("officer")
    page = text(client.get(f"/lendings/{row(one.id).pk}/"))
    assert "须由他人审批" in page
    assert "/approve/" not in page
    assert "/deny/" not in page
    assert one.file not in text(client.get("/lendings/?state=mine"))


def test_today_counts_what_waits_and_what_is_overdue(enter, agent, finance, officers, clock):
    one, two = asked(), asked()
    tell(agent, one, two)
    yes(two.id, officers["officer"])
    tell(agent, acted(two.id, "used"))

    def figures(role):
        page = text(enter(role).get("/"))
        return dict(re.findall(r'<a href="/lendings/\?state=(\w+)"[^>]*><b>(\d+)</b>', page))

    assert figures("officer") == {"mine": "2", "overdue": "0"}
    assert figures("approver") == {"mine": "1", "overdue": "0", "out": "1", "returned": "0"}
    assert figures("auditor") == {"overdue": "0"}
    assert figures("sysadmin") == {}
    clock(2.5)
    assert figures("officer") == {"mine": "2", "overdue": "1"}
    assert figures("approver") == {"mine": "1", "overdue": "1", "out": "0", "returned": "0"}
    page = text(enter("approver").get("/"))
    assert f"/lendings/{row(two.id).pk}/" in page
    assert "已逾期 12 小时" in page
    for name, count in figures("officer").items():
        listed = text(enter("officer").get(f"/lendings/?state={name}"))
        assert listed.count('class="what"') == int(count), name


def test_the_list_has_overdue_ones_on_top_and_the_time_left_as_a_bar(enter, agent, officers, clock):
    ones = [asked(file=f"文件{number}.docx") for number in range(4)]
    tell(agent, *ones)
    for one in ones[:3]:
        yes(one.id, officers["officer"], 2 if one is not ones[2] else 1)
    tell(agent, acted(ones[1].id, "used"), acted(ones[2].id, "used"))
    clock(1.4)
    page = text(enter("officer", "en").get("/lendings/"))
    assert [page.index(one.file) for one in (ones[2], ones[3], ones[1], ones[0])] == sorted(
        page.index(one.file) for one in ones
    )
    assert page.count("<meter") == 2
    assert "14 hours left" in page
    assert page.count('<tr class="late">') == 1


def test_filters_fit_what_they_say(enter, agent, officers):
    secret, plain = asked(), asked(level=Level.INTERNAL, file="通讯录.xlsx", reason="招标现场核对")
    tell(agent, secret, plain)
    yes(secret.id, officers["officer"])
    client = enter("officer")

    def files(query):
        page = text(client.get(f"/lendings/{query}"))
        return [one.file for one in (secret, plain) if one.file in page]

    assert files("") == [secret.file, plain.file]
    assert files("?state=approved") == [secret.file]
    assert files("?level=internal") == [plain.file]
    assert files("?q=招标") == [plain.file]
    assert files(f"?q={secret.id[:12]}") == [secret.file]
    assert files("?q=%25") == []  # a percent sign is a percent sign
    assert files("?state=nonsense&level=nonsense") == [secret.file, plain.file]
    assert files("?state=returned") == []


def test_what_happened_to_others_of_the_same(enter, agent, officers, clock):
    person, medium = asked(), asked(user=events.User("wang"), file="旧文件.docx")
    tell(agent, person, medium)
    yes(medium.id, officers["officer"])
    tell(agent, acted(medium.id, "used"))
    clock(2.5)
    late = asked(user=events.User("sunzq", "孙某"), file="新文件.docx")
    tell(agent, late)
    page = text(enter("officer").get(f"/lendings/{row(late.id).pk}/"))
    assert medium.file in page
    assert "另有 1 项外借逾期未还" in page


def test_the_register_and_its_period(enter, agent, officers):
    from service.approvals.models import Lending

    old, new = asked(file="旧.docx"), asked(file="新.docx")
    tell(agent, old, new)
    Lending.objects.filter(uid=old.id).update(received=1_700_042_400_000)  # 2023-11-15 10:00 UTC
    client = enter("officer")
    for query, found in {
        "": [old, new],
        "?since=2023-11-16": [new],
        "?until=2023-11-15": [old],
        "?since=2023-11-15&until=2023-11-15": [old],
        "?until=2023-11-14": [],
        "?since=x&until=2023-99-99": [old, new],
        "?until=9999-12-31": [old, new],
        "?since=0001-01-01": [old, new],
    }.items():
        page = text(client.get(f"/lendings/register/{query}"))
        assert [one for one in (old, new) if one.file in page] == found, query
        book = load_workbook(io.BytesIO(client.get(f"/lendings/register.xlsx{query}").content)).active
        assert {line[1].value for line in book.iter_rows(min_row=2)} == {one.file for one in found}, query


def test_the_workbook_says_the_same_as_the_page_and_is_recorded(enter, agent, officers):
    from service.audit.models import Record

    one = asked()
    tell(agent, one)
    yes(one.id, officers["officer"])
    tell(agent, acted(one.id, "used"), acted(one.id, "erased", time=now_ms() + 1))
    answer = enter("auditor", "en").get("/lendings/register.xlsx")
    assert answer["Content-Disposition"].startswith("attachment")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    heads, line = list(sheet.iter_rows(values_only=True))
    said = dict(zip(heads, line, strict=True))
    assert said["Lending no."] == one.id[:12]
    assert (said["Document"], said["Purpose"], said["SHA-256"]) == (one.file, one.reason, one.sha256)
    assert (said["Approved by"], said["Copies"], said["State"]) == ("officer", 1, "returned")
    assert said["Due"] > said["Taken out"] >= said["Approved"].replace(microsecond=0)
    assert said["Returned"] is not None
    record = Record.objects.latest("seq")
    assert (record.actor, record.act, record.detail) == ("auditor", "lending.exported", '{"count":1}')


def test_a_workbook_is_whole_or_not_at_all(enter, agent, monkeypatch):
    from service.approvals import register

    tell(agent, asked(), asked())
    monkeypatch.setattr(register, "LINES", 1)
    answer = enter("officer").get("/lendings/register.xlsx?since=2020-01-01", follow=True)
    assert answer.request["PATH_INFO"] == "/lendings/register/"
    assert "请选择较短的时间段" in text(answer)


@pytest.mark.parametrize("nasty", FORMULAS)
def test_what_looks_like_a_formula_stays_text(enter, agent, officers, nasty):
    from service.approvals.services import deny

    medium = events.Medium(serial=nasty, label=nasty)
    one = asked(reason=nasty, file=nasty, marks=(nasty,), hostname=nasty, medium=medium, user=events.User(nasty))
    tell(agent, one)
    deny(row(one.id).pk, 1, officers["officer"], nasty)
    content = enter("officer").get("/lendings/register.xlsx").content
    sheet = load_workbook(io.BytesIO(content)).active
    cells = [
        cell for cell in next(sheet.iter_rows(min_row=2)) if isinstance(cell.value, str) and nasty.strip() in cell.value
    ]
    assert len(cells) >= 7
    assert {(cell.data_type, cell.quotePrefix) for cell in cells if cell.value[0] in "=+-@\t"} == {("s", True)}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in b"".join(book.read(name) for name in book.namelist() if "sheet" in name)


def test_characters_that_no_spreadsheet_holds_break_nothing(enter, agent):
    one = asked(reason="a\x00b\x0bc\x1f\ufffe\U0001f600" + "长" * 400, file="x\x07.docx")
    assert tell(agent, one)[1].kept == (one.id,)
    client = enter("officer")
    for path in ("/lendings/", f"/lendings/{row(one.id).pk}/", "/lendings/register/"):
        text(client.get(path))
    sheet = load_workbook(io.BytesIO(client.get("/lendings/register.xlsx").content)).active
    assert "�" in sheet["B2"].value


def test_pages_work_in_both_languages_without_leftovers(enter, agent, officers):
    one = asked()
    tell(agent, one)
    yes(one.id, officers["officer"])
    tell(agent, *(acted(one.id, act) for act in ("used", "seen", "overdue", "erased", "returned", "withdrawn")))
    for language, words in {"zh-hans": ("外借台账", "申请时间"), "en": ("Register of lendings", "Requested")}.items():
        client = enter("officer", language)
        page = text(client.get("/lendings/register/")) + text(client.get(f"/lendings/{row(one.id).pk}/"))
        assert [word for word in words if word not in page] == []
        assert "%(" not in page


def test_a_lending_of_a_revoked_agent_is_still_listed(enter, agent, officers):
    from service.fleet.models import Agent as Row
    from service.fleet.services import revoke

    one = asked()
    tell(agent, one)
    revoke(Row.objects.get(), officers["sysadmin"])
    assert one.file in text(enter("officer").get("/lendings/"))


def test_nobody_else_comes_in(home):
    for path in ("/lendings/", "/lendings/1/", "/lendings/register/", "/lendings/register.xlsx"):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"].startswith("/login/")) == (302, True)
