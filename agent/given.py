"""What the words after a command stand for: files that exist, rules, passwords, the readers to read with."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from agent import home
from config.errors import UsageError
from config.signing import utc_now
from config.text import Text

if TYPE_CHECKING:
    from agent.extract.sandbox.pool import Sandbox

Options = argparse.Namespace


@contextmanager
def sandbox(options: Options) -> Iterator[Sandbox]:
    """The readers of files, with the rules, registers and policy in force here."""
    from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted
    from agent.report.identity import digest_key
    from config.policy import load_policy
    from detectors.ruleset import load_rules

    if options.rules:
        load_rules(rules(options), verify=True)  # a wrong rule is said here, in words, before any file is read
    if options.workers < 1:
        raise UsageError(Text("--workers must be 1 or more", "--workers 至少为 1"))
    site = home.find(None)
    policy = load_policy(home.policy_file(None))
    setup = Setup(
        site.settings.limits,
        tuple(map(str, rules(options))),
        digest_key(site.home),
        policy.exam_level,
        ocr=ocr_wanted(site.settings.ocr if options.ocr is None else options.ocr),
        passwords=(*policy.passwords, *passwords(options.passwords)),
        registers=str(site.registers),
        signers=site.signers(),
        thresholds=policy.thresholds,
        cache=str(site.cache),
    )
    with Sandbox(setup, options.workers) as readers:
        yield readers


def passwords(path: Path | None) -> list[str]:
    """One a line."""
    if path is None:
        return []
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "not UTF-8"
        raise UsageError(
            Text(f"{path} cannot be read: {why}", f"无法读取 {path}：{why}"),
            Text("give a UTF-8 text with one password a line", "请提供每行一个密码的 UTF-8 文本"),
        ) from None


def rules(options: Options) -> list[Path]:
    """The shipped rules and, beside them, one's own."""
    from config.rules import SHIPPED

    return [SHIPPED, *existing(options.rules)]


def existing(paths: Sequence[Path]) -> list[Path]:
    """Their true paths.

    Raises:
        UsageError: one is not there.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(Text(f"there is no {path}", f"不存在：{path}"), Text("check the name", "请检查路径"))
    return [Path(os.path.realpath(path)) for path in paths]


def today() -> date:
    """The day of this machine's clock, where it stands."""
    return utc_now().astimezone().date()


def paper() -> Console:
    """Standard output: coloured and as wide as the terminal; plain and never folded otherwise."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200)
