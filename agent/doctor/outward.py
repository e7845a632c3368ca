"""Where files can leave this computer: media that are plugged in, and every other channel, with what holds for each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from agent.doctor.lines import Line, State
from agent.home import Site
from agent.watch.burners import burners
from agent.watch.devices import attached
from agent.watch.phones import plugged, shown
from agent.watch.removable import mounted
from agent.watch.shares import shares
from agent.watch.synced import synced
from config.errors import ShoumiError
from config.events import Channel, Medium
from config.policy import LOCAL, Place, Policy, load_policy
from config.text import Text

_KEYS = ("bus", "vendor", "product", "serial", "label")


def media(site: Site) -> Iterator[Line]:
    """Removable media: mounted, and those that nobody has mounted."""
    policy = _policy(site)
    if policy is None:
        return  # said above
    there = mounted(read_only=True)
    for path, medium in there.items():
        yield _place(policy, path, medium)
    closed = [one for one in attached() if not one.points] if sys.platform == "linux" else []
    for one in closed:
        line = Text("{node}: not mounted; {facts}", "{node}：未挂载；{facts}")
        yield "ok", line.fill(node=one.node, facts=_facts(one.medium))
    if not there and not closed:
        yield "ok", Text("no removable medium is plugged in now", "当前没有插入移动介质")


def channels(site: Site) -> Iterator[Line]:
    """What else there is, what is watched of it, and what is not enforced."""
    policy = _policy(site)
    if policy is None:
        return
    if sys.platform == "linux":
        folders, closed = shown()
        yield from _phones(policy, folders, closed)
        yield from _shares(policy, shares() | {p: m for p, m in folders.items() if m.channel is Channel.SHARE})
        for drive in burners():
            yield (
                "limited",
                Text(
                    "{node}: writes discs ({facts}); what is burnt is not seen. Take the drive out, or its use away",
                    "{node}：可刻录光盘（{facts}），无法检查刻录内容。请拆除光驱或收回使用权限",
                ).fill(node=drive.mount, facts=_facts(drive)),
            )
    found = synced()
    for path, medium in found.items():
        state, text = _place(policy, path, medium)
        yield state, text
    if found:
        yield (
            "limited",
            Text(
                "synchronised folders are looked at after a file was put there; its program may have sent it by then",
                "同步文件夹在文件放入后检查，同步程序此时可能已上传",
            ),
        )
    else:
        yield "ok", Text("no synchronised folder is set up", "未发现同步文件夹")
    yield (
        "limited",
        Text(
            "not watched at all: browsers, mail and chat programs, printers, Bluetooth, the network",
            "完全不监视：浏览器、邮件和聊天软件、打印机、蓝牙、网络",
        ),
    )


def _phones(policy: Policy, folders: dict[Path, Medium], closed: list[Path]) -> Iterator[Line]:
    there = plugged()
    for phone in there:
        yield (
            "limited",
            Text(
                "telephone or camera {facts}: copies to it cannot be kept from landing",
                "手机或相机 {facts}：无法在写入前阻止复制",
            ).fill(facts=_facts(phone)),
        )
    for path, medium in folders.items():
        if medium.channel is Channel.PHONE:
            yield _place(policy, path, medium)
    for tree in closed:
        yield (
            "limited",
            Text(
                "{tree}: the desktop shows telephones and shares there to its user alone; nothing in it is seen",
                "{tree}：桌面仅向其用户显示其中的手机和共享，无法检查",
            ).fill(tree=tree),
        )
    if not there and not folders:
        yield (
            "ok",
            Text(
                "no telephone or camera is plugged in; copies to one could not be kept from landing",
                "未连接手机或相机；如连接，无法在写入前阻止复制",
            ),
        )


def _shares(policy: Policy, found: dict[Path, Medium]) -> Iterator[Line]:
    for path, medium in found.items():
        yield _place(policy, path, medium)
    if found:
        yield (
            "limited",
            Text(
                "shares are looked at after a file was put there from this computer; what others put there is found "
                "by the sweep",
                "共享目录在本机写入后检查，其他电脑写入的文件由定期检查发现",
            ),
        )
    else:
        yield "ok", Text("no share is mounted", "未挂载网络共享")


def _place(policy: Policy, path: Path, medium: Medium) -> Line:
    zone = policy.zone(Place(path, medium))
    if zone is LOCAL:
        unwatched = Text(
            "{path}: no zone speaks of it, so it is not watched; {facts}", "{path}：无对应区域，不监视；{facts}"
        )
        return "limited", unwatched.fill(path=path, facts=_facts(medium))
    line = Text("{path}: {zone}, may hold {level}; {facts}", "{path}：{zone}，可存放{level}；{facts}")
    state: State = "ok"
    return state, line.fill(path=path, zone=zone.words, level=zone.clearance.text, facts=_facts(medium))


def _facts(medium: Medium) -> str:
    return " ".join(f"{key}={getattr(medium, key)}" for key in _KEYS if getattr(medium, key))


def _policy(site: Site) -> Policy | None:
    try:
        return load_policy(site.folder / site.settings.policy)
    except ShoumiError:
        return None
