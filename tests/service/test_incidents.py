import pytest

from config.events import Action, Done, Kind
from config.levels import Level
from config.verdict import Coverage
from service.clock import LATEST
from tests.service.factory import DOCUMENTS, event, finding, repeat


@pytest.fixture
def one(agent):
    from service.incidents.models import Incident

    agent.receipt([event()])
    return Incident.objects.get()


def acts():
    from service.audit.models import Record

    return list(Record.objects.filter(act__startswith="incident").order_by("seq").values_list("act", flat=True))


def text(answer):
    assert answer.status_code == 200, answer
    return answer.content.decode()


def act(client, one, name, **fields):
    one.refresh_from_db()
    return text(client.post(f"/incidents/{one.pk}/{name}/", {"edition": one.edition, **fields}, follow=True))


def test_the_whole_way_of_an_incident(enter, one):
    client = enter("officer")
    act(client, one, "take")
    act(client, one, "comment", comment="已电话联系本人")
    act(client, one, "resolve", judgement="violation", comment="确属违规")
    one.refresh_from_db()
    assert (one.state, one.judgement, one.owner.username) == ("resolved", "violation", "officer")
    page = act(client, one, "reopen", comment="再核实")
    one.refresh_from_db()
    assert (one.state, one.judgement, one.resolved) == ("in_progress", "", None)
    assert [word for word in ("受理", "已电话联系本人", "办结：违规", "确属违规", "重新打开") if word not in page] == []
    assert acts() == ["incident.take", "incident.comment", "incident.resolve", "incident.reopen"]


@pytest.mark.parametrize("judgement", ["violation", "authorised", "false_positive", "test"])
def test_every_verdict_can_be_given_from_new(enter, one, judgement):
    act(enter("officer"), one, "resolve", judgement=judgement)
    one.refresh_from_db()
    assert (one.state, one.judgement) == ("resolved", judgement)


@pytest.mark.parametrize(
    ("before", "name", "fields"),
    [
        ([], "reopen", {}),
        ([], "resolve", {"judgement": "maybe"}),
        ([], "resolve", {}),
        ([], "comment", {"comment": "  "}),
        ([], "assign", {"owner": "999"}),
        ([], "assign", {"owner": "x"}),
        ([], "assign", {"owner": "9" * 5000}),
        ([], "take", {"edition": "9" * 5000}),
        ([], "take", {"edition": ""}),
        (["take"], "take", {}),
        (["resolve"], "take", {}),
        (["resolve"], "resolve", {"judgement": "test"}),
    ],
)
def test_forbidden_steps_change_nothing_and_say_why(enter, one, before, name, fields):
    client = enter("officer")
    for step in before:
        act(client, one, step, judgement="violation")
    one.refresh_from_db()
    edition, recorded = one.edition, acts()
    page = act(client, one, name, **fields)
    one.refresh_from_db()
    assert one.edition == edition
    assert acts() == recorded
    assert 'class="message warning"' in page


def test_work_is_given_to_secrecy_officers_only(enter, one, officers):
    client = enter("officer")
    for role in ("sysadmin", "auditor"):
        page = act(client, one, "assign", owner=officers[role].pk)
        assert "只有安全保密管理员" in page
    from service.officers.models import Officer

    second = Officer.objects.create(username="second", role="officer")
    assert 'id="owner"' in text(client.get(f"/incidents/{one.pk}/"))
    act(client, one, "assign", owner=second.pk)
    one.refresh_from_db()
    assert one.owner == second


def test_the_services_refuse_other_roles_whoever_calls_them(one, officers):
    from service.incidents import services

    for role in ("sysadmin", "auditor"):
        with pytest.raises(services.ForbiddenError):
            services.comment(one.pk, officers[role], "x")


def test_a_stale_form_is_told_and_what_was_typed_is_kept(enter, one):
    client = enter("officer")
    old = one.edition
    act(client, one, "take")
    answer = client.post(
        f"/incidents/{one.pk}/resolve/", {"edition": old, "judgement": "test", "comment": "写了很久的说明"}, follow=True
    )
    one.refresh_from_db()
    assert one.state == "in_progress"
    assert "其间已有他人处理过" in text(answer)
    assert "写了很久的说明" in text(answer)


def test_two_at_the_same_time_and_one_wins(one, officers):
    import threading

    from django.db import connection

    from service.incidents import services

    results = []

    def work():
        try:
            services.resolve(one.pk, one.edition, officers["officer"], "test", "")
            results.append("done")
        except services.StaleError:
            results.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert sorted(results) == ["done", "stale", "stale", "stale"]


def test_repeats_do_not_make_a_form_stale(enter, agent):
    from service.incidents.models import Incident

    first = event()
    agent.receipt([first])
    one = Incident.objects.get()
    agent.receipt([repeat(first)])
    act(enter("officer"), one, "take")
    one.refresh_from_db()
    assert (one.state, one.count) == ("in_progress", 2)


def test_reopening_beside_a_newer_twin_is_refused(enter, agent):
    from service.incidents.models import Incident

    first = event()
    agent.receipt([first])
    one = Incident.objects.get()
    client = enter("officer")
    act(client, one, "resolve", judgement="test")
    agent.receipt([repeat(first)])
    assert "请处理较新的事件" in act(client, one, "reopen")


def test_the_auditor_reads_and_touches_nothing(enter, one):
    client = enter("auditor")
    page = text(client.get(f"/incidents/{one.pk}/"))
    assert "欲将" in page
    assert 'id="take"' not in page
    assert 'id="resolve"' not in page
    assert client.post(f"/incidents/{one.pk}/take/", {"edition": 1}).status_code == 403


def test_the_page_says_everything_in_both_languages(enter, agent):
    from service.incidents.models import Incident

    sent = event(findings=(finding(),), coverage=Coverage(False, ("ocr off: word/media/image1.png",)))
    agent.receipt([sent])
    pk = Incident.objects.get().pk
    shared = ["SanDisk", "Ultra Fit", "4C530001230815", "/media/lixm/WORK", "zones.removable.clearance", "47.1 KB"]
    shared += [sent.file.hashes[0].value, sent.unmapped.quarantine, sent.unmapped.ticket, "1101**********1234", "李某"]
    chinese = ["欲将 机密★10年 文件“关于开展…通知.docx”复制到未登记移动介质“SanDisk Ultra Fit 0815”，已移入隔离区"]
    chinese += ["第1页第2行", "首页左上角有完整的国家秘密标志", "居民身份证号", "图片文字识别未启用", "可存密级"]
    english = ["tried to copy 关于开展…通知.docx, 机密★10年, to unregistered removable medium “SanDisk Ultra Fit 0815”"]
    english += [
        "page 1 line 2",
        "a complete state-secret mark",
        "机密 <small>secret</small>",
        "resident identity number",
        "ocr off: word/media/image1.png",
    ]
    for language, words in (("zh-hans", chinese), ("en", english)):
        page = text(enter("officer", language).get(f"/incidents/{pk}/"))
        assert [word for word in shared + words if word not in page] == []


@pytest.mark.parametrize("done", list(Done))
@pytest.mark.parametrize("action", list(Action))
def test_every_outcome_has_words(enter, agent, done, action):
    from service.incidents.models import Incident

    agent.receipt([event(done=done, action=action, kind=Kind.UNINSPECTED, medium=None)])
    assert "无法检查" in text(enter("officer").get(f"/incidents/{Incident.objects.get().pk}/"))


def test_the_list_filters_and_searches(enter, agent):
    one, two = event(document=DOCUMENTS[1]), event(document=DOCUMENTS[2], person=("wang", "王某某"))
    agent.receipt([one, two])
    again = repeat(one)
    agent.receipt([again])
    client = enter("officer")

    def found(query):
        page = text(client.get("/incidents/" + query))
        return [name for name in ("某型装置", "第三季度") if name in page]

    both = ["某型装置", "第三季度"]
    assert (
        found("") == found("?state=new") == found("?state=all") == found("?owner=nobody") == found("?q=sandisk") == both
    )
    assert found("?level=top_secret") == found("?q=绝密") == ["某型装置"]
    assert found(f"?q={again.unmapped.ticket.lower()}") == ["某型装置"]  # any of the numbers staff were told
    assert found("?q=WANG") == found("?q=王某某 研发一部") == ["第三季度"]
    assert found("?state=resolved") == found("?owner=mine") == found("?level=public") == found("?q=100%25") == []
    assert found("?state=nonsense&level=nonsense&page=999") == both
    assert "×2" in text(client.get("/incidents/"))


def test_long_lists_have_pages(enter, agent):
    agent.receipt([event() for _ in range(60)])
    client = enter("officer")
    first, second = (text(client.get(f"/incidents/?state=new&page={page}")) for page in (1, 2))
    assert first.count("<tr>") == 51
    assert second.count("<tr>") == 11
    assert 'href="?state=new&amp;page=2"' in first
    assert len(first.encode()) < 100_000


def test_many_repeats_stay_readable(enter, agent):
    from service.incidents.models import Incident

    first = event()
    agent.receipt([first, *(repeat(first) for _ in range(59))])
    page = text(enter("officer").get(f"/incidents/{Incident.objects.get().pk}/"))
    assert page.count('<li class="agent">') == 20
    assert "另有 40 次重复" in page


def test_a_wrong_clock_is_shown_and_breaks_nothing(enter, agent):
    from service.incidents.models import Incident

    agent.receipt([event(time=LATEST), event(time=0)])
    client = enter("officer")
    for one in Incident.objects.all():
        assert "电脑时间" in text(client.get(f"/incidents/{one.pk}/"))
    text(client.get("/incidents/"))
    text(client.get("/"))


def test_today_counts_what_its_links_list(enter, agent):
    agent.receipt([event(document=DOCUMENTS[1]), event(), event()])
    client = enter("officer")
    page = text(client.get("/"))
    assert "<b>3</b> <span>待处理</span>" in page
    assert "<b>1</b> <span>未办结的绝密事件</span>" in page
    assert text(client.get("/incidents/?state=new")).count("<tr>") == 4
    assert text(client.get("/incidents/?level=top_secret")).count("<tr>") == 2


def test_the_gravest_level_shows(enter, agent):
    first = event()
    agent.receipt([first, repeat(first, level=Level.TOP_SECRET)])
    assert 'class="level top_secret"' in text(enter("officer").get("/incidents/"))
