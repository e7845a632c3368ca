"""Everything a new collector needs, each made only when it is not there yet."""

from __future__ import annotations

import os
import secrets
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.errors import ShoumiError
from config.text import Language, Text
from service.commands import configure
from service.disk import write_secret
from service.home import SETTINGS, find
from service.tls import ensure_certificates

SHIPPED = Path(__file__).parents[1] / "config" / "service.yaml"
ROLE_TEXTS = {
    "sysadmin": Text("system administrator", "系统管理员"),
    "officer": Text("secrecy officer", "安全保密管理员"),
    "auditor": Text("security auditor", "安全审计员"),
    "approver": Text("approver", "审批人"),
}
TRIAL = Text("trial", "试用")  # the department of the agent on the collector's own machine


class HomeError(ShoumiError):
    """The folder cannot be used."""

    code = "SM511"


def prepare(
    named: Path | None,
    host: str | None,
    names: list[str],
    *,
    want_token: bool,
    say: Callable[[Text], None],
    language: Language = "zh",
) -> dict[str, Any]:
    """Make folder, settings, keys, certificates, database and officers; what to tell the person who asked.

    Raises:
        ConfigurationError: an existing ``service.yaml`` is wrong.
        HomeError: the folder cannot be written.
    """
    folder = (named or find().folder).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_settings(folder / SETTINGS, host, names, language)
        home = find(folder)
        home.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not home.secret.exists():
            write_secret(home.secret, secrets.token_urlsafe(64))
            say(Text("key for sessions made", "已生成会话密钥"))
        ensure_certificates(home)
    except OSError as problem:
        text = Text(f"{folder} cannot be used: {problem.strerror}", f"无法使用 {folder}：{problem.strerror}")
        raise HomeError(text, Text("give another with --home", "请用 --home 指定其他目录")) from None
    configure(folder)
    from service.fleet.keys import ensure_officers_key

    recipient = ensure_officers_key(home)
    logins = _database(say)
    from service.approvals.keys import signing_key

    signing_key(home)
    token = None
    if want_token:
        from service.fleet.services import make_token

        token = make_token(TRIAL.say(home.settings.language), uses=1, days=1)
    return {
        "home": str(home.folder),
        "url": home.url(),
        "logins": logins,
        "token": token,
        "ca": str(home.ca),
        "recipient": recipient,
    }


def _database(say: Callable[[Text], None]) -> list[dict[str, Any]]:
    from django.core.management import call_command

    from service.audit.acts import Act
    from service.audit.models import Record
    from service.audit.services import SERVER, append
    from service.officers.services import issue_starting

    call_command("migrate", verbosity=0, interactive=False)
    say(Text("database ready", "数据库已就绪"))
    if not Record.objects.exists():
        append(SERVER, Act.INIT)
    return [
        {
            "role": officer.role,
            "role_text": {"en": ROLE_TEXTS[officer.role].en, "zh": ROLE_TEXTS[officer.role].zh},
            "username": officer.username,
            "password": password,
        }
        for officer, password in issue_starting()
    ]


def _write_settings(path: Path, host: str | None, names: list[str], language: Language) -> None:
    """The commented defaults, with what was asked for put in; a file that is there is never touched."""
    if path.exists():
        if host or names:
            raise HomeError(
                Text(f"{path} is there already", f"{path} 已存在"),
                Text(
                    "change host and names in it, then run init again without them",
                    "请直接修改其中的 host 与 names，再次运行 init 时不带这些参数",
                ),
            )
        return
    text = SHIPPED.read_text("utf-8").replace("# language: zh ", f"language: {language} ")
    if zone := _local_zone():
        text = text.replace("# time_zone: Asia/Shanghai ", f"time_zone: {zone} ")
    if host:
        text = text.replace("# host: 127.0.0.1", f"host: {host!r}")
    if names:
        text = text.replace("# names: []", f"names: {names!r}")
    write_secret(path, text)


def _local_zone() -> str:
    """The time zone of this machine by its name; empty where the system does not say."""
    name = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    return name if name in zoneinfo.available_timezones() else ""
