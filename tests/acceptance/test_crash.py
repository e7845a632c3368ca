"""Agent and collector are killed with SIGKILL in mid-flight, again and again: every copy is accounted for once."""

import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import date

import pytest

from agent.sample import write_sample
from tests.acceptance.processes import ENVIRONMENT, Collector, Process, wait

COPIES = 24


@pytest.fixture
def site(tmp_path):
    """A running collector, and an enrolled agent with one zone."""
    collector = Collector(tmp_path / "collector", tmp_path / "collector.log")
    collector.start()
    home, zone = tmp_path / "agent", tmp_path / "zone"
    zone.mkdir()
    enrolled = subprocess.run(
        [
            sys.executable,
            "-m",
            "agent.cli",
            "agent",
            "enrol",
            "--home",
            home,
            "--collector",
            collector.url,
            "--token",
            collector.token(),
        ],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    assert enrolled.returncode == 0, enrolled.stderr
    zone_line = f"  - {{name: stick, clearance: public, match: {{path: '{zone}'}}}}\n"
    (home / "policy.yaml").write_text("version: 1\nzones:\n" + zone_line)
    with (home / "agent.yaml").open("a") as settings:
        settings.write("spool: {retry_seconds: 0.5}\n")
    agents = []

    def start():
        agents.append(Process(tmp_path / "agent.log", "agent.cli", "agent", "run", "--home", home))
        return agents[-1]

    yield collector, home, zone, start
    for agent in agents:
        agent.kill()
    collector.process.kill()


def stored(collector):
    database = sqlite3.connect(f"file:{collector.home / 'collector.db'}?mode=ro", uri=True)
    try:
        return database.execute("SELECT uid, body FROM ingest_event").fetchall()
    finally:
        database.close()


def test_nothing_is_lost_when_both_are_killed(site, tmp_path):
    collector, home, zone, start = site
    sample = tmp_path / "sample.docx"
    write_sample(sample, date(2026, 11, 23))
    digest = hashlib.sha256(sample.read_bytes()).hexdigest()
    random_ = random.Random(7)
    agent = start()
    for number in range(COPIES):
        shutil.copy(sample, zone / f"copy-{number}.docx")
        time.sleep(random_.uniform(0, 0.3))
        if number % 6 == 3:
            agent.kill()
            agent = start()
        if number % 8 == 5:
            collector.process.kill()
            collector.start()
    wait(lambda: not list(zone.iterdir()), 60, lambda: agent.said()[-2000:])
    wait(
        lambda: len(stored(collector)) >= COPIES,
        60,
        lambda: f"{len(stored(collector))} of {COPIES}: {agent.said()[-2000:]}",
    )
    time.sleep(1)
    events = stored(collector)
    assert len(events) == COPIES, "each copy once: neither lost nor doubled"
    sealed = [path.stem for path in (home / "quarantine").glob("*.age")]
    assert sorted(sealed) == sorted(uid for uid, _ in events)
    assert all(digest in str(body, "utf-8") for _, body in events)
    key = collector.home / "officers.age-key"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "agent.cli",
            "quarantine",
            "release",
            "--home",
            home,
            sealed[0],
            "--key",
            key,
            "--to",
            tmp_path / "out",
        ],
        capture_output=True,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_bytes() == sample.read_bytes()
    assert sample.exists()


def test_a_collector_that_is_down_for_a_while(site, tmp_path):
    collector, home, zone, start = site
    sample = tmp_path / "sample.docx"
    write_sample(sample, date(2026, 11, 23))
    agent = start()
    collector.process.kill()
    shutil.copy(sample, zone / "a.docx")
    wait(lambda: not list(zone.iterdir()), 30, agent.said)
    time.sleep(1)
    assert stored(collector) == []
    collector.start()
    wait(lambda: len(stored(collector)) == 1, 30, agent.said)
    assert agent.stop() == 0
    assert "Traceback" not in agent.said()
    second = start()
    wait(lambda: (home / "agent.pid").read_text() == str(second.popen.pid), 20, second.said)
    third = start()
    assert third.popen.wait(20) == 2, "one agent per home"
    assert "already runs" in third.said()
    second.stop()
