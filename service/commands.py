"""What the collector's commands do."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import ShoumiError, UsageError
from config.text import Language, Text
from service.home import Home, find

if TYPE_CHECKING:
    from service.officers.models import Officer

MAX_USES, MAX_DAYS = 1000, 30
LONGEST = 64  # characters of a full name or a department
_NAME = re.compile(r"[\w.-]{1,64}")
PRIVATE = 0o077  # what we write is for our own account alone, the database's side files too


class NotInitialisedError(ShoumiError):
    """There is no collector here yet, or an older one."""

    code = "SM510"


def init(options: argparse.Namespace, language: Language) -> int:
    """Make everything that is not there yet."""
    from service.initialise import prepare

    os.umask(PRIVATE)
    made = prepare(
        options.home, options.host, options.name, want_token=options.token, say=_progress(language), language=language
    )
    if options.json:
        _out(json.dumps(made, ensure_ascii=False))
        return 0
    _tell(
        Text(
            "The collector is ready. Start it with:  shoumi collector serve",
            "收集端已就绪。启动命令：shoumi collector serve",
        ),
        language,
    )
    _tell(Text(f"Address: {made['url']}", f"访问地址：{made['url']}"), language)
    for login in made["logins"]:
        password = login["password"] or Text("(own password set)", "（已设置自己的密码）").say(language)
        role = login["role_text"][language]
        _out(f"  {login['username']:<12} {password:<22} {role}")
    if any(login["password"] for login in made["logins"]):
        _tell(
            Text(
                "These passwords work once: the first login asks for an own one and an authenticator app.",
                "以上为一次性密码：首次登录时须设置自己的密码并绑定动态口令。",
            ),
            language,
        )
    if made["token"]:
        _out(f"  token        {made['token']}")
    return 0


def serve(options: argparse.Namespace, language: Language) -> int:  # noqa: ARG001 - all commands have one shape
    """Serve until told to stop."""
    home = ready(options.home)
    from django.contrib.sessions.models import Session

    from service.clock import moment, now
    from service.server import run

    Session.objects.filter(expire_date__lt=moment(now())).delete()
    os.umask(PRIVATE)
    run(home, home.settings.port if options.port is None else options.port, options.port_file)
    return 0


def token(options: argparse.Namespace, language: Language) -> int:  # noqa: ARG001
    """Print an enrolment token and nothing else, for scripts; the command for people on stderr."""
    if not 1 <= options.uses <= MAX_USES or not 1 <= options.days <= MAX_DAYS:
        text = Text(
            f"a token is for 1 to {MAX_USES} PCs and 1 to {MAX_DAYS} days", f"令牌可用 1–{MAX_USES} 台、1–{MAX_DAYS} 天"
        )
        raise UsageError(text)
    home = ready(options.home)
    from service.fleet.services import make_token

    made = make_token(options.department, options.uses, options.days)
    _out(made)
    tls = "" if home.is_local else f" --ca {home.ca.name}"
    sys.stderr.write(f"shoumi agent enrol --collector {home.url()} --token {made}{tls}\n")
    return 0


def officer_list(options: argparse.Namespace, language: Language) -> int:
    """Who has a login."""
    ready(options.home)
    from service.initialise import ROLE_TEXTS
    from service.officers.models import Officer
    from service.officers.services import locked

    shut = locked()
    for officer in Officer.objects.order_by("pk"):
        notes = [ROLE_TEXTS[officer.role].say(language), *filter(None, (officer.name, officer.department))]
        if not officer.has_own_password:
            notes.append(Text("never logged in", "尚未登录").say(language))
        if officer.username in shut:
            notes.append(Text("locked", "已锁定").say(language))
        _out(f"{officer.username:<12} {' · '.join(notes)}")
    return 0


def officer_add(options: argparse.Namespace, language: Language) -> int:
    """One more person."""
    ready(options.home)
    from service.officers.models import Officer
    from service.officers.services import add

    if not _NAME.fullmatch(options.name):
        text = Text(f"'{options.name}' cannot be a user name", f"“{options.name}”不能用作用户名")
        raise UsageError(text, Text("letters, digits, - . _ up to 64", "可用字母、数字、- . _，最长 64 个字符"))
    if Officer.objects.filter(username=options.name).exists():
        raise UsageError(Text(f"'{options.name}' has a login already", f"“{options.name}”已有账号"))
    name, department = (options.full_name or "").strip(), (options.department or "").strip()
    _check_person(options.role, name, department)
    _out(add(options.name, options.role, name, department))
    _say_unknown(department, language)
    return 0


def officer_change(options: argparse.Namespace, language: Language) -> int:
    """Another full name or department. The role stays: a person with other work gets another login."""
    ready(options.home)
    from service.officers.services import change

    officer = _person(options.name)
    if options.full_name is None and options.department is None:
        raise UsageError(
            Text("nothing to change", "没有要修改的内容"),
            Text("give --full-name or --department", "请给出 --full-name 或 --department"),
        )
    name = None if options.full_name is None else options.full_name.strip()
    department = None if options.department is None else options.department.strip()
    _check_person(officer.role, name or "", officer.department if department is None else department)
    change(officer, name, department)
    _tell(Text("changed", "已修改"), language)
    _say_unknown(department or "", language)
    return 0


def officer_reset(options: argparse.Namespace, language: Language) -> int:  # noqa: ARG001
    """A new one-time password."""
    ready(options.home)
    from service.officers.services import reset

    _out(reset(_person(options.name), None))
    return 0


def audit_verify(options: argparse.Namespace, language: Language) -> int:
    """0 when the chain holds, 1 when not; the record that breaks it is named."""
    ready(options.home)
    from service.audit.services import verify
    from service.clock import moment

    state = verify()
    if state.broken:
        text = Text(
            f"BROKEN at record {state.broken.seq}: {state.broken.why.en}. {state.count} records before it hold.",
            f"审计链在第 {state.broken.seq} 条记录处断裂：{state.broken.why.zh}。此前 {state.count} 条记录完好。",
        )
        _tell(text, language)
        return 1
    at = f"{moment(state.time).astimezone():%Y-%m-%d %H:%M:%S %z}"
    _tell(
        Text(
            f"The chain holds: {state.count} acts verified up to {at}. Head: {state.hash}",
            f"审计链完好：已核验 {state.count} 条，截至 {at}。链尾：{state.hash}",
        ),
        language,
    )
    return 0


def audit_export(options: argparse.Namespace, language: Language) -> int:  # noqa: ARG001 - data has no language
    """Every record as a line of JSON, then the head; recorded itself, before it is written."""
    ready(options.home)
    from service.audit.acts import Act
    from service.audit.models import Record
    from service.audit.services import SERVER, append

    append(SERVER, Act.EXPORTED)
    last = None
    for last in Record.objects.order_by("seq").values().iterator(2000):
        _out(json.dumps(last, ensure_ascii=False))
    _out(json.dumps({"head": {"seq": last["seq"], "hash": last["hash"]}} if last else {"head": None}))
    return 0


def configure(folder: Path) -> None:
    """Let Django read the settings of one home; a process has one."""
    import django

    os.environ["SHOUMI_HOME"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "service.settings"
    django.setup()


def ready(named: Path | None) -> Home:
    """The home named, with Django set up and a database of this version.

    Raises:
        NotInitialisedError: run init first.
    """
    home = find(named)
    hint = Text("run `shoumi collector init`", "请运行 `shoumi collector init`")
    if not home.database.exists() or not home.secret.exists():
        raise NotInitialisedError(
            Text(f"there is no collector in {home.folder}", f"{home.folder} 中尚未初始化收集端"), hint
        )
    configure((named or home.folder).absolute())
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotInitialisedError(Text("the database is of an older version", "数据库版本较旧"), hint)
    return home


def _person(username: str) -> Officer:
    from service.officers.models import Officer

    officer = Officer.objects.filter(username=username).first()
    if officer is None:
        names = ", ".join(Officer.objects.order_by("pk").values_list("username", flat=True))
        raise UsageError(
            Text(f"nobody is called '{username}'", f"没有名为“{username}”的人员"),
            Text(f"one of {names}", f"可用：{names}"),
        )
    return officer


def _check_person(role: str, name: str, department: str) -> None:
    """An approver has a department, nobody else has; names fit their columns."""
    if max(len(name), len(department)) > LONGEST:
        raise UsageError(Text(f"longer than {LONGEST} characters", f"长度不得超过 {LONGEST} 个字符"))
    if role == "approver" and not department:
        raise UsageError(
            Text("an approver belongs to a department", "审批人须属于一个部门"),
            Text("give --department, as on enrolment tokens", "请给出 --department，与注册令牌的部门一致"),
        )
    if role != "approver" and department:
        raise UsageError(Text("only an approver has a department", "仅审批人可设置部门"))


def _say_unknown(department: str, language: Language) -> None:
    """A word on stderr when no PC is of that department: most often a slip of the pen."""
    from service.fleet.models import Agent

    known = sorted(set(Agent.objects.values_list("department", flat=True)) - {""})
    if department and department not in known:
        names = ", ".join(known) or "–"
        text = Text(
            f"note: no PC is of the department '{department}' yet; there are: {names}",
            f"提示：尚无客户端属于部门“{department}”；现有部门：{names}",
        )
        sys.stderr.write(text.say(language) + "\n")


def _progress(language: Language) -> Callable[[Text], None]:
    def say(text: Text) -> None:
        sys.stderr.write(text.say(language) + "\n")

    return say


def _out(text: str) -> None:
    sys.stdout.write(text + "\n")


def _tell(text: Text, language: Language) -> None:
    _out(text.say(language))
