from types import SimpleNamespace

import pytest

from agent import health as module
from agent.health import Health
from agent.report.spool import Spool
from config.policy import Policy
from config.text import Text
from tests.events import event


@pytest.fixture
def parts(tmp_path):
    spool = Spool(tmp_path / "spool.db", reserve=0)
    (tmp_path / "quarantine").mkdir()
    pipeline = SimpleNamespace(inspected=3, uninspected=1, problem=None)
    watch = SimpleNamespace(roots=[tmp_path], problems=[])
    layers = {"seccomp": True, "landlock": True}
    yield spool, pipeline, watch, Health(tmp_path, Policy(7, (), digest="abc"), pipeline, watch, spool, layers), layers
    spool.close()


def words(health):
    return " ".join(problem.en for problem in health.problems())


def test_a_heartbeat_counts(parts, tmp_path, monkeypatch):
    spool, _, _, health, _ = parts
    spool.put(event())
    (tmp_path / "quarantine" / "x.age").touch()
    beat = health.heartbeat()
    assert (beat.spool, beat.parked, beat.quarantined, beat.inspected, beat.uninspected) == (1, 0, 1, 3, 1)
    assert (beat.policy, beat.watched) == ("7 (abc)", 1)


@pytest.mark.parametrize("jump", [-7200, 7200])
def test_a_clock_that_jumps_is_said_until_it_was_heard(parts, monkeypatch, jump):
    health = parts[3]
    assert "clock" not in words(health)
    real = module._now
    monkeypatch.setattr(module, "_now", lambda: real() + jump * 1000)
    for _ in range(2):  # a heartbeat that was refused for its time does not make it forgotten
        assert f"jumped by {jump:+d} s" in words(health)
    health.heard()
    assert "clock" not in words(health)


def test_every_trouble_has_words_in_both_languages(parts, monkeypatch):
    spool, pipeline, watch, health, layers = parts
    pipeline.problem = Text("the disk is full", "磁盘已满")
    watch.problems.append(Text("x is swept", "x 定期检查"))
    layers["landlock"] = False
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    spool._database.execute("PRAGMA max_page_count = 1")
    for _ in range(3):
        spool.put(event())
    found = list(health.problems())
    text = " ".join(problem.en for problem in found)
    for part in ("disk is full", "x is swept", "landlock", "nearly full", "held in memory"):
        assert part in text
    assert all(problem.zh != problem.en for problem in found)
    spool._database.execute("PRAGMA max_page_count = 100000")


def test_a_heartbeat_says_what_prevention_rests_on(parts, monkeypatch):
    health = parts[3]
    asked = []
    monkeypatch.setattr(
        module, "support", lambda: asked.append(1) or {"fuse": True, "service": Text("it is failed", "x")}
    )
    assert health.heartbeat().guard == {"gateway": "no", "fuse": "yes", "service": "it is failed"}
    health.arrivals = SimpleNamespace(guards=True, problems=[])
    assert health.heartbeat().guard["gateway"] == "yes"
    assert len(asked) == 1, "not at every heartbeat"
