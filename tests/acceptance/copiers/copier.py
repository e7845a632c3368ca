"""One way of copying, run once by a person of its own on a terminal of its own."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import termios
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.copiers.documents import KINDS, LINE, WINDOW
from tests.acceptance.processes import free_port

PYTHON = "/usr/bin/python3"  # what Debian has and every account can reach; the tricks need nothing else
PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"
FIRST_PERSON = 61_000
PATIENCE = 60.0
EMPTY = 32  # bytes of an archive with nothing in it
LINGER = 5.0  # seconds for what a script left in the background
TOLD = 3.0  # seconds in which people have to be told
BURST = 7.0  # the same for root, who is told once in five seconds, and then how much was left out
_SSH = """#!/bin/sh
while [ "$1" != x ]; do shift; done
shift
[ "$1" = -- ] && shift
exec sh -c "$*"
"""
NOT_EITHER = "not allowed either"
_BUBBLE = ("Copy stopped", "Please check this copy", "This copy", "1 more file")


@dataclass(frozen=True, eq=False)
class Copier:
    """A way of copying.

    ``script`` is run by bash: $S is the document, $B a folder of the person's own on the medium, $T and $H folders on
    the disk, $TRICK runs one of tricks.py.
    """

    name: str
    script: str
    needs: tuple[str, ...] = ()  # programs beyond those every Debian has
    kind: str = "text"
    root: bool = False  # what ordinary accounts may not do
    moves: bool = False  # a clean document is meant to be gone afterwards
    # What a clean document becomes on the medium: same; raw (all of it stands in something larger); other (another form
    # of it, whatever the name matches ``fruit``); nothing.
    lands: str = "same"
    fruit: str = ""
    beyond: str = ""  # why classified content gets through, if it does
    silent: str = ""  # why nobody is told: nothing of the document is ever written

    @property
    def slug(self):
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def is_apart(self):
        """Whether the writer has no terminal of its own: then a desktop is told, which there is none of here."""
        return any(
            word in self.script
            for word in ("setsid", "daemon", "nohup", "sftp", "by_grandchild", "nano", "as_mark_name")
        )

    def missing(self):
        """Programs that are not here."""
        return [one for one in self.needs if not shutil.which(one, path=PATH)]


@dataclass
class Run:
    """What came of it."""

    sha: str = ""  # of the document
    status: int = -1
    said: str = ""  # first line of what the program complained about
    bubble: str = ""  # first line of what the agent told the person
    events: list = field(default_factory=list)  # (kind, done)
    on_device: int = 0  # bytes of the document seen on the raw device at any time
    landed: list = field(default_factory=list)  # (name, size) of files with content there afterwards
    names: list = field(default_factory=list)  # of empty files there
    same: bool = False  # one of them is the document itself
    intact: bool = True  # the document is where and what it was
    hung: bool = False
    seconds: float = 0.0


class Person:
    """Somebody at a terminal."""

    def __init__(self, number):
        self.uid = number
        self.master, self.slave = pty.openpty()
        os.fchown(self.slave, number, number)
        os.set_blocking(self.master, False)
        self.seen = b""

    def run(self, script, variables, patience=PATIENCE):
        """Run a script in a session on this terminal; status (None: had to be ended), what it wrote to stderr."""

        def begin():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            os.setgroups([])
            os.setgid(self.uid)
            os.setuid(self.uid)
            os.umask(0o022)

        process = subprocess.Popen(
            ["bash", "-c", script],
            stdin=self.slave,
            stdout=self.slave,
            stderr=subprocess.PIPE,
            env=variables,
            cwd=variables["T"],
            preexec_fn=begin,  # noqa: PLW1509 - no thread of ours holds a lock then
        )
        said = []
        reader = threading.Thread(target=lambda: said.append(process.stderr.read()), daemon=True)
        reader.start()
        end = time.monotonic() + patience
        status = None
        while time.monotonic() < end and status is None:
            self.look()
            status = process.poll()
            time.sleep(0.005)
        marked = f"COPIER={variables['COPIER']}".encode()
        end = min(end, time.monotonic() + LINGER)
        quiet = 0
        while (
            time.monotonic() < end and quiet < 2
        ):  # what it left in the background; who just starts shows no variables
            quiet = 0 if _living(marked, self.uid) else quiet + 1
            self.look()
            time.sleep(0.02)
        for pid in _living(marked, self.uid):
            os.kill(pid, signal.SIGKILL)
        if status is None:
            process.kill()
        process.wait()
        reader.join(5)
        process.stderr.close()
        return status, b"".join(said).decode("utf-8", "replace")

    def look(self):
        """Read what appeared on the terminal."""
        while select.select([self.master], [], [], 0)[0]:
            try:
                self.seen += os.read(self.master, 65536)
            except OSError:
                return

    def bubble(self):
        """The first line that the agent wrote there."""
        self.look()
        lines = self.seen.decode("utf-8", "replace").replace("\r", "").splitlines()
        return next((line for line in lines if line.startswith(_BUBBLE)), "")

    def close(self):
        os.close(self.master)
        os.close(self.slave)


def _living(marked, uid):
    """Processes that carry a variable, or belong to a person who is not root."""
    found = []
    owner = f"\nUid:\t{uid}\t" if uid else None
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "status").read_text()
            is_dead = "\nState:\tZ" in status
            is_theirs = owner is not None and owner in status
            if not is_dead and (is_theirs or marked in (folder / "environ").read_bytes().split(b"\0")):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


class Field:
    """Where copiers run: a site and one of its media."""

    def __init__(self, site, device):
        self.site, self.device = site, device
        self._people = FIRST_PERSON
        self._tricks = site.disk / "tricks.py"
        self._ssh = site.disk / "ssh"
        if not self._tricks.exists():
            shutil.copy(Path(__file__).with_name("tricks.py"), self._tricks)
            self._tricks.chmod(0o644)
            self._ssh.write_text(_SSH)
            self._ssh.chmod(0o755)

    def variables(self, slug, uid, **more):
        """The environment of somebody who works in folders of their own."""
        own = self.site.disk / slug
        own.mkdir(exist_ok=True, mode=0o700)
        for name in ("tmp", "home"):
            (own / name).mkdir(exist_ok=True)
        for path in (own, own / "tmp", own / "home"):
            os.chown(path, uid, uid)
        onto = self.device.place / slug
        onto.mkdir(exist_ok=True)
        if self.device.kind == "ext4":
            os.chown(onto, uid, uid)
        return {
            "PATH": PATH,
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "HOME": str(own / "home"),
            "H": str(own / "home"),
            "T": str(own / "tmp"),
            "B": str(onto),
            "M": str(self.device.place),
            "NODE": self.device.node,
            "PY": PYTHON,
            "TRICK": f"{PYTHON} {self._tricks}",
            "SHELL_AS_SSH": str(self._ssh),
            "COPIER": f"{slug}-{uid}",
            **more,
        }

    def person(self, *, root=False):
        self._people += 1
        return Person(0 if root else self._people)

    def run(self, copier, *, marked):
        """Let somebody copy a document; a classified one is looked for on the raw device meanwhile."""
        site, device = self.site, self.device
        person = self.person(root=copier.root)
        slug = copier.slug
        variables = self.variables(slug, person.uid)
        source = site.disk / slug / (("秘密" if marked else "公开") + KINDS[copier.kind])
        made = site.ask("write", path=str(source), kind=copier.kind, marked=marked, owner=person.uid, folder=slug)
        variables |= {"S": str(source), "PORT": str(free_port())}
        before, result = site.newest(), Run(sha=made["sha"])
        if marked:
            site.ask("watch", image=str(device.image), folder=slug)
        began = time.monotonic()
        status, said = person.run(copier.script, variables)
        result.seconds = time.monotonic() - began
        result.hung, result.status = status is None, -1 if status is None else status
        result.said = _first(said, variables)
        if marked:
            end = time.monotonic() + (TOLD if person.uid else BURST)
            while time.monotonic() < end and site.newest() > before and not (person.bubble() or copier.is_apart):
                time.sleep(0.02)
            site.settled()
            device.flush()
            result.on_device = site.ask("stop")["most"] * (LINE if copier.kind == "text" else WINDOW)
        result.intact = site.ask("digest", path=str(source)) == made["sha"]
        result.events = [(one["unmapped"]["kind"], one["unmapped"]["done"]) for one in site.events(before)]
        result.bubble = _first(person.bubble(), variables)
        person.close()
        while subprocess.run(["umount", "-l", f"{variables['T']}/m"], capture_output=True).returncode == 0:
            pass
        subprocess.run(["rm", "-rf", "--one-file-system", site.disk / slug], check=True)
        return result

    def take_stock(self, runs):
        """Look at the medium where no agent is, and enter into each run (by its copier) what is there of it."""
        for path, size, sha, has_pieces in self.site.ask("landed", image=str(self.device.image), kind=self.device.kind):
            folder, _, name = path.partition("/")
            for copier, run in runs.items():
                if copier.slug == folder:
                    if size:
                        run.landed.append((name, size, has_pieces))
                    else:
                        run.names.append(name.rpartition("/")[2])
                    run.same |= sha == run.sha


def _first(said, variables):
    """The first telling line, without folders of this run."""
    lines = [line.strip() for line in said.replace("\r", "\n").splitlines() if line.strip()]
    line = next((one for one in lines if _TELLING.search(one)), lines[-1] if lines else "")
    for name in ("B", "T", "H", "M"):
        line = line.replace(variables[name], f"${name}")
    return re.sub(r"/tmp/copiers-[^/ ]*", "…", line)[:160]


_TELLING = re.compile(r"(?i)denied|permitted|error|fail|cannot|can't|read-only|copy stopped|refused|not ")


def classified(copier, run):
    """Bytes on the device that are the document, or come of it: what was there before and is untouched does not."""
    files = 0
    for name, size, is_piece in run.landed:
        derived = copier.lands == "other" and size > EMPTY and re.search(copier.fruit, name)
        files += size if is_piece or derived else 0
    names = sum(len(name) for name in run.names) if copier.lands == "names" else 0
    return max(run.on_device, files, names)


def judged(copier, run):
    """The verdict about one classified copy: outcome, and whether that is what was promised."""
    if run.hung:
        return "hangs", False
    if not run.intact:
        return "source lost", False
    if run.on_device or classified(copier, run):
        return "lands", bool(copier.beyond)
    if not run.events and not copier.silent:
        return "nothing copied, nobody told", False
    if run.events and not run.bubble and not copier.is_apart:
        return "refused, person not told", False
    return ("refused" if run.events else "nothing to copy"), True


def passed(copier, run):  # noqa: PLR0911 - one answer a way to fail
    """What is wrong with the same copy of a clean document; empty when nothing is, NOT_EITHER where nobody may."""
    if run.hung:
        return "hangs"
    if copier.lands == "nothing" and copier.silent:
        return NOT_EITHER if run.status or run.events else ""
    if run.status:
        return f"status {run.status}: {run.said}"
    if [one for one in run.events if one != ("uninspected", "left")]:
        return f"reported: {run.events}"
    if run.intact == copier.moves:
        return "source lost" if not copier.moves else "source still there"
    if copier.lands == "same" and not run.same:
        return f"not on the medium; there: {run.landed}"
    if copier.lands in ("other", "raw") and not run.landed:
        return "nothing on the medium"
    return ""
