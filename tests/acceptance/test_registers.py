"""A register's way: signed by an officer, published, fetched by an agent that runs, and a pasted paragraph stopped."""

import os
import sqlite3
import subprocess
import sys

from tests.acceptance.processes import ENVIRONMENT, wait
from tests.documents import pdf, word

PASSWORD = "a quiet river at noon"
_CHOOSE = f"""
import django; django.setup()
from service.officers.models import Officer
from service.officers.services import set_own_password
set_own_password(Officer.objects.get(username="officer"), "{PASSWORD}")
"""
_PARAGRAPHS = """\
一号厂房的搬迁分三个阶段进行，第一阶段由设备科清点现有机床并逐台登记编号，第二阶段把恒温间的测量仪器装入减震箱，由两名押运员随车护送至新址，\
第三阶段在新址完成校准，校准记录由质量部门签字后存入档案室。
搬迁期间生产任务由二号厂房承担，夜班增加一个班组，原料库存应当满足四十五天的用量，\
供货单位的联络人名单由采购处单独保管，任何人不得在电话中谈论运输路线和时间安排。
新址的供电由东侧变电站接入，备用电源为两台柴油发电机，油料储备能够维持七十二小时，\
消防通道宽度不得小于六米，危险化学品仓库与办公楼之间的距离按照设计图纸执行。""".splitlines()


def run(*words, module="agent.cli", given=None, home=None):
    arguments = [sys.executable, "-m", module, *map(str, words), *(["--home", str(home)] if home else [])]
    done = subprocess.run(arguments, capture_output=True, text=True, env=ENVIRONMENT, input=given)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def column(collector, query):
    database = sqlite3.connect(f"file:{collector.home / 'collector.db'}?mode=ro", uri=True)
    try:
        return [str(row[0], "utf-8") for row in database.execute(query)]
    finally:
        database.close()


def beat(collector):
    return column(collector, "SELECT beat FROM fleet_agent")[0]


def test_a_pasted_paragraph_of_a_registered_document_is_stopped(site, tmp_path):
    collector, home, zone, start = site
    office = tmp_path / "office"
    plan = tmp_path / "plan.docx"
    plan.write_bytes(word(*_PARAGRAPHS))
    other = "请各位同事周五下班前把本周的会议纪要发给我，谢谢。附：\n"

    subprocess.run(
        [sys.executable, "-c", _CHOOSE],
        env={**os.environ, "SHOUMI_HOME": str(collector.home), "DJANGO_SETTINGS_MODULE": "service.settings"},
        check=True,
    )
    said = run("fingerprint", "add", plan, "--level", "secret", "--name", "plans", home=office)
    key = said.split("signed by ")[1].split()[0]
    officer = {"module": "service", "given": PASSWORD + "\n", "home": collector.home}
    run("signer", "add", key, "--name", "王某", "--officer", "officer", **officer)
    enrol = ("agent", "enrol", "--collector", collector.url, "--token", collector.token())
    run(*enrol, home=home)  # again: now it learns of the signer
    with (home / "agent.yaml").open("a") as settings:
        settings.write("heartbeat_seconds: 0.5\n")
    agent = start()
    wait(lambda: "agent runs" in agent.said(), 40, agent.said)
    (zone / "before.txt").write_text(other + _PARAGRAPHS[1], "utf-8")

    run("register", "add", office / "registers" / "plans.signed", "--officer", "officer", **officer)
    wait((home / "registers" / "plans.signed").exists, 30, agent.said)
    assert (home / "registers" / "plans.signed").read_bytes() == (office / "registers" / "plans.signed").read_bytes()
    assert (zone / "before.txt").exists()  # it was looked at when nothing was registered

    (zone / "letter.txt").write_text(other + _PARAGRAPHS[1], "utf-8")
    (zone / "harmless.txt").write_text(other * 3, "utf-8")
    lines = [text[at : at + 36] for text in (_PARAGRAPHS[2], _PARAGRAPHS[0]) for at in range(0, len(text), 36)]
    (zone / "export.pdf").write_bytes(pdf(lines))
    wait(lambda: not (zone / "letter.txt").exists() and not (zone / "export.pdf").exists(), 40, agent.said)
    assert (zone / "harmless.txt").exists()

    events = wait(
        lambda: (found := column(collector, "SELECT body FROM ingest_event")) and len(found) >= 2 and found,
        20,
        agent.said,
    )
    for body in events:
        assert "fingerprint.plans" in body
        assert "登记文件" in body
        assert not any(paragraph[at : at + 6] in body for paragraph in _PARAGRAPHS for at in range(len(paragraph) - 6))

    wait(lambda: '"registers":{"plans":1}' in beat(collector), 20, agent.said)

    run("fingerprint", "remove", "--all", "--name", "plans", home=office)
    run("register", "add", office / "registers" / "plans.signed", "--officer", "officer", **officer)
    wait(lambda: '"registers":{"plans":2}' in beat(collector), 20, agent.said)
    (zone / "after.txt").write_text(other + _PARAGRAPHS[1] + " ", "utf-8")
    (zone / "机密★10年.txt").write_text("looked at after it", "utf-8")
    wait(lambda: not (zone / "机密★10年.txt").exists(), 40, agent.said)
    assert (zone / "after.txt").exists()
    assert agent.stop() == 0
    assert run("audit", "verify", module="service", home=collector.home)
