"""What prevention rests on, by the names an agent uses in its heartbeat, and what follows where a part is missing."""

from __future__ import annotations

import msgspec

from config.text import Text

YES = "yes"  # in a heartbeat; any other word says, in English, why not


class Part(msgspec.Struct, frozen=True):
    """One part: its name for people, what it gives where it is there, and what is not enforced where it is not."""

    name: Text
    gives: Text
    lacks: Text
    essential: bool = False  # without it, copies are found after the fact only
    matters: bool = True  # whether anything is less well kept without it


PARTS: dict[str, Part] = {
    "fuse": Part(
        Text("FUSE", "FUSE"),
        Text(
            "copies to removable media are checked before anything lands (FUSE gateway)",
            "复制到移动介质的文件在写入前检查（FUSE 网关）",
        ),
        Text("copies are found just after they land and taken away", "副本在写入后立即被发现并移走，不能在写入前阻止"),
        essential=True,
    ),
    "fanotify": Part(
        Text("fanotify permission events", "fanotify 许可事件"),
        Text(
            "nobody opens a file on a medium for writing past the gateway (fanotify seal)",
            "任何程序都不能绕过网关打开介质上的文件写入（fanotify 封锁）",
        ),
        Text(
            "a medium is read-only beside the gateway, but whoever had a file open before is not stopped",
            "网关之外介质为只读，但此前已打开的文件仍可写入",
        ),
    ),
    "notifications": Part(
        Text("fanotify notifications", "fanotify 通知"),
        Text(
            "which process read what is known, so that sealed copies of a secret are recognised",
            "可知哪个进程读取了什么，从而识别涉密文件的加密副本",
        ),
        Text(
            "an encrypted copy is not traced to the document it came from; on_uninspected decides",
            "无法追溯加密副本的来源文件，由 on_uninspected 决定",
        ),
    ),
    "pre_access": Part(
        Text("FAN_PRE_ACCESS (Linux 6.14)", "FAN_PRE_ACCESS（Linux 6.14）"),
        Text(
            "the kernel could also ask before each access; the seal does not use it, for files that were open before "
            "are never asked about",
            "内核也可在每次访问前询问；封锁未使用该功能，因为此前已打开的文件不会被询问",
        ),
        Text(
            "the kernel cannot ask before each access; the seal does not need it",
            "内核不能在每次访问前询问；封锁不依赖该功能",
        ),
        matters=False,
    ),
    "mount_api": Part(
        Text("new mount calls (Linux 5.2)", "新挂载接口（Linux 5.2）"),
        Text(
            "the agent writes through a mount that nobody else can reach",
            "客户端通过他人无法访问的挂载点写入",
        ),
        Text(
            "the agent writes through a mount in a folder that only root may enter",
            "客户端通过仅 root 可进入的目录中的挂载点写入",
        ),
    ),
    "proc_connector": Part(
        Text("process connector", "进程连接器"),
        Text("which process started which is told by the kernel", "内核通知进程的派生关系"),
        Text(
            "which process started which is read from time to time; one that lives a moment may be missed",
            "进程派生关系只能定期读取，极短的进程可能遗漏",
        ),
    ),
    "filesystems": Part(
        Text("file systems of media", "介质文件系统"),
        Text("FAT, exFAT and NTFS media can be mounted", "可挂载 FAT、exFAT、NTFS 介质"),
        Text("media with a file system that has no driver here stay closed", "缺少驱动的文件系统，其介质无法使用"),
    ),
    "udev_rule": Part(
        Text("udev rule", "udev 规则"),
        Text(
            "a medium is closed from the moment it is plugged in until the agent has taken it",
            "介质自插入起即关闭，直至客户端接管",
        ),
        Text(
            "there is a moment between the mount and the agent's taking it over; a program that waits for it can write "
            "(measured: 1 of 15 tries)",
            "从挂载到客户端接管之间有一瞬间，有意等待的程序可能写入（实测 15 次中 1 次）",
        ),
    ),
    "service": Part(
        Text("service", "系统服务"),
        Text("the agent runs as a service and is started again when it ends", "客户端作为系统服务运行，退出后自动重启"),
        Text(
            "the agent runs while somebody keeps it running; `shoumi agent install` makes it a service",
            "客户端须有人保持运行；`shoumi agent install` 可将其装为系统服务",
        ),
    ),
}
GATEWAY = "gateway"  # in a heartbeat: whether the agent that sent it stands in the way of copies now
