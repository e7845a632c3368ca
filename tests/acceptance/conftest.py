"""A collector and an agent that talk to each other, each a process of its own."""

import subprocess
import sys

import pytest

from tests.acceptance.processes import ENVIRONMENT, Collector, Process


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
