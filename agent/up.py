"""Everything on one machine: a collector with its embedded database, an agent, and something to try."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from agent import sample
from agent.disk import replace
from agent.enrol import enrol_here, set_keys
from agent.home import find
from agent.lock import hold
from agent.report.identity import load_identity
from agent.stick import plugged
from agent.supervisor import can_guard
from config.errors import IdentityError, ShoumiError
from config.signing import utc_now
from config.text import Language, Text

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 8.0
_PORTS = 50  # tried one after the other


class StartError(ShoumiError):
    """A part did not start."""

    code = "SM500"
    exit_status = 1


class Login(msgspec.Struct, frozen=True):
    """One officer; the password is None once the officer has chosen an own one."""

    role_text: Text
    username: str
    password: str | None


class Initialised(msgspec.Struct, frozen=True):
    """What `shoumi collector init --json` says."""

    logins: tuple[Login, ...]
    token: str | None = None


class Grounds(msgspec.Struct, frozen=True):
    """The folders to try things in."""

    documents: Path
    stick: Path
    share: Path
    sample: Path


def start(home: Path, port: int, language: Language) -> int:
    """Start, say what to open and what to try, wait for Ctrl-C, stop; the exit status."""
    screen = Console(stderr=True, highlight=False, soft_wrap=True)
    home = home.absolute()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    home.mkdir(parents=True, exist_ok=True, mode=0o700)

    def say(text: Text, style: str = "") -> None:
        screen.print(Styled(text.say(language), style=style))

    free = _free_port(port)
    url = f"http://{HOST}:{free}"
    with ExitStack() as parts:
        parts.enter_context(hold(home / "up.lock", url, _already))
        grounds = _grounds(home)
        mounted = parts.enter_context(plugged(home / "try" / "stick.img", grounds.stick))
        say(mounted.text, "dim")
        initialised = _init(home / "collector", language, want_token=not (home / "agent" / "enrolled.json").exists())
        if free != port:
            say(
                Text(f"Port {port} is taken; the console is on {free}.", f"端口 {port} 已被占用，管理台改用 {free}。"),
                "yellow",
            )
        collector = parts.enter_context(
            _child(
                "collector", ["-m", "service", "serve", "--home", str(home / "collector"), "--port", str(free)], home
            )
        )
        _wait_for(collector, free, home, stop)
        _write_agent(home / "agent", url, grounds, initialised.token)
        agent = parts.enter_context(
            _child(
                "agent",
                ["-m", "agent.cli", "--language", language, "agent", "run", "--home", str(home / "agent")],
                home,
                quiet=False,
            )
        )
        if not stop.is_set():
            _welcome(screen, language, url, initialised, grounds, is_guarded=mounted.is_root and can_guard())
        return _wait({"collector": collector, "agent": agent}, home, stop, say)


def _already(url: str) -> StartError:
    text = Text(f"it is running already: {url}", f"已在运行：{url}")
    return StartError(text, Text("open that address; nothing was changed", "请打开该地址；未做任何更改"))


def _init(home: Path, language: Language, *, want_token: bool) -> Initialised:
    """Databases, keys and officers, made when they are not there yet."""
    command = [
        sys.executable,
        "-P",  # nothing of the folder we happen to stand in
        "-m",
        "service",
        "--language",
        language,
        "init",
        "--home",
        str(home),
        "--json",
        *(["--token"] * want_token),
    ]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip()
        raise StartError(Text(f"the collector could not be set up:\n{why}", f"无法初始化收集端：\n{why}"))
    return msgspec.json.decode(done.stdout, type=Initialised)


def _grounds(home: Path) -> Grounds:
    ground = home / "try"
    grounds = Grounds(ground / "documents", ground / "stick", ground / "share", ground / "documents" / sample.NAME)
    for folder in (grounds.documents, grounds.stick, grounds.share):
        folder.mkdir(parents=True, exist_ok=True)
    if not grounds.sample.exists():
        sample.write_sample(grounds.sample, utc_now().astimezone().date())
    return grounds


_POLICY = """\
# The policy of this trial. The full form with every key explained: config/policy.yaml. Check: shoumi policy check FILE
version: 1
help:
  en: Need to take it out? Run `shoumi request`; after approval return it within two days.
  zh: 如确需带出，请运行 `shoumi request` 申请外借；审批通过后两天内归还。
zones:
  - name: trial-stick
    text: {{en: trial stick, zh: 试用U盘}}
    match: {{path: "{stick}"}}
    clearance: public
    on_violation: quarantine
  - name: trial-share
    text: {{en: trial share, zh: 试用共享目录}}
    match: {{path: "{share}"}}
    clearance: internal
    on_violation: quarantine
"""


def _write_agent(home: Path, url: str, grounds: Grounds, token: str | None) -> None:
    """Policy and settings of the trial agent; enrolled when it is not yet."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    policy = home / "policy.yaml"
    if not policy.exists():
        text = _POLICY.format(stick=grounds.stick, share=grounds.share)
        replace(policy, text.encode(), 0o600)
    set_keys(home / "agent.yaml", {"collector": url})
    site = find(home)
    try:
        load_identity(site.home)
    except IdentityError:
        if token is None:
            raise
        enrol_here(site, url, token, None)


def _welcome(
    screen: Console, language: Language, url: str, initialised: Initialised, grounds: Grounds, *, is_guarded: bool
) -> None:
    def line(text: Text, style: str = "") -> None:
        screen.print(Styled(text.say(language), style=style))

    line(Text(f"\nshoumi is running. Open {url}", f"\n守密已启动。请打开 {url}"), "bold green")
    grid = Table.grid(padding=(0, 3))
    for login in initialised.logins:
        password = login.password or Text("(the one you chose)", "（您自己设置的密码）").say(language)
        grid.add_row("", login.role_text.say(language), login.username, password)
    screen.print(grid)
    if any(login.password for login in initialised.logins):
        line(
            Text(
                "  One-time passwords: the first login asks for your own, and for an authenticator app.",
                "  以上为一次性密码：首次登录时须设置新密码并绑定动态口令。",
            ),
            "dim",
        )
    line(Text("Watched folders:", "正在监视："))
    line(Text(f"  {grounds.stick}  (public files only)", f"  {grounds.stick}  （只能存放公开文件）"))
    line(Text(f"  {grounds.share}  (up to internal)", f"  {grounds.share}  （最高内部）"))
    command = f"cp '{_short(grounds.sample)}' '{_short(grounds.stick)}/'"
    line(
        Text(
            "Try this in another terminal: copy the marked sample to the stick",
            "试一试：在另一个终端把带密级的样本复制到U盘",
        )
    )
    line(Text(f"  {command}", f"  {command}"), "bold")
    if is_guarded:
        line(
            Text(
                "It is refused, and nothing of it reaches the stick. Ask for a lending, and approve it as the officer:",
                "复制会被拒绝，U盘上不会留下任何内容。可申请外借，再以管理员身份审批：",
            )
        )
        ask = f"shoumi request '{_short(grounds.sample)}' --to '{_short(grounds.stick)}' --reason …"
        line(Text(f"  {ask}", f"  {ask}"), "bold")
    else:
        line(
            Text(
                "It is found a moment later, sealed and taken away; run as root on Linux, it would not land at all.",
                "副本会在写入后立即被发现、封存并移走；在 Linux 上以 root 运行时则根本无法写入。",
            )
        )
    line(
        Text(
            "Then log in as the secrecy officer and open the incident. Ctrl-C stops everything.",
            "然后以安全保密管理员身份登录查看该事件。按 Ctrl-C 全部停止。",
        )
    )


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _free_port(port: int) -> int:
    for candidate in range(port, min(port + _PORTS, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except OSError:
                continue
            return candidate
    raise StartError(
        Text(f"no port from {port} on is free", f"自 {port} 起没有可用端口"),
        Text("give one with --port", "请用 --port 指定"),
    )


@contextmanager
def _child(name: str, arguments: list[str], home: Path, *, quiet: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """One process of ours, ended with us: asked first, made to after a while. A quiet one writes to a log."""
    dies_with_us = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    with (home / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*dies_with_us, sys.executable, "-P", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log if quiet else None,
            start_new_session=os.name == "posix",  # Ctrl-C reaches us alone, and we stop them in order
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, home: Path, stop: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not stop.is_set():
        if process.poll() is not None:
            break
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            stop.wait(0.1)
        else:
            return
    if not stop.is_set():
        tail = (home / "collector.log").read_text("utf-8", "replace")[-1500:]
        raise StartError(Text(f"the collector did not start:\n{tail}", f"收集端未能启动：\n{tail}"))


def _wait(
    children: dict[str, subprocess.Popen[bytes]], home: Path, stop: threading.Event, say: Callable[[Text, str], None]
) -> int:
    while not stop.wait(0.5):
        for name, process in children.items():
            if (status := process.poll()) is not None:
                log = home / f"{name}.log"
                say(
                    Text(
                        f"The {name} ended by itself ({status}); see {log}. Stopping.",
                        f"{name} 意外退出（{status}），详见 {log}。正在停止。",
                    ),
                    "bold red",
                )
                return 1
    say(
        Text(
            "Stopping. Everything is kept; start again with the same command.",
            "正在停止。数据均已保存，可用同一命令再次启动。",
        ),
        "",
    )
    return 0
