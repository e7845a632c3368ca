"""What `shoumi collector register` and `shoumi collector signer` do."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from config.errors import UsageError
from config.text import Language, Text
from service.clock import moment
from service.commands import ready

if TYPE_CHECKING:
    from service.officers.models import Officer


def register_add(options: argparse.Namespace, language: Language) -> int:
    """Offer a signed register to agents."""
    ready(options.home)
    from service.registers.services import publish

    if not options.file.is_file():
        raise UsageError(Text(f"there is no file {options.file}", f"文件不存在：{options.file}"))
    row = publish(options.file, officer(options.officer))
    text = Text(
        f"register {row.name}, version {row.version}: agents fetch it with their next heartbeat",
        f"登记表 {row.name} 第 {row.version} 版：客户端将在下次心跳后获取",
    )
    _tell(text, language)
    return 0


def register_list(options: argparse.Namespace, language: Language) -> int:
    """What agents are offered."""
    ready(options.home)
    from service.registers.models import Register, Signer

    names = dict(Signer.objects.values_list("public_key", "name"))
    for row in Register.objects.order_by("name"):
        state = Text("offered", "下发中")
        if row.withdrawn:
            state = Text("not offered any more", "已停止下发")
        elif row.empty:
            state = Text("offered, empty: agents use nothing of it", "下发中（空表，客户端停用）")
        at = f"{moment(row.published).astimezone():%Y-%m-%d %H:%M}"
        parts = (row.name, row.kind, str(row.version), f"{row.size} B", at, names.get(row.signer, row.signer[:16]))
        sys.stdout.write("  ".join((*parts, state.say(language))) + "\n")
    return 0


def register_withdraw(options: argparse.Namespace, language: Language) -> int:
    """Offer a register no more."""
    ready(options.home)
    from service.registers.services import withdraw

    row = withdraw(options.name, officer(options.officer))
    if row.empty:
        _tell(Text("done", "已完成"), language)
        return 0
    text = Text(
        f"{row.name} is not offered any more. Agents that have it keep it, for nobody but its signer can take it from "
        "them: publish an empty version (`shoumi fingerprint remove --all`, then `register add`).",
        f"{row.name} 已停止下发。已获取的客户端会继续使用：只有签名者才能撤销，请发布空版本"
        "（先运行 `shoumi fingerprint remove --all`，再运行 `register add`）。",
    )
    _tell(text, language)
    return 0


def signer_add(options: argparse.Namespace, language: Language) -> int:
    """Trust a signer of registers."""
    ready(options.home)
    from service.registers.services import trust

    signer = trust(options.public_key, options.name, officer(options.officer))
    text = Text(
        f"{signer.name} is trusted. Agents that enrol from now on believe this key; on those enrolled before, enrol "
        "again or add the key to the file `signers` in their home.",
        f"已信任 {signer.name}。此后注册的客户端将信任该公钥；"
        "此前注册的客户端需重新注册，或将公钥加入其目录中的 signers 文件。",
    )
    _tell(text, language)
    return 0


def signer_list(options: argparse.Namespace, language: Language) -> int:  # noqa: ARG001 - all commands have one shape
    """Who is trusted."""
    ready(options.home)
    from service.registers.models import Signer

    for signer in Signer.objects.select_related("added_by").order_by("pk"):
        at = f"{moment(signer.added).astimezone():%Y-%m-%d}"
        sys.stdout.write(f"{signer.public_key}  {signer.name}  {at}  {signer.added_by.username}\n")
    return 0


def signer_remove(options: argparse.Namespace, language: Language) -> int:
    """Trust a signer no more."""
    ready(options.home)
    from service.registers.services import distrust

    distrust(options.public_key, officer(options.officer))
    text = Text(
        "removed. Agents enrolled before go on to believe this key: take it out of the file `signers` in their home.",
        "已移除。此前注册的客户端仍信任该公钥，请从其目录中的 signers 文件删除。",
    )
    _tell(text, language)
    return 0


def officer(name: str) -> Officer:
    """The secrecy officer of that name, who must give the password: on the terminal, or as a line of standard input.

    Raises:
        UsageError: no such officer, one of another role, or a wrong password; one answer for all of them.
    """
    from service.officers.models import Officer, Role

    if sys.stdin.isatty():
        password = getpass.getpass(Text("password of {name}: ", "{name} 的密码：").fill(name=name).en)
    else:
        password = sys.stdin.readline().rstrip("\n")
    found = Officer.objects.filter(username=name, role=Role.OFFICER, is_active=True).first()
    if found is None or not found.has_own_password or not found.check_password(password):
        raise UsageError(
            Text("not a secrecy officer's name and password", "不是安全保密管理员的用户名和密码"),
            Text("log in to the console once to set your own password", "请先登录管理台设置自己的密码"),
        )
    return found


def _tell(text: Text, language: Language) -> None:
    sys.stdout.write(text.say(language) + "\n")
