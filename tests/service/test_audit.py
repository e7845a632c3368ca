import json
import sqlite3
import subprocess
import sys

import pytest

from tests.service.factory import event


def command(home, *words):
    done = subprocess.run(
        [sys.executable, "-m", "service", "--language", "en", *words, "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def database(home):
    """The file as somebody with a shell would open it, the guards taken away first."""
    from django.db import connections

    connections.close_all()
    opened = sqlite3.connect(home / "collector.db", isolation_level=None)
    opened.execute("PRAGMA journal_mode=DELETE")
    return opened


@pytest.fixture
def chain(home):
    from service.audit.acts import Act
    from service.audit.services import Actor, append

    for number in range(6):
        append(Actor("officer", "officer"), Act.COMMENT, str(number), note="备注")
    return home


def state():
    from service.audit.services import verify

    return verify()


def test_an_untouched_chain_holds(chain):
    from service.audit.models import Record

    found = state()
    assert found.broken is None
    assert found.count == Record.objects.count() == 11
    assert found.hash == Record.objects.latest("seq").hash
    status, out, _ = command(chain, "audit", "verify")
    assert status == 0
    assert "11 acts verified" in out
    assert found.hash in out


@pytest.mark.parametrize("statement", ["UPDATE audit_record SET actor = 'x'", "DELETE FROM audit_record"])
def test_the_database_refuses_changes(chain, statement):
    with database(chain) as opened, pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        opened.execute(statement)
    opened.close()


@pytest.mark.parametrize(
    ("statement", "record"),
    [
        ("UPDATE audit_record SET actor = 'nobody' WHERE seq = 7", 7),
        ("UPDATE audit_record SET detail = '{}' WHERE seq = 5", 5),
        ("UPDATE audit_record SET time = time - 1 WHERE seq = 9", 9),
        ("DELETE FROM audit_record WHERE seq = 6", 7),
        ("DELETE FROM audit_record WHERE seq = 1", 2),
        ("DELETE FROM audit_record WHERE seq > 8", 9),
        ("DELETE FROM audit_record", 1),
        ("UPDATE audit_record SET seq = 100 WHERE seq = 3", 4),
    ],
)
def test_tampering_is_found_and_the_record_named(chain, statement, record):
    opened = database(chain)
    guards = opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        opened.execute(f"DROP TRIGGER {name}")
    opened.execute(statement)
    for _, made in guards:  # put back, so that only the chain itself can tell
        opened.execute(made)
    opened.close()
    status, out, _ = command(chain, "audit", "verify")
    assert status == 1
    assert f"BROKEN at record {record}" in out


def test_rewriting_the_end_is_found_by_the_noted_head(chain):
    """Whoever recomputes the hashes of the last records fits the chain, but not the note outside it."""
    from service.audit.chain import digest
    from service.audit.models import Record

    last = Record.objects.latest("seq")
    last.actor = "somebody else"
    last.hash = digest(last)
    opened = database(chain)
    opened.execute("DROP TRIGGER audit_no_update")
    opened.execute("UPDATE audit_record SET actor = ?, hash = ? WHERE seq = ?", (last.actor, last.hash, last.seq))
    opened.close()
    assert state().broken.seq == last.seq


def test_missing_guards_are_noticed(chain):
    opened = database(chain)
    opened.execute("DROP TRIGGER audit_no_delete")
    opened.close()
    assert "triggers" in state().broken.why.en


def test_an_act_and_its_record_are_kept_or_lost_together(agent, officers, monkeypatch):
    from service.audit.models import Record
    from service.incidents import services
    from service.incidents.models import Incident

    agent.receipt([event()])
    before = Record.objects.count()
    monkeypatch.setattr(services, "append", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        services.take(Incident.objects.get().pk, 1, officers["officer"])
    assert Incident.objects.get().state == "new"
    assert Record.objects.count() == before


def test_the_page_says_whether_it_holds_and_who_looked(enter):
    client = enter("auditor")
    page = client.post("/audit/verify/", follow=True).content.decode()
    assert "审计链完好" in page
    assert "核验审计链" in page
    filtered = client.get("/audit/?act=audit.verified&actor=auditor").content.decode()
    assert filtered.count("<tr>") == 2
    assert client.get("/audit/?act=nonsense&page=99&actor=x").status_code == 200


def test_the_page_names_the_broken_record(enter, chain):
    opened = database(chain)
    opened.execute("DROP TRIGGER audit_no_update")
    opened.execute("UPDATE audit_record SET object = 'x', detail = '[7' WHERE seq = 6")
    opened.close()
    client = enter("auditor")
    assert "第 6 条记录处断裂" in client.get("/audit/").content.decode()
    assert "it is broken" in enter("auditor", "en").get("/").content.decode()


def test_the_export_is_whole_and_can_be_checked_elsewhere(chain):
    import hashlib

    status, out, _ = command(chain, "audit", "export")
    *records, end = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert end["head"] == {"seq": 12, "hash": records[-1]["hash"]}
    before = "0" * 64
    for one in records:  # the rule as an auditor would write it down
        fields = [one[key] for key in ("seq", "time", "actor", "role", "act", "object", "detail", "previous")]
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert one["previous"] == before
        assert hashlib.sha256(text.encode()).hexdigest() == one["hash"]
        before = one["hash"]


def test_a_long_chain_is_not_followed_anew_for_every_page(chain, monkeypatch):
    from service.audit import services
    from service.audit.acts import Act

    monkeypatch.setattr(services, "SMALL", 3)
    assert services.verified_lately() == services.verify()
    services.append(services.SERVER, Act.EXPORTED)
    seen = []
    real = services.check
    monkeypatch.setattr(
        services, "check", lambda records, *rest: real((seen.append(one) or one for one in records), *rest)
    )
    lately = services.verified_lately()
    assert [one.act for one in seen] == ["audit.exported"]
    assert lately == services.verify()


def test_no_page_can_change_the_trail():
    from service.officers.roles import ROLES

    assert {name for name in ROLES if name.startswith("audit:")} == {"audit:trail", "audit:verify"}
