"""``shoumi correct``: an officer signs that a find is false, and where; the machines that trust the signer obey it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
from rich.console import Console

from agent import given, home
from agent.home import Site
from agent.proposal import Wish, propose
from agent.report.identity import digest_key
from agent.signer import write_register
from config.errors import UsageError
from config.signed import verify
from config.text import Language, Text, printable
from config.verdict import Segment
from detectors.corrections import KIND, Correction, Register, read
from detectors.engine import Engine
from detectors.ruleset import load_rules

NAME = "corrections"  # of the register


def run(options: argparse.Namespace) -> int:
    """Sign that a find is false; or list what is signed, or take one back."""
    site = home.find(options.home)
    paper, language = given.paper(), options.language
    if options.file == "remove":
        gone = remove(site, options.id or "")
        paper.print(Text("Withdrawn: {id}", "已撤销：{id}").fill(id=gone.id).say(language))
        return 0
    engine = Engine(load_rules(given.rules(options), verify=bool(options.rules)), digest_key(site.home))
    if options.file == "list":
        entries = stored(site)
        left_out = refused(engine, entries, given.today())
        for entry in entries:
            show(entry, paper, language, left_out.get(entry.id))
        if not entries:
            paper.print(Text("No corrections.", "没有更正。").say(language))
        return 0
    entry = propose(_wish(options), _segments(options), engine, given.today())
    show(entry, paper, language)
    if options.dry_run:
        return 0
    if not options.yes and not _agreed(language):
        return 2
    path = add(site, entry)
    paper.print(Text("Signed: {path}", "已签发：{path}").fill(path=path).say(language))
    return 0


def _wish(options: argparse.Namespace) -> Wish:
    if not options.rule or not options.reason:
        raise UsageError(
            Text("--rule and --reason are needed", "必须给出 --rule 和 --reason"),
            Text("the reason is kept with the officer's name", "理由将与签发人一并留存"),
        )
    return Wish(
        rule=options.rule,
        reason=options.reason,
        number=options.finding,
        before=options.before,
        after=options.after,
        officer=options.officer,
        expires=str(options.expires or ""),
        still=options.still,
    )


def _segments(options: argparse.Namespace) -> list[Segment]:
    """The text to correct in: the one given, or that of a file."""
    if (options.text is None) == (options.file is None):
        raise UsageError(
            Text("give a file or --text", "请给出文件或 --text"),
            Text(
                "such as: shoumi correct FILE --rule cn.mobile --reason …",
                "例如：shoumi correct 文件 --rule cn.mobile --reason …",
            ),
        )
    if options.text is not None:
        return [Segment(options.text, "")]
    (path,) = given.existing([Path(options.file)])
    with given.sandbox(options) as sandbox:
        return list(sandbox.extract(path).segments)


def _agreed(language: Language) -> bool:
    """Whether the officer confirms what is shown."""
    if not sys.stdin.isatty():
        raise UsageError(
            Text("nothing was signed, for nobody confirmed it", "未经确认，没有签发"),
            Text("look at it, then say --yes", "请核对后加 --yes 重新运行"),
        )
    sys.stderr.write(Text("Sign this? [y/N] ", "确认签发？[y/N] ").say(language))
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


def stored(site: Site) -> tuple[Correction, ...]:
    """The corrections signed on this machine.

    Raises:
        SignatureError: the register is damaged, or signed by a key that is not trusted here.
    """
    path = site.registers / f"{NAME}.signed"
    if not path.exists():
        return ()
    header, begin = verify(path, site.signers())
    return read(path, begin) if header.kind == KIND else ()


def store(site: Site, entries: Sequence[Correction]) -> Path:
    """Sign all corrections anew."""
    return write_register(site.home, KIND, NAME, msgspec.json.encode(Register(tuple(entries))))


def add(site: Site, entry: Correction) -> Path:
    """Sign one more correction."""
    return store(site, (*stored(site), entry))


def remove(site: Site, name: str) -> Correction:
    """Withdraw the correction whose id begins so.

    Raises:
        UsageError: none, or more than one.
    """
    entries = stored(site)
    found = [entry for entry in entries if name and entry.id.startswith(name)]
    if len(found) != 1:
        raise UsageError(
            Text(f"{len(found)} corrections begin with '{name}'", f"有 {len(found)} 条更正以“{name}”开头"),
            Text("`shoumi correct list` shows them", "请用 `shoumi correct list` 查看"),
        )
    store(site, [entry for entry in entries if entry is not found[0]])
    return found[0]


def show(entry: Correction, console: Console, language: Language, why: Text | None = None) -> None:
    """One correction in words, and why it is not in force."""

    def line(en: str, zh: str, value: str) -> None:
        console.print(f"  {Text(en, zh).say(language)} {printable(value)}", markup=False)

    console.print(f"{entry.id}  {entry.rule}", markup=False)
    find = f"[{entry.mark}]" if entry.mark else "[…]"
    shown = f"{entry.before}{find}{entry.after}".replace("\n", "⏎")
    line("where: ", "上下文：", shown)
    line("in: ", "位置类别：", entry.zone)
    line("reason:", "理由：", entry.reason)
    line("signed:", "签发：", f"{entry.officer} {entry.made} – {entry.expires}")
    if why is not None:
        line("not in force:", "未生效：", why.say(language))


def refused(engine: Engine, entries: Sequence[Correction], today: date) -> dict[str, Text]:
    """The corrections that are not in force, and why."""
    return {entry.id: why for entry, why in engine.correct(entries, today)}
