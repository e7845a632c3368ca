"""One process that answers: gunicorn with one worker and a few threads, on a socket that we opened ourselves."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from config.errors import ShoumiError
from config.text import Text
from service.disk import write_secret
from service.home import Home
from service.tls import context, ensure_certificates

BACKLOG = 256
STOP_SECONDS = 2  # for requests under way when we are told to stop


class ListenError(ShoumiError):
    """The address cannot be served on."""

    code = "SM512"


def run(home: Home, port: int, port_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT. One worker: SQLite has one writer, and the limits on tries are kept in memory."""
    listener = listen(home.settings.host, port)
    number = listener.getsockname()[1]
    tls = {}
    if not home.is_local:
        ensure_certificates(home)
        tls = {
            "certfile": str(home.tls / "server.pem"),
            "keyfile": str(home.tls / "server.key"),
            "ssl_context": lambda _settings, _default: context(home),
        }

    def ready(_: object) -> None:
        if port_file is not None:
            write_secret(port_file, f"{number}\n")

    options = {
        "bind": f"fd://{os.dup(listener.fileno())}",
        "workers": 1,
        "threads": home.settings.threads,
        "worker_class": "gthread",
        "preload_app": True,
        "graceful_timeout": STOP_SECONDS,
        "timeout": 60,
        "keepalive": 65,  # agents beat every minute on the same connection
        "limit_request_line": 4094,
        "accesslog": None,  # who looked at what stands in the audit trail, not in a file on the side
        "errorlog": "-",
        "loglevel": "warning",
        "forwarded_allow_ips": "",  # no header can say where a request came from
        "control_socket_disable": True,
        "when_ready": ready,
        "proc_name": "shoumi collector",
        **tls,
    }
    listener.close()
    Server(options).run()


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured from here alone: neither command line nor environment nor files."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand over the options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """The application; connections made before the worker was forked are not its own."""
        from django.db import connections

        from service.wsgi import application

        connections.close_all()
        return application


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections.

    Raises:
        ListenError: the port is taken or not ours to take, or the host is not this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        opened = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, OverflowError) as problem:
        raise _error(host, port, problem) from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as problem:
        opened.close()
        raise _error(host, port, problem) from None
    return opened


def _error(host: str, port: int, problem: Exception) -> ListenError:
    number = problem.errno if isinstance(problem, OSError) else None
    if number == errno.EADDRINUSE:
        return ListenError(
            Text(f"port {port} is taken", f"端口 {port} 已被占用"),
            Text(
                "another collector may be running; or choose another with --port",
                "可能已有收集端在运行；或用 --port 另选端口",
            ),
        )
    if number == errno.EACCES:
        return ListenError(
            Text(f"port {port} needs more rights than we have", f"没有使用端口 {port} 的权限"),
            Text("choose one above 1023", "请选择 1023 以上的端口"),
        )
    return ListenError(
        Text(f"{host}:{port} cannot be served on: {problem}", f"无法在 {host}:{port} 提供服务：{problem}"),
        Text("check host and port in service.yaml", "请检查 service.yaml 中的 host 和 port"),
    )
