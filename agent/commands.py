"""What each command of the command line does, once its words are understood."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from agent import given, home
from config.errors import UsageError
from config.levels import Level
from config.text import Text, printable

Options = argparse.Namespace


def up(options: Options) -> int:
    """Collector and agent on this machine."""
    from agent.up import start

    return start(options.home, options.port, options.language)


def scan(options: Options) -> int:
    """Verdicts of files, as a table or as JSON lines."""
    from agent.scan import table
    from agent.scan.lines import encode, verdict_line
    from agent.scan.scan import Tally, scan

    paths = given.existing(options.paths)
    screen, out = Console(stderr=True, soft_wrap=True), sys.stdout.buffer
    tally, shown = Tally(), []
    with given.sandbox(options) as sandbox:
        verdicts = scan(paths, sandbox, options.workers, given.today())
        for verdict in table.progress(verdicts, tally, screen, options.language):
            if options.format == "jsonl":
                out.write(encode(verdict_line(verdict)))
                out.flush()
            elif options.all or verdict.status != "clean":
                shown.append(verdict)
    if options.format == "table":
        base = Path(os.path.commonpath(paths)) if len(paths) > 1 or paths[0].is_dir() else paths[0].parent
        table.table(shown, given.paper(), options.language, base)
    table.summary(tally, screen, options.language)
    return tally.exit_status


def extract(options: Options) -> int:
    """The text of files."""
    from agent.scan.lines import encode, text_line
    from agent.scan.walk import walk

    complete = True

    def miss(folder: Path, problem: OSError) -> None:
        nonlocal complete
        complete = False
        sys.stderr.write(f"shoumi: {printable(str(folder))}: {problem.strerror}\n")

    with given.sandbox(options) as sandbox:
        for path in (path for root in given.existing(options.paths) for path in walk(root, miss)):
            found = sandbox.extract(path)
            complete &= found.coverage.inspected
            if options.format == "jsonl":
                sys.stdout.buffer.write(encode(text_line(found.path, found.media_type, found.segments, found.coverage)))
            else:
                head = f"== {found.path} ({found.media_type})"
                if found.coverage.reasons:
                    head += " ! " + "; ".join(found.coverage.reasons)
                body = "".join(f"-- {segment.where}\n{segment.text}\n" for segment in found.segments)
                shown = printable(head + "\n" + body, "\n\t") if sys.stdout.isatty() else f"{head}\n{body}"
                sys.stdout.buffer.write(shown.encode("utf-8", "surrogateescape"))
    return 0 if complete else 3


def detect(options: Options) -> int:
    """Findings in text from standard input."""
    from agent.disk import read_own
    from agent.explain import show_detection
    from agent.report.identity import digest_key
    from agent.scan.lines import encode, hit_line
    from config.policy import load_policy
    from detectors.engine import Engine
    from detectors.registers import load as load_registers
    from detectors.ruleset import load_rules

    site = home.find(None)
    registers = load_registers(site.registers, site.signers())
    policy = load_policy(home.policy_file(None))
    engine = Engine(
        load_rules(given.rules(options), verify=bool(options.rules)).with_thresholds(policy.thresholds),
        digest_key(site.home),
        detectors=registers.detectors,
        cache=read_own(site.cache),
    )
    engine.correct(registers.corrections, given.today())
    if options.format == "table":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
        found = engine.detect(text, given.today())
        show_detection(found, text, given.paper(), options.language)
        return 1 if found.level > Level.PUBLIC else 0
    worst = Level.PUBLIC
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        name, text = _text_line(raw, number)
        found = engine.detect(text, given.today())
        worst = max(worst, found.level)
        line = hit_line(name, found.findings, found.marks, found.mentions)
        left = {"unfinished": found.unfinished, "cut": found.cut}
        sys.stdout.buffer.write(encode(line | {key: value for key, value in left.items() if value}))
        sys.stdout.buffer.flush()
    return 1 if worst > Level.PUBLIC else 0


def explain(options: Options) -> int:
    """One file in words."""
    from agent.explain import show
    from config.policy import load_policy

    (path,) = given.existing([options.file])
    if path.is_dir():
        raise UsageError(
            Text(f"{path} is a folder", f"{path} 是文件夹"), Text("use `shoumi scan`", "请使用 `shoumi scan`")
        )
    policy = load_policy(home.policy_file(options.policy))
    with given.sandbox(options) as sandbox:
        verdict = sandbox.verdict(path, given.today())
    show(verdict, policy, given.paper(), options.language)
    return 1 if verdict.level > Level.PUBLIC else 0 if verdict.coverage.inspected else 3


def lint(options: Options) -> int:
    """Advice on the marks of documents."""
    from agent.lint import run
    from agent.report.identity import digest_key
    from detectors.engine import Engine
    from detectors.ruleset import load_rules

    files = given.existing(options.files)
    if folder := next((path for path in files if path.is_dir()), None):
        raise UsageError(
            Text(f"{folder} is a folder", f"{folder} 是文件夹"), Text("name the files in it", "请逐个指定文件")
        )
    engine = Engine(load_rules(given.rules(options), verify=bool(options.rules)), digest_key(home.find(None).home))
    with given.sandbox(options) as sandbox:
        return run(
            files, sandbox, engine, given.today(), given.paper(), options.language, as_lines=options.format == "jsonl"
        )


def agent_run(options: Options) -> int:
    """The agent in the foreground; where it guards media, under a supervisor."""
    from agent.supervisor import can_guard

    if options.beat is None and can_guard():
        said = [f"--language={options.chosen}"] * bool(options.chosen) + ["--verbose"] * options.verbose
        where = [f"--home={options.home}"] * bool(options.home)
        program = [sys.executable, "-P", "-m", "agent.cli", *said, "agent", "run", *where]
        above = [sys.executable, "-P", "-m", "agent.supervisor", os.fspath(home.find(options.home).home), *program]
        os.execv(above[0], above)  # noqa: S606 - the supervisor stays small: nothing of this program is left in it
    from agent.run import run

    run(home.find(options.home, options.chosen), beats=-1 if options.beat is None else options.beat)
    return 0


def agent_enrol(options: Options) -> int:
    """Make this PC known to a collector and keep its address."""
    from agent.enrol import enrol_here

    said = options.token
    token = sys.stdin.readline().strip() if said == "-" else said
    enrolled = enrol_here(home.find(options.home), options.collector, token, options.ca)
    done = Text("Enrolled as {id}. Now run: shoumi agent run", "注册成功，编号 {id}。请运行：shoumi agent run")
    given.paper().print(done.fill(id=enrolled.agent_id).say(options.language))
    return 0


def agent_status(options: Options) -> int:
    """What was reported, in the words officers see."""
    from agent.records import show_status

    show_status(home.find(options.home), given.paper(), options.language)
    return 0


def agent_install(options: Options) -> int:
    """The agent as a service of this computer."""
    from agent.install.place import install

    install(options.home, options.root, given.paper(), options.language, dry_run=options.dry_run)
    return 0


def agent_uninstall(options: Options) -> int:
    """The service taken away."""
    from agent.install.place import uninstall

    uninstall(options.root, given.paper(), options.language, dry_run=options.dry_run)
    return 0


def policy_check(options: Options) -> int:
    """Read a policy and all rules as the agent would."""
    from config.policy import load_policy
    from detectors.ruleset import load_rules

    path = home.policy_file(options.file)
    policy = load_policy(path)
    rules = load_rules(given.rules(options), verify=True).with_thresholds(policy.thresholds)
    done = Text(
        "{path}: version {version}, {zones} zones. {rules} rules, {own} of them your own, each passing its own "
        "examples. All well.",
        "{path}：版本 {version}，{zones} 个区域；{rules} 条规则（其中自定义 {own} 条）均通过自带样例。检查通过。",
    )
    own = len(rules.names().keys() - load_rules(verify=False).names().keys())
    named = {"exact", "fingerprint"}  # rules that tables and documents make, whatever they are called
    unknown = [
        Text(
            f"coaching.{key}: no such rule here; the text is shown only if a signed word list has it",
            f"coaching.{key}：此处没有该规则，仅当已签名的词表含有该规则时才会显示",
        )
        for key in policy.coaching
        if "." in key and key.partition(".")[0] not in named and key not in rules.names()
    ]
    for warning in (*policy.warnings, *unknown):
        given.paper().print(Text("warning: {text}", "提醒：{text}").fill(text=warning).say(options.language))
    line = done.fill(path=path, version=policy.version, zones=len(policy.zones), rules=len(rules.rules), own=own)
    given.paper().print(line.say(options.language))
    return 0


def policy_show(options: Options) -> int:
    """Zones and levels as a matrix."""
    from agent.explain import show_policy
    from config.policy import load_policy

    show_policy(load_policy(home.policy_file(options.file)), given.paper(), options.language)
    return 0


def quarantine_list(options: Options) -> int:
    """What is kept."""
    from agent.records import show_quarantine

    show_quarantine(home.find(options.home), given.paper(), options.language, as_lines=options.format == "jsonl")
    return 0


def quarantine_release(options: Options) -> int:
    """Open one file with the officers' key."""
    from agent.act.quarantine import Quarantine
    from agent.report.identity import load_identity

    site = home.find(options.home)
    kept = Quarantine(site.home / "quarantine", load_identity(site.home).enrolled.recipient).release(
        options.id, options.key, options.to
    )
    done = Text("{path} is written. The sealed copy stays in quarantine.", "已写入 {path}，封存副本仍保留在隔离区。")
    given.paper().print(done.fill(path=options.to).say(options.language))
    return 0 if kept else 2


def doctor(options: Options) -> int:
    """What this machine can enforce."""
    from agent.doctor import examine

    return examine(home.find(options.home), given.paper(), options.language)


def _text_line(raw: bytes, number: int) -> tuple[Any, str]:
    try:
        line = json.loads(raw)
        text = line["text"]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        what = Text(f'line {number} is not an object with "text"', f"第 {number} 行不是含有“text”的对象")
        raise UsageError(
            what, Text('write lines such as {"id": 1, "text": "..."}', '每行格式：{"id": 1, "text": "..."}')
        )
    return line.get("id"), text
