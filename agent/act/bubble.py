"""The child that shows one message on one desktop: it becomes the person, connects, and ends.

Source: Desktop Notifications Specification 1.2, interface org.freedesktop.Notifications.
"""

from __future__ import annotations

import os
import sys
from html import escape

import msgspec

from agent.act.desktop import Order

_CRITICAL, _NORMAL = 2, 1
_OWN_TIME = -1  # the desktop decides how long it stands


def main() -> None:
    """Read an order from standard input; exit status 0 when a desktop took the message."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    if sys.platform == "linux":
        import signal

        from jeepney.io import blocking  # before the drop: that person need not be able to read our packages

        if order.uid is not None:
            os.setgroups([])
            os.setresgid(order.gid, order.gid, order.gid)
            os.setresuid(order.uid, order.uid, order.uid)
        signal.setitimer(signal.ITIMER_REAL, order.seconds)  # ends this process, also when nobody waits for it any more
        for address in order.buses:
            try:
                connection = blocking.open_dbus_connection(address)
            except Exception:  # noqa: BLE001, S112 - whatever a stranger's bus does: the next address, else the terminal
                continue
            with connection:
                try:
                    _show(connection, order)
                except Exception:  # noqa: BLE001, S112
                    continue
            sys.exit(0)
    sys.exit(1)


if sys.platform == "linux":
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import DBusConnection
    from jeepney.wrappers import unwrap_msg

    _DESKTOP = DBusAddress(
        "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "org.freedesktop.Notifications"
    )

    def _show(connection: DBusConnection, order: Order) -> None:
        asked = new_method_call(_DESKTOP, "GetCapabilities")
        (can,) = unwrap_msg(connection.send_and_get_reply(asked, timeout=order.seconds))
        body = escape(order.body, quote=False) if "body-markup" in can else order.body  # a file name is no markup
        hints = {"urgency": ("y", _CRITICAL if order.urgent else _NORMAL), "category": ("s", "transfer.error")}
        values: tuple[object, ...] = ("shoumi", 0, "", order.head, body, [], hints, _OWN_TIME)
        told = new_method_call(_DESKTOP, "Notify", "susssasa{sv}i", values)
        unwrap_msg(connection.send_and_get_reply(told, timeout=order.seconds))
