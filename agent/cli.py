"""The command line: its words and their help. What they do stands in :mod:`agent.commands`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from config.errors import ShoumiError
from config.text import Language, Text, system_language

INTERRUPTED = 130  # the shell's number for Ctrl-C
CLOSED = 141  # and for a closed pipe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is given back."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["collector"]:  # its own program: agent and service share nothing but config
        os.execv(sys.executable, [sys.executable, "-P", "-m", "service", *words[1:]])  # noqa: S606
    options = _parser().parse_args(words)
    options.chosen = options.language  # None: not said, so that settings may
    language: Language = options.language or system_language()
    options.language = language
    level = logging.DEBUG if options.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    try:
        status = options.run(options)
        sys.stdout.flush()
    except ShoumiError as error:
        sys.stderr.write(f"shoumi: {error.say(language)}\n")
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # `| head` has seen enough (rich exits then); that is neither clean nor not
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    except Exception as problem:  # never 1: that means something sensitive was found
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        unexpected = Text("unexpected trouble: {what}", "意外错误：{what}").fill(
            what=f"{type(problem).__name__}: {problem}"
        )
        hint = Text("run it again with --verbose and report what it says", "请加 --verbose 重新运行并反馈输出内容")
        sys.stderr.write(f"shoumi: {ShoumiError(unexpected, hint).say(language)}\n")
        return ShoumiError.exit_status
    return int(status or 0)


def _parser() -> argparse.ArgumentParser:  # noqa: PLR0915 - a list, read from top to bottom
    from agent import commands

    parser = argparse.ArgumentParser(
        prog="shoumi",
        description="Keeps marked and sensitive documents where they belong. 守密：让涉密文件留在该在的地方。",
        epilog="Exit status: 0 nothing sensitive, 1 something sensitive, 2 wrong usage or configuration, "
        "3 nothing sensitive found but not everything could be inspected.",
    )
    parser.add_argument("--version", action="version", version=f"shoumi {version('shoumi')}")
    parser.add_argument("--language", choices=["en", "zh"], help="of messages; default: that of the system")
    parser.add_argument("--verbose", action="store_true", help="say more on stderr")
    groups = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, help_text: str, into: argparse._SubParsersAction[argparse.ArgumentParser] = groups
    ) -> argparse.ArgumentParser:
        made = into.add_parser(name, help=help_text, description=help_text)
        made.add_argument("--language", choices=["en", "zh"], default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return made

    up = command("up", "collector and agent on this machine, with an embedded database")
    up.add_argument("--home", type=Path, default=Path(".shoumi"), help="where everything is kept (default: .shoumi)")
    up.add_argument("--port", type=int, default=8600, help="of the console; a taken one is stepped over")
    up.set_defaults(run=commands.up)

    scan = command("scan", "give every file below PATH a verdict")
    scan.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    scan.add_argument("--format", choices=["table", "jsonl"], default="table")
    scan.add_argument("--all", action="store_true", help="list clean files too")
    _reading(scan)
    scan.set_defaults(run=commands.scan)

    extract = command("extract", "print the text that detection sees")
    extract.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    extract.add_argument("--format", choices=["text", "jsonl"], default="text")
    _reading(extract)
    extract.set_defaults(run=commands.extract)

    detect = command("detect", 'look at text on standard input; with jsonl, at lines of {"id", "text"}')
    detect.add_argument("--format", choices=["table", "jsonl"], default="table")
    detect.add_argument(
        "--rules", action="append", type=Path, default=[], metavar="DIR", help="your own, beside the shipped"
    )
    detect.set_defaults(run=commands.detect)

    explain = command("explain", "say in words what a file is, why, and where policy lets it go")
    explain.add_argument("file", type=Path, metavar="FILE")
    explain.add_argument("--policy", type=Path, help="default: the one in force here, else the shipped one")
    _reading(explain)
    explain.set_defaults(run=commands.explain)

    lint = command("lint", "say what is wrong with the marks of your own documents, and what to write instead")
    lint.add_argument("files", nargs="+", type=Path, metavar="FILE")
    lint.add_argument("--format", choices=["table", "jsonl"], default="table")
    _reading(lint)
    lint.set_defaults(run=commands.lint)

    agent = command("agent", "the program on a PC").add_subparsers(required=True, metavar="ACTION")
    run = command("run", "watch zones and removable media, until Ctrl-C", agent)
    run.add_argument("--home", type=Path)
    run.add_argument("--beat", type=int, help=argparse.SUPPRESS)  # given by the supervisor
    run.set_defaults(run=commands.agent_run)
    enrol = command("enrol", "make this PC known to a collector", agent)
    enrol.add_argument("--home", type=Path)
    enrol.add_argument("--collector", required=True, metavar="URL")
    enrol.add_argument("--token", required=True, help="or - to read it from standard input, unseen by others")
    enrol.add_argument("--ca", type=Path, help="the collector's ca.pem; needed for https")
    enrol.set_defaults(run=commands.agent_enrol)
    status = command("status", "what was reported about this PC in the last 90 days", agent)
    status.add_argument("--home", type=Path)
    status.set_defaults(run=commands.agent_status)
    _service(command, agent)

    policy = command("policy", "what an organisation allows").add_subparsers(required=True, metavar="ACTION")
    for name, help_text in (
        ("check", "say what is wrong with a policy and its rules"),
        ("show", "zones and levels as a matrix"),
    ):
        action = command(name, help_text, policy)
        action.add_argument("file", type=Path, nargs="?", help="default: the one in force here, else the shipped one")
        action.add_argument("--rules", action="append", type=Path, default=[], metavar="DIR")
        action.set_defaults(run=commands.policy_check if name == "check" else commands.policy_show)

    correct = command("correct", "sign that a find is false in its context; or: correct list, correct remove ID")
    correct.add_argument("file", nargs="?", metavar="FILE | list | remove")
    correct.add_argument("id", nargs="?", metavar="ID", help="of the correction to remove")
    correct.add_argument("--text", help="instead of a file")
    correct.add_argument("--rule", help="whose find is false, such as cn.mobile or mark.cn")
    correct.add_argument("--finding", type=int, default=0, metavar="N", help="which of its finds, counted from 1")
    correct.add_argument("--reason", help="why it is false; kept with the officer's name")
    correct.add_argument("--before", help=r"what stands before it: # any number, \n the edge of a line")
    correct.add_argument("--after", help="what stands after it")
    correct.add_argument("--still", action="append", default=[], metavar="TEXT", help="must still be found; repeatable")
    correct.add_argument("--officer", default="", help="default: the user's name")
    correct.add_argument("--expires", type=date.fromisoformat, metavar="DATE", help="default: in two years")
    correct.add_argument("--dry-run", action="store_true", help="show it, sign nothing")
    correct.add_argument("--yes", action="store_true", help="sign without asking")
    correct.add_argument("--home", type=Path)
    _reading(correct)
    correct.set_defaults(run=_later("correct", "run"))

    kept = command("quarantine", "files that were stopped").add_subparsers(required=True, metavar="ACTION")
    listing = command("list", "what is kept, newest first", kept)
    listing.add_argument("--home", type=Path)
    listing.add_argument("--format", choices=["table", "jsonl"], default="table")
    listing.set_defaults(run=commands.quarantine_list)
    release = command("release", "open one file with the officers' key", kept)
    release.add_argument("--home", type=Path)
    release.add_argument("id", help="the first characters of its id are enough")
    release.add_argument("--key", type=Path, required=True, help="the officers' private key")
    release.add_argument("--to", type=Path, required=True, help="where to write it; must not exist")
    release.set_defaults(run=commands.quarantine_release)

    eject = command("eject", "write everything out and unmount a removable medium")
    eject.add_argument(
        "medium", nargs="?", default="", help="mount point, label or serial number; default: the only one"
    )
    eject.add_argument("--home", type=Path)
    eject.set_defaults(run=_later("eject", "run"))

    _request(command("request", "ask whether a file may go to a device; or: request list, withdraw ID, return ID"))
    _exact(command, command("exact", "tables of persons or accounts whose rows are recognised"))
    _words(command, command("words", "word lists, signed for other machines"))
    _fingerprint(command, command("fingerprint", "documents whose copies are recognised"))

    doctor = command("doctor", "what this machine can enforce, and what not")
    doctor.add_argument("--home", type=Path)
    doctor.set_defaults(run=commands.doctor)
    command("collector", "the server: init, serve, token, officer, audit (see `shoumi collector --help`)")
    return parser


def _service(
    command: Callable[..., argparse.ArgumentParser], agent: argparse._SubParsersAction[argparse.ArgumentParser]
) -> None:
    install = command("install", "make it a service of this computer, and close media until it has taken them", agent)
    install.add_argument("--home", type=Path, help="where it lives (default: /var/lib/shoumi)")
    uninstall = command("uninstall", "take the service away; what was kept stays", agent)
    for action, name in ((install, "agent_install"), (uninstall, "agent_uninstall")):
        action.add_argument("--root", type=Path, metavar="DIR", help="write below DIR instead of /, and start nothing")
        action.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
        action.set_defaults(run=_later("commands", name))


def _request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="FILE | list | withdraw | return", help="a file called list is ./list")
    parser.add_argument("id", nargs="?", metavar="ID", help="of the lending; its first characters are enough")
    parser.add_argument("--to", metavar="DEVICE", help="its folder, label or serial number")
    parser.add_argument("--reason", help="what it is needed for; the officer reads it")
    parser.add_argument("--days", type=int, help="until it is due back (default: as policy says, usually 2)")
    parser.add_argument("--uses", type=int, default=1, help="how often it may be copied (default: %(default)s)")
    parser.add_argument("--erase", action="store_true", help="with return: overwrite and remove the copies first")
    parser.add_argument("--format", choices=["table", "jsonl"], default="table")
    parser.add_argument("--home", type=Path)
    parser.set_defaults(run=_later("request", "run"))


def _fingerprint(command: Callable[..., argparse.ArgumentParser], parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = command("add", "register files and folders", actions)
    add.add_argument("files", nargs="*", type=Path, metavar="FILE")
    add.add_argument("--level", help="of all of them (default: what each one's own mark says)")
    add.add_argument("--public", nargs="+", type=Path, default=[], metavar="FILE", help="text that never counts")
    add.add_argument("--label", default="", help="what findings call these documents; goes to every agent, as said")
    add.set_defaults(run=_later("fingerprint", "add"))
    listing = command("list", "what is registered on this machine", actions)
    listing.set_defaults(run=_later("fingerprint", "show"))
    remove = command("remove", "take a document out", actions)
    remove.add_argument("document", nargs="?", metavar="DOC", help="the first characters of its id")
    remove.add_argument("--all", action="store_true", help="withdraw the register: agents then use none of it")
    remove.set_defaults(run=_later("fingerprint", "remove"))
    check = command("check", "which registered documents a file shares text with, how much and where", actions)
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=_later("fingerprint", "check"))
    for action in (add, remove):
        action.add_argument("--name", default="documents", help="of the register (default: %(default)s)")
        action.add_argument("--dry-run", action="store_true", help="write nothing")
    for action in (listing, check):
        action.add_argument("--name", help="of one register (default: all)")
    for action in (add, check):
        action.add_argument("--ocr", action=argparse.BooleanOptionalAction, help="recognise text in pictures and scans")
    for action in (add, listing, remove, check):
        action.add_argument("--home", type=Path)


def _exact(command: Callable[..., argparse.ArgumentParser], parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = command("add", "register a CSV, TSV, XLSX or SQLite table as keyed digests", actions)
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--name", required=True, help="lower-case; findings are called exact.NAME")
    add.add_argument("--columns", default="", metavar="A,B,…", help="heads of those that count (default: all)")
    add.add_argument("--table", "--sheet", default="", help="of a database or a workbook that has several")
    add.add_argument("--need", type=int, choices=range(2, 17), metavar="K", default=2, help="columns that must meet")
    add.add_argument(
        "--within", type=int, choices=range(10, 401), metavar="N", default=200, help="characters, 10 to 400"
    )
    add.add_argument("--level", choices=["internal", "confidential", "secret", "top_secret"], default="confidential")
    add.add_argument(
        "--raises-from", type=int, choices=range(1, 10_001), metavar="ROWS", default=1, help="rows that raise the level"
    )
    add.add_argument("--dry-run", action="store_true", help="say what would be indexed, write nothing")
    add.add_argument("--home", type=Path)
    add.set_defaults(run=_later("exact", "add"))
    listing = command("list", "what is registered on this machine", actions)
    listing.add_argument("--home", type=Path)
    listing.set_defaults(run=_later("exact", "show"))
    remove = command("remove", "withdraw a table", actions)
    remove.add_argument("name")
    remove.add_argument("--home", type=Path)
    remove.set_defaults(run=_later("exact", "remove"))


def _words(command: Callable[..., argparse.ArgumentParser], parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = command("add", "sign the keyword rules of a file", actions)
    add.add_argument("file", type=Path, metavar="RULES")
    add.add_argument("--name", required=True, help="lower-case letters, digits and hyphens")
    add.add_argument("--home", type=Path)
    add.set_defaults(run=_later("words", "add"))
    remove = command("remove", "withdraw them", actions)
    remove.add_argument("name")
    remove.add_argument("--home", type=Path)
    remove.set_defaults(run=_later("words", "remove"))


def _later(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """A command whose module is loaded when it is run: `shoumi --help` answers at once."""

    def run(options: argparse.Namespace) -> int:
        return int(getattr(import_module(f"agent.{module}"), name)(options))

    return run


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 2, help="sandboxed readers (default: one a processor)"
    )
    parser.add_argument(
        "--rules", action="append", type=Path, default=[], metavar="DIR", help="your own, beside the shipped"
    )
    parser.add_argument(
        "--ocr",
        action=argparse.BooleanOptionalAction,
        help="recognise text in pictures and scans (default: as agent.yaml says, else where the extra is installed)",
    )
    parser.add_argument(
        "--passwords", type=Path, metavar="FILE", help="tried on sealed files, one a line, beside the policy's own"
    )


if __name__ == "__main__":
    sys.exit(main())
