"""The agent as a service: everything wired together, once."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from agent.act.notify import Notifier
from agent.act.quarantine import Quarantine
from agent.control import Control, where
from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted
from agent.health import Health
from agent.home import Site
from agent.lending.office import Office
from agent.lock import hold
from agent.pipeline import Pipeline
from agent.records import Status, reports
from agent.report.identity import load_identity
from agent.report.registers import Registers
from agent.report.spool import Spool
from agent.report.upload import Uploader
from agent.watch.files import Watch
from agent.watch.removable import Removable
from config.errors import UsageError
from config.events import Medium, Pulse
from config.policy import LOCAL, Place, Policy
from config.text import Text

log = logging.getLogger(__name__)
MIB = 2**20
_FOLDERS_SECONDS = 5.0


def run(site: Site, stop: threading.Event | None = None) -> None:  # noqa: PLR0915 - a list, read from top to bottom
    """Watch until SIGTERM or SIGINT (or ``stop``).

    Raises:
        ShoumiError: policy, rules, identity or home are not usable; nothing was started.
    """
    stop = stop or _signals()
    settings, home = site.settings, site.home
    policy, identity = site.policy(), load_identity(home)
    notifier = Notifier(site.language, policy.help)
    with ExitStack() as parts:
        parts.enter_context(_alone(home))
        workers = settings.workers or max(1, (os.cpu_count() or 2) // 2)
        setup = Setup(
            settings.limits,
            site.rules(),
            identity.digest_key,
            policy.exam_level,
            ocr=ocr_wanted(settings.ocr),
            passwords=policy.passwords,
            registers=str(site.registers),
            signers=site.signers(),
            thresholds=policy.thresholds,
            cache=str(site.cache),
            idle_seconds=settings.idle_seconds,
        )
        sandbox = parts.enter_context(Sandbox(setup, workers))
        layers = sandbox.layers(detect=True)  # a wrong rule is said here, in words
        spool = Spool(home / "spool.db", settings.spool.reserve_mib * MIB)
        parts.callback(spool.close)
        quarantine = Quarantine(home / "quarantine", identity.enrolled.recipient)
        pipeline = Pipeline(sandbox, policy, quarantine, spool, notifier)
        watch = Watch(pipeline.handle, settle=settings.watch.settle_seconds, workers=workers)
        health = Health(home, policy, pipeline, watch, spool, {name: state is True for name, state in layers.items()})
        uploader = Uploader(
            spool,
            site.collector(identity),
            health.heartbeat,
            batch=settings.spool.batch,
            beat_seconds=settings.heartbeat_seconds,
            longest_wait=settings.spool.retry_seconds,
        )
        pipeline.reported, uploader.heard = uploader.wake, health.heard
        registers = Registers(home, site.collector(identity), site.signers(), sandbox.renew)
        office = Office(site, identity, sandbox, policy, lambda _user, text: notifier.say(text))
        parts.callback(office.stop)
        control = Control(where(site), {**office.handlers, Status: reports(site, identity, spool)})
        pipeline.grants = office.grants  # a gateway asks the same grants, and tells office.returns what is inserted

        def pulsed(pulse: Pulse) -> None:
            registers.offered(pulse.registers)
            office.pulsed(pulse)

        health.registers, health.office, uploader.pulsed = registers, office, pulsed
        registers.start()
        parts.callback(registers.stop)
        office.start()
        control.start()
        parts.callback(control.stop)
        if count := pipeline.resume():
            notifier.say(Text(f"Finished {count} interrupted quarantine(s).", f"已补完上次中断的 {count} 项封存。"))
        uploader.start()
        parts.callback(uploader.stop)
        watch.start()
        parts.callback(watch.stop)
        media = Removable(_tell(watch, notifier, policy, office), watch.remove, settings.watch.mounts_seconds)
        media.look()  # before the folders: one that lies on a medium is then known by it
        media.start()
        words = Text(
            "The agent runs: policy version {version}, {zones} zones, removable media.",
            "客户端已启动：策略版本 {version}，{zones} 个区域，并监视移动介质。",
        )
        notifier.say(words.fill(version=policy.version, zones=len(policy.zones)))
        parts.callback(media.stop)
        while True:  # folders may come and go: shares, patterns, a zone whose medium was pulled
            for folder in policy.folders:
                watch.add(folder)
            if stop.wait(_FOLDERS_SECONDS):
                break
        notifier.say(Text("The agent stops.", "客户端正在停止。"))
        notifier.finish()


def _alone(home: Path) -> AbstractContextManager[None]:
    """One agent per home: two would fight over the same files."""

    def refuse(pid: str) -> UsageError:
        text = Text(f"an agent already runs here (process {pid})", f"此目录已有客户端在运行（进程 {pid}）")
        return UsageError(text, Text(f"stop it first; it works in {home}", f"请先停止它；工作目录：{home}"))

    return hold(home / "agent.pid", str(os.getpid()), refuse)


def _signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _tell(watch: Watch, notifier: Notifier, policy: Policy, office: Office) -> Callable[[Path, Medium], None]:
    """What happens when a medium is mounted: the person hears what it may hold, and it is watched."""

    def came(path: Path, medium: Medium) -> None:
        office.inserted(path, medium)
        zone = policy.zone(Place(path, medium))
        if zone is LOCAL:  # no zone speaks of it: it may hold everything
            return
        line = Text(
            "Watching {zone} “{name}” at {path}: may hold {level}.",
            "正在监视{zone}“{name}”（{path}）：可存放{level}文件。",
        )
        notifier.say(line.fill(zone=zone.words, name=medium.name, path=path, level=zone.clearance.text))
        watch.add(path, medium)

    return came
