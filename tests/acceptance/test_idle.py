"""At rest the agent is small: readers leave when there is nothing to read, and come back for the next file."""

import shutil
from datetime import date

import psutil

from agent.sample import write_sample
from tests.acceptance.processes import wait

MOST = 80 * 2**20  # bytes resident, in all processes of the agent: the one that guards media is half as large again


def test_an_idle_agent_is_small_and_wakes_up(site, tmp_path):
    _, home, zone, start = site
    with (home / "agent.yaml").open("a") as settings:
        settings.write("idle_seconds: 0.5\n")
    sample = tmp_path / "sample.docx"
    write_sample(sample, date(2026, 11, 23))
    agent = start()
    wait(lambda: "The agent runs" in agent.said(), 30, agent.said)
    process = psutil.Process(agent.agent())
    for number in range(2):
        shutil.copy(sample, zone / f"copy-{number}.docx")
        wait(lambda: not any(zone.iterdir()), 30, agent.said)
        wait(lambda: not process.children(recursive=True), 30, "the readers stay")
    resident = process.memory_info().rss
    above = psutil.Process(agent.popen.pid)
    resident += above.memory_info().rss * (above.pid != process.pid)
    print(f"the idle agent takes {resident / 2**20:.1f} MiB, its supervisor included")
    assert resident < MOST
