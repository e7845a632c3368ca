import re

import pytest

from config.text import Text
from service.clock import DAY, MINUTE, now
from tests.service.factory import DEVICES, Agent


def row():
    from service.fleet.models import Agent as Row

    return Row.objects.get()


def words(**changes):
    from service.fleet.health import health

    one = row()
    for name, value in changes.items():
        setattr(one, name, value)
    return [remark.text for remark in health(one, now())]


def test_health_is_said_in_words(agent):
    assert words() == ["已注册，尚未联络"]
    agent.beat()
    assert words() == ["正常"]
    agent.beat(spool=2, parked=1, time=now() + 5 * MINUTE, sandbox={"network": True, "syscalls": False})
    assert words() == ["1 条事件被拒收，已留存在电脑上", "2 条事件待上报", "时钟快 5 分钟", "沙箱缺少 syscalls"]
    agent.beat(problems=(Text("the disk is full", "磁盘已满"),), watched=0)
    assert words() == ["磁盘已满", "尚未监视任何位置"]
    assert words(seen=now() - 3 * DAY)[0] == "已失联 3 天"
    assert words(revoked=now()) == ["已吊销"]


def test_in_english_too(agent):
    from django.utils import translation

    agent.beat(spool=1, time=now() - 5 * MINUTE)
    with translation.override("en"):
        assert words() == ["1 event waiting", "clock 5 minutes behind"]
        assert words(seen=now() - 3 * DAY)[0] == "silent for 3 days"


def test_the_page_lists_the_worst_first_and_filters(enter, agent, post, token):
    other = Agent(post, DEVICES[1])
    other.enrol(token)
    agent.beat()
    other.beat(parked=3)
    client = enter("sysadmin")
    page = client.get("/agents/").content.decode()
    assert page.index(DEVICES[1]) < page.index(f"<b>{DEVICES[0]}")
    bad = client.get("/agents/?health=bad").content.decode()
    assert DEVICES[1] in bad
    assert f"<b>{DEVICES[0]}" not in bad
    today = client.get("/").content.decode()
    assert "<b>1</b> <span>异常客户端</span>" in today
    assert "<b>1</b> <span>正常客户端</span>" in today


def test_the_console_makes_a_token_that_works(enter, post):
    client = enter("sysadmin")
    page = client.post("/agents/enrol/", {"department": "财务处", "uses": 2, "days": 1}).content.decode()
    command = re.search(r'id="command">([^<]+)<', page)[1]
    token = re.fullmatch(r"shoumi agent enrol --collector http://testserver --token (\S+)", command)[1]
    assert Agent(post).enrol(token)[0] == 200
    assert row().department == "财务处"
    assert "0 / 2" not in client.get("/agents/").content.decode()
    assert "1 / 2" in client.get("/agents/").content.decode()


@pytest.mark.parametrize(("uses", "days"), [(0, 1), (1, 0), (1001, 1), (1, 31), ("x", 1)])
def test_tokens_have_limits(enter, uses, days):
    from service.fleet.models import Token

    page = enter("sysadmin").post("/agents/enrol/", {"uses": uses, "days": days}).content.decode()
    assert 'class="error"' in page
    assert Token.objects.count() == 1  # the one that init made


def test_revoking_is_recorded_and_works_at_once(enter, agent):
    from service.audit.models import Record

    enter("sysadmin").post(f"/agents/{agent.id}/revoke/")
    assert agent.beat()[0] == 401
    last = Record.objects.latest("seq")
    assert (last.act, last.object, last.actor) == ("agent.revoked", agent.id, "sysadmin")


GUARD = {"gateway": "yes", "fuse": "yes", "fanotify": "yes", "udev_rule": "yes", "service": "yes"}


def test_what_is_prevented_is_said_in_words(agent, enter):
    agent.beat(guard=GUARD)
    assert words() == ["正常"]
    agent.beat(guard=GUARD | {"udev_rule": "not installed", "service": "systemd does not run here"})
    assert words() == ["防护缺少 udev 规则, 系统服务"]
    page = enter("sysadmin").get("/agents/").content.decode()
    assert "写入前" in page
    assert "有意等待的程序可能写入" in page
    agent.beat(guard=GUARD | {"gateway": "no", "fuse": "there is no /dev/fuse"})
    assert words() == ["复制到介质的文件在写入后才被发现"]
    assert "不能在写入前阻止" in enter("sysadmin").get("/agents/").content.decode()
    agent.beat(guard=GUARD | {"pre_access": "this kernel has it not", "of a later version": "no"})
    assert words() == ["正常"]
