"""Agent and collector are killed with SIGKILL in mid-flight, again and again: every copy is accounted for once."""

import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import date

from agent.sample import write_sample
from tests.acceptance.processes import ENVIRONMENT, wait

COPIES = 24


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
    wait(lambda: (home / "agent.pid").read_text() == str(second.agent()), 20, second.said)
    third = start()
    assert third.popen.wait(20) == 2, "one agent per home"
    assert "already runs" in third.said()
    second.stop()
