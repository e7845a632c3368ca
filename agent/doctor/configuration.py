"""What this agent was set to."""

from __future__ import annotations

from collections.abc import Iterator

from agent.doctor.lines import Line
from agent.home import Site
from agent.report.identity import load_identity
from config.errors import ShoumiError
from config.text import Text


def configuration(site: Site) -> Iterator[Line]:
    """Policy, and whether a collector knows this agent."""
    try:
        policy = site.policy()
        yield (
            "ok",
            Text("policy {path}: version {n}", "策略 {path}：版本 {n}").fill(
                path=site.folder / site.settings.policy, n=policy.version
            ),
        )
    except ShoumiError as problem:
        yield "broken", problem.text
    try:
        enrolled = load_identity(site.home).enrolled
        yield (
            "ok",
            Text("enrolled as {id} at {url}", "已注册：{id}，{url}").fill(
                id=enrolled.agent_id, url=site.settings.collector
            ),
        )
    except ShoumiError as problem:
        yield "broken", Text("{why}: {hint}", "{why}：{hint}").fill(why=problem.text, hint=problem.hint)
