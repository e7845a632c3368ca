"""The collector's command line: its words and their help. What they do stands in :mod:`service.commands`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from config.errors import ShoumiError
from config.text import Language, system_language

INTERRUPTED = 130  # the shell's number for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is given back."""
    options = _parser().parse_args(arguments)
    language: Language = options.language or system_language()
    try:
        module, _, name = options.command.rpartition(":")
        status = getattr(import_module(module or "service.commands"), name)(options, language)
        sys.stdout.flush()
    except ShoumiError as error:
        sys.stderr.write(f"shoumi: {error.say(language)}\n")
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shoumi collector",
        description="Collects what agents report and serves the officers' console. 收集端与管理台。",
        epilog="Exit status: 0 done, 1 the audit chain is broken, 2 wrong usage or configuration.",
    )
    parser.add_argument("--language", choices=["en", "zh"], help="of messages; default: that of the system")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", type=Path, help="database, keys and settings (default: $SHOUMI_HOME)")
    groups = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, does: str, text: str, into: argparse._SubParsersAction[argparse.ArgumentParser] = groups
    ) -> argparse.ArgumentParser:
        made = into.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(command=does)
        return made

    init = command("init", "init", "make database, keys, certificates and officers; harmless to repeat")
    init.add_argument("--host", help="the address to serve on; anything but this machine is served over TLS")
    init.add_argument("--name", action="append", default=[], help="a further name people type into the browser")
    init.add_argument("--json", action="store_true", help="say everything as one JSON object")
    init.add_argument(
        "--token", "--demo-agent", action="store_true", help="also make a token for one agent on this machine"
    )

    serve = command("serve", "serve", "serve console and agents, until Ctrl-C")
    serve.add_argument("--port", type=int, help="default: that of service.yaml; 0 takes a free one")
    serve.add_argument("--port-file", type=Path, help="write the port here when ready")

    token = command("token", "token", "make an enrolment token")
    token.add_argument("--department", default="", help="of the PCs that use it")
    token.add_argument("--uses", type=int, default=1, help="how many PCs (default: 1)")
    token.add_argument("--days", type=int, default=3, help="how long it is good (default: 3)")

    officer = groups.add_parser("officer", help="the people with a login").add_subparsers(
        required=True, metavar="ACTION"
    )
    command("list", "officer_list", "who has a login", officer)
    add = command("add", "officer_add", "one more person, with a one-time password", officer)
    add.add_argument("name", help="what the person types to log in")
    add.add_argument("role", choices=["sysadmin", "officer", "auditor", "approver"], help="exactly one")
    change = command("change", "officer_change", "a person's full name, or the department of an approver", officer)
    change.add_argument("name")
    for action in (add, change):
        action.add_argument("--full-name", help="nobody decides a lending that a person of the same name asks for")
        action.add_argument("--department", help="whose lendings an approver decides; as on enrolment tokens")
    reset = command("reset", "officer_reset", "a new one-time password; releases a lock", officer)
    reset.add_argument("name")

    _registers(groups, command)
    audit = groups.add_parser("audit", help="the audit trail").add_subparsers(required=True, metavar="ACTION")
    command("verify", "audit_verify", "follow the chain; says which record breaks it", audit)
    command("export", "audit_export", "all records as JSON lines, the end of the chain last", audit)
    return parser


def _registers(
    groups: argparse._SubParsersAction[argparse.ArgumentParser], command: Callable[..., argparse.ArgumentParser]
) -> None:
    """The words of `register` and `signer`."""
    does = "service.registers.commands:"
    register = groups.add_parser("register", help="signed registers that agents fetch").add_subparsers(
        required=True, metavar="ACTION"
    )
    add = command("add", does + "register_add", "offer a register, or a newer version of it, to all agents", register)
    add.add_argument("file", type=Path, metavar="FILE.signed")
    command("list", does + "register_list", "what agents are offered", register)
    withdraw = command("withdraw", does + "register_withdraw", "offer a register no more", register)
    withdraw.add_argument("name")
    signer = groups.add_parser("signer", help="officers whose registers are taken").add_subparsers(
        required=True, metavar="ACTION"
    )
    trust = command("add", does + "signer_add", "trust a signer; agents that enrol afterwards do so too", signer)
    trust.add_argument("public_key", metavar="PUBLICKEY", help="as `shoumi fingerprint add` says it")
    trust.add_argument("--name", required=True, help="whose it is")
    command("list", does + "signer_list", "who is trusted", signer)
    distrust = command("remove", does + "signer_remove", "trust a signer no more", signer)
    distrust.add_argument("public_key", metavar="PUBLICKEY")
    for action in (add, withdraw, trust, distrust):
        action.add_argument(
            "--officer", required=True, metavar="NAME", help="the secrecy officer who does it; asked for the password"
        )
