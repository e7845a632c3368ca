"""The agent as a service: everything wired together, once."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from agent.act.notify import Notifier
from agent.act.quarantine import Quarantine
from agent.arrivals import Arrivals
from agent.control import Control, where
from agent.eject import Eject, ejecting
from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted
from agent.guard.desk import Desk
from agent.health import Health
from agent.home import Site
from agent.lending.office import Office
from agent.lock import hold
from agent.pipeline import Pipeline
from agent.records import Status, reports
from agent.report.identity import Identity, load_identity
from agent.report.registers import Registers
from agent.report.spool import Spool
from agent.report.upload import Uploader
from agent.supervisor import Heart, bury, die_with_parent, is_dying
from agent.watch.channels import Channels
from agent.watch.files import Watch
from agent.watch.removable import Removable
from config.errors import UsageError
from config.events import Pulse
from config.policy import Policy
from config.text import Text

log = logging.getLogger(__name__)
MIB = 2**20
_FOLDERS_SECONDS = 5.0
_SOON = 0.1
_FEWEST = 2  # workers: while one reads something that takes long, other copies go on
Result = TypeVar("Result")
_LAST_ONE = 10.0  # seconds that an agent whose supervisor was killed may take to be gone


def run(site: Site, stop: threading.Event | None = None, beats: int = -1) -> None:  # noqa: PLR0915 - a list
    """Watch until SIGTERM or SIGINT (or ``stop``); ``beats`` is where a supervisor listens.

    Raises:
        ShoumiError: policy, rules, identity or home are not usable; nothing was started.
    """
    stop = stop or _signals()
    if beats >= 0:
        die_with_parent(beats)
        _need_descriptors()
    settings, home = site.settings, site.home
    policy, identity = site.policy(), load_identity(home)
    notifier = Notifier(site.language, policy.help, coaching=policy.coaching)
    with ExitStack() as parts:
        parts.enter_context(_alone(home, _LAST_ONE if beats >= 0 else 0.0))
        workers = settings.workers or max(_FEWEST, (os.cpu_count() or 2) // 2)
        sandbox = parts.enter_context(Sandbox(_setup(site, policy, identity), workers))
        spool = Spool(home / "spool.db", settings.spool.reserve_mib * MIB)
        parts.callback(spool.close)
        quarantine = Quarantine(home / "quarantine", identity.enrolled.recipient)
        quarantine.tidy()
        pipeline = Pipeline(sandbox, policy, quarantine, spool, notifier)
        watch = Watch(pipeline.handle, settle=settings.watch.settle_seconds, workers=workers)
        office = Office(site, identity, sandbox, policy, notifier.say_to)
        parts.callback(office.stop)
        pipeline.grants = office.grants
        desk = Desk(sandbox, policy, spool, quarantine, notifier, lender=office.grants)
        arrivals = Arrivals(home, desk, watch, office)
        parts.callback(arrivals.stop)
        pipeline.way = arrivals.way
        if beats >= 0:
            heart = Heart(beats, lambda: arrivals.sound)
            heart.start()
            parts.callback(heart.stop)
        media = Removable(arrivals.came, arrivals.went, settings.watch.mounts_seconds)
        media.look()  # before anything that takes time: nobody can write past the gateway from here on
        media.start()
        arrivals.start()
        parts.callback(media.stop)
        layers = _meanwhile(stop, lambda: sandbox.layers(detect=True))  # a wrong rule is said here, in words
        if layers is None:
            return
        health = Health(home, policy, pipeline, watch, spool, {name: state is True for name, state in layers.items()})
        uploader = Uploader(
            spool,
            site.collector(identity),
            health.heartbeat,
            batch=settings.spool.batch,
            beat_seconds=settings.heartbeat_seconds,
            longest_wait=settings.spool.retry_seconds,
        )
        pipeline.reported = desk.reported = uploader.wake
        uploader.heard = health.heard
        registers = Registers(home, site.collector(identity), site.signers(), sandbox.renew)
        control = Control(
            where(site), {**office.handlers, Status: reports(site, identity, spool), Eject: ejecting(arrivals)}
        )

        def pulsed(pulse: Pulse) -> None:
            registers.offered(pulse.registers)
            office.pulsed(pulse)

        health.registers, health.office, health.arrivals, uploader.pulsed = registers, office, arrivals, pulsed
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
        channels = Channels(arrivals.came, watch.remove)
        channels.start()
        parts.callback(channels.stop)
        words = Text(
            "The agent runs: policy version {version}, {zones} zones, removable media.",
            "客户端已启动：策略版本 {version}，{zones} 个区域，并监视移动介质。",
        )
        notifier.say(words.fill(version=policy.version, zones=len(policy.zones)))
        while True:  # folders may come and go: shares, patterns, a zone whose medium was pulled
            for folder in policy.folders:
                watch.add(folder)
            if stop.wait(_FOLDERS_SECONDS):
                break
        notifier.say(Text("The agent stops.", "客户端正在停止。"))
        notifier.finish()


def _meanwhile(stop: threading.Event, work: Callable[[], Result]) -> Result | None:
    """What some work comes to; None when the agent is told to stop before: nobody waits for the rest."""
    done: list[Result] = []
    failed: list[BaseException] = []
    ended = threading.Event()

    def act() -> None:
        try:
            done.append(work())
        except BaseException as problem:  # noqa: BLE001 - raised below
            failed.append(problem)
        finally:
            ended.set()

    threading.Thread(target=act, name="starting", daemon=True).start()
    while not ended.wait(_SOON):
        if stop.is_set():
            return None
    if failed:
        raise failed[0]
    return done[0]


def _setup(site: Site, policy: Policy, identity: Identity) -> Setup:
    """What every reader of files is given."""
    return Setup(
        site.settings.limits,
        site.rules(),
        identity.digest_key,
        policy.exam_level,
        ocr=ocr_wanted(site.settings.ocr),
        passwords=policy.passwords,
        registers=str(site.registers),
        signers=site.signers(),
        thresholds=policy.thresholds,
        cache=str(site.cache),
        idle_seconds=site.settings.idle_seconds,
    )


def _alone(home: Path, seconds: float) -> ExitStack:
    """One agent per home: two would fight over the same files. One that is just ending is waited for."""

    def refuse(pid: str) -> UsageError:
        text = Text(f"an agent already runs here (process {pid})", f"此目录已有客户端在运行（进程 {pid}）")
        return UsageError(text, Text(f"stop it first; it works in {home}", f"请先停止它；工作目录：{home}"))

    until = time.monotonic() + seconds
    while True:
        held = ExitStack()
        try:
            held.enter_context(hold(home / "agent.pid", str(os.getpid()), refuse))
        except UsageError:
            if time.monotonic() > until:
                raise
            time.sleep(_SOON)
            if is_dying(_number(home / "agent.pid")):
                bury(home)
        else:
            return held


def _need_descriptors() -> None:
    """A gateway holds one descriptor a file that people look at; systemd's usual 1024 would soon be used up."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _number(file: Path) -> int:
    """The number in a file; 0 where there is none."""
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
