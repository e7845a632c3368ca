"""Drives that write discs. Source: /proc/sys/dev/cdrom/info, a table with a column a drive."""

from __future__ import annotations

from agent.watch.media import SYSTEM, Sources, word
from config.events import Channel, Medium


def burners(sources: Sources = SYSTEM) -> list[Medium]:
    """Optical drives that can write; ``mount`` is the device."""
    table: dict[str, list[str]] = {}
    for line in word(sources.proc / "sys" / "dev" / "cdrom" / "info").splitlines():
        head, colon, values = line.partition(":")
        if colon:
            table[head.strip()] = values.split()
    names = table.get("drive name", [])
    found = []
    for index, name in enumerate(names):
        columns = (values for head, values in table.items() if head.startswith("Can write"))
        if any(index < len(values) and values[index] == "1" for values in columns):
            device = sources.sysfs / "block" / name / "device"
            found.append(
                Medium(
                    mount=f"/dev/{name}",
                    bus="optical",
                    vendor=word(device / "vendor"),
                    product=word(device / "model"),
                    channel=Channel.BURNER,
                )
            )
    return found
