"""Parts of a real agent are killed and stopped at random while people copy; then everything is accounted for.

    python -m tests.acceptance.chaos --kills 1000 [--seed N] [--folder /tmp/chaos]

Needs root. Media are loop devices in a mount namespace of its own. Prints one JSON object with the figures; exit
status 1 when an invariant does not hold. Invariants:

    moved       every file that `mv` was asked for is whole at its source or on the medium
    partial     no name on the medium holds anything but a whole version of its file; none of ours is left beside
    copied      what a copier said it copied is on the medium when the agent has stopped in order
    classified  no byte of a classified file was ever on a raw device
    reported    every refused classified file is in the collector
    hung        no copier lived longer than the deadline, nor stayed in state D
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from agent.sample import write_sample
from tests.acceptance.station import HEAD, Station, as_person, unshared
from tests.acceptance.sticks import children, is_guarded, state

DATE = date(2026, 11, 23)
UID = 12345
TOKEN = b"CLASSIFIED-7f3a-"
DEADLINE = 60.0  # seconds a copier of a few files may live, whatever is killed meanwhile
LONGEST_D = 60.0  # seconds in state D, which is also how a close waits for its judge
SMALL, TREE, BIG = 6000, 12, 6 << 20
EMPTY = hashlib.sha256(b"").hexdigest()
WRITER = {
    "plain": 'dd if="$0" of="$1" bs=4096 conv=fsync status=none',
    "replace": 'dd if="$0" of="$1.part" bs=4096 conv=fsync status=none && mv -f "$1.part" "$1"',
}


class Gate:
    """Many copiers, or one that plugs: nobody starts a copy to a stick that is not in its place."""

    def __init__(self):
        self._condition = threading.Condition()
        self._inside, self._closed = 0, False

    def __enter__(self):
        with self._condition:
            while self._closed:
                self._condition.wait()
            self._inside += 1

    def __exit__(self, *_):
        with self._condition:
            self._inside -= 1
            self._condition.notify_all()

    def close(self):
        with self._condition:
            self._closed = True
            while self._inside:
                self._condition.wait()

    def open(self):
        with self._condition:
            self._closed = False
            self._condition.notify_all()


class Books:
    """What was tried, and what has to be true of it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.copied = {}  # (stick, name): SHA-256 of the last version that a copier said is there
        self.may = {}  # (stick, name): versions that may stand there
        self.moves = []  # (source, SHA-256, stick, name, succeeded)
        self.secrets = {}  # SHA-256: outcome
        self.pieces = {TOKEN}
        self.runs = {"ok": 0, "failed": 0}
        self.longest, self.longest_of, self.longest_d = 0.0, "", 0.0
        self.errors = {}
        self.last = 0  # exit status

    def tried(self, stick, name, digest, *, done):
        with self.lock:
            key = stick.label, name
            if done:
                self.copied[key] = digest
                self.may[key] = {digest}
            else:
                self.copied.pop(key, None) if key not in self.may else None
                self.may.setdefault(key, {""}).update({digest, EMPTY})
                self.copied.pop(key, None)

    def took(self, what, seconds, result):
        with self.lock:
            self.last = result.returncode
            self.runs["ok" if result.returncode == 0 else "failed"] += 1
            if seconds > self.longest:
                self.longest, self.longest_of = seconds, what
            if result.returncode:
                line = result.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
                reason = line[0].rpartition(": ")[2][:60] if line else "?"
                self.errors[reason] = self.errors.get(reason, 0) + 1


class Copiers:
    """People who copy until they are told to stop."""

    def __init__(self, station, books, seed):
        self.station, self.books = station, books
        self.gates = {stick.label: Gate() for stick in station.sticks}
        self.stopping = threading.Event()
        self.sources = station.folder / "sources"
        self.sources.mkdir()
        os.chown(self.sources, UID, UID)
        ways = [self.tree, self.tree, self.move, self.secret, self.secret, self.big, self.write, self.rsync]
        self.threads = [
            threading.Thread(target=self._run, args=(way, random.Random(f"{seed}-{number}"), number), daemon=True)
            for number, way in enumerate(ways)
        ]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for gate in self.gates.values():
            gate.open()
        for thread in self.threads:
            thread.join(DEADLINE + 30)
        return not any(thread.is_alive() for thread in self.threads)

    def _run(self, way, dice, number):
        count = 0
        while not self.stopping.is_set():
            stick = dice.choice(self.station.sticks)
            with self.gates[stick.label]:
                if not self.stopping.is_set():
                    way(stick, dice, f"{way.__name__}-{number}-{count}")
            count += 1
            time.sleep(dice.uniform(0.02, 0.3) if self.books.last == 0 else dice.uniform(0.3, 1.2))

    def _do(self, *command):
        began = time.monotonic()
        result = as_person(*command, uid=UID, seconds=600)
        self.books.took(str(command[0]), time.monotonic() - began, result)
        return result

    def _file(self, path, data):
        path.write_bytes(data)
        os.chown(path, UID, UID)
        return hashlib.sha256(data).hexdigest()

    def _clean(self, dice, most=SMALL):
        words = [dice.choice(("plan", "list", "note", "draft", "table", "visit")) for _ in range(dice.randint(5, 50))]
        text = " ".join(words).encode() + b" %x\n" % dice.getrandbits(64)
        return (text * (1 + most // len(text)))[: dice.randint(1, most)]

    def _folder(self, dice, name):
        folder = self.sources / name
        folder.mkdir()
        os.chown(folder, UID, UID)
        files = {}
        for index in range(TREE):
            (folder / f"d{index % 3}").mkdir(exist_ok=True)
            os.chown(folder / f"d{index % 3}", UID, UID)
            files[f"d{index % 3}/f{index}.txt"] = self._file(
                folder / f"d{index % 3}" / f"f{index}.txt", self._clean(dice)
            )
        return folder, files

    def tree(self, stick, dice, name):
        folder, files = self._folder(dice, name)
        done = self._do("cp", "-r", folder, stick.path / name).returncode == 0
        for file, digest in files.items():
            self.books.tried(stick, f"{name}/{file}", digest, done=done)
        shutil.rmtree(folder)

    def rsync(self, stick, dice, name):
        folder, files = self._folder(dice, name)
        done = self._do("rsync", "-a", "--timeout=120", f"{folder}/", stick.path / name).returncode == 0
        for file, digest in files.items():
            self.books.tried(stick, f"{name}/{file}", digest, done=done)
        shutil.rmtree(folder)

    def move(self, stick, dice, name):
        source = self.sources / name
        digest = self._file(source, self._clean(dice, dice.choice((100, SMALL, 2 << 20))))
        done = self._do("mv", source, stick.path / name).returncode == 0
        self.books.tried(stick, name, digest, done=done)
        with self.books.lock:
            self.books.moves.append((source, digest, stick.label, name, done))

    def big(self, stick, dice, name):
        source = self.sources / name
        name = f"big-{dice.randint(0, 3)}.wav"  # the same names again: a device has an end
        head = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data\0\0\0\0"
        digest = self._file(source, head + dice.randbytes(4096) * (BIG // 4096))
        done = self._do("cp", source, stick.path / name).returncode == 0
        self.books.tried(stick, name, digest, done=done)
        source.unlink()

    def write(self, stick, dice, name):
        source = self.sources / name
        way = dice.choice(("replace", "plain"))
        name = f"saved-{dice.randint(0, 5)}-{way}.txt"
        digest = self._file(source, self._clean(dice, 30000))
        done = self._do("sh", "-c", WRITER[way], source, stick.path / name).returncode == 0
        self.books.tried(stick, name, digest, done=done)
        if way == "replace":
            self.books.tried(stick, name + ".part", digest, done=False)
        source.unlink()

    def secret(self, stick, dice, name):
        source = self.sources / name
        if dice.random() < 0.8:
            text = HEAD.encode() + TOKEN + b"%032x\n" % dice.getrandbits(128) + self._clean(dice)
            digest = self._file(source, text)
        else:
            source = source.with_suffix(".docx")
            write_sample(source, DATE)
            with source.open("ab") as file:  # the same document each time, but for its end
                file.write(TOKEN + b"%032x" % dice.getrandbits(128))
            digest = hashlib.sha256(source.read_bytes()).hexdigest()
            os.chown(source, UID, UID)
        command = ("cp", source, stick.path / source.name)
        result = self._do(*dice.choice((command, ("mv", *command[1:]), ("dd", f"if={source}", f"of={command[2]}"))))
        said = result.stderr.decode("utf-8", "replace")
        outcome = "landed" if result.returncode == 0 else "refused" if "Permission denied" in said else "cut off"
        if "cannot create" in said or "cannot stat" in said or "failed to open" in said:
            outcome = "not begun"
        with self.books.lock:
            self.books.secrets[digest] = outcome
        if outcome != "landed" and not source.exists():
            self.books.secrets[digest] = "lost"
        source.unlink(missing_ok=True)


class Looks(threading.Thread):
    """Looks at the raw devices and at how long copiers stand still."""

    def __init__(self, station, books):
        super().__init__(daemon=True)
        self.station, self.books = station, books
        self.stopping = threading.Event()
        self.seen, self.count = set(), 0

    def run(self):
        waiting, due = {}, 0.0
        while not self.stopping.wait(0.25):
            now = time.monotonic()
            still = {pid for pid in persons() if state(pid) == "D"}
            waiting = {pid: waiting.get(pid, now) for pid in still}
            self.books.longest_d = max([self.books.longest_d, *(now - since for since in waiting.values())])
            if now > due:
                due = now + 2.0
                self.look()

    def look(self):
        self.count += 1
        for stick in self.station.sticks:
            self.seen |= stick.raw(TOKEN)


def persons():
    """Processes of the copiers' account."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if folder.stat().st_uid == UID:
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


class Killer:
    """Ends and stops parts of the agent, and plugs sticks."""

    def __init__(self, station, copiers, dice):
        self.station, self.copiers, self.dice = station, copiers, dice
        self.done = {}
        self.waits = []  # seconds from the death of an agent until its media are guarded again
        self.timers = []
        self.ways = [
            (self.worker, 58),
            (self.stop_worker, 20),
            (self.agent, 9),
            (self.stop_agent, 3),
            (self.supervisor, 3),
            (self.stop_supervisor, 2),
            (self.unplug, 3),
            (self.collector, 2),
        ]

    def once(self):
        ways, weights = zip(*self.ways, strict=True)
        way = self.dice.choices(ways, weights)[0]
        if way():
            self.done[way.__name__] = self.done.get(way.__name__, 0) + 1
            return way.__name__
        return ""

    def _send(self, pid, number):
        try:
            os.kill(pid, number)
        except (ProcessLookupError, TypeError):
            return False
        return True

    def _pause(self, pid, seconds):
        if not pid or not self._send(pid, signal.SIGSTOP):
            return False
        timer = threading.Timer(seconds, self._send, (pid, signal.SIGCONT))
        timer.start()
        self.timers.append(timer)
        return True

    def worker(self):
        found = self.station.workers
        if not found or not self._send(self.dice.choice(found), signal.SIGKILL):
            return False
        if self.dice.random() < 0.7:
            self._until_copied(1, 5.0)
        return True

    def stop_worker(self):
        found = self.station.workers
        return bool(found) and self._pause(self.dice.choice(found), self.dice.uniform(0.1, 4))

    def agent(self):
        pid = self.station.agent
        if not pid or not self._send(pid, signal.SIGKILL):
            return False
        self._back()
        return True

    def stop_agent(self):
        seconds = self.dice.uniform(0.1, 7)
        if not self._pause(self.station.agent, seconds):
            return False
        time.sleep(seconds)
        return True

    def supervisor(self):
        self.station.process.kill()
        time.sleep(self.dice.uniform(0, 0.5))
        self.station.start(guarded=False)
        self._back()
        return True

    def stop_supervisor(self):
        return self._pause(self.station.supervisor, self.dice.uniform(0.1, 3))

    def unplug(self):
        stick = self.dice.choice(self.station.sticks)
        gate = self.copiers.gates[stick.label]
        if not is_guarded(stick.path):
            return False
        stick.unmount()
        gate.close()
        try:
            stick.clear()
            stick.mount()
            self.wait_guarded()
        finally:
            gate.open()
        return True

    def collector(self):
        collector = self.station.collector
        below = children(collector.process.popen.pid)
        collector.process.kill()
        for pid in below:  # else one of them holds the port, and the next cannot listen
            self._send(pid, signal.SIGKILL)
        time.sleep(self.dice.uniform(0.5, 1.5))
        collector.start()
        return True

    def _back(self):
        """Mostly let it come back; sometimes the next kill comes while it does."""
        if self.dice.random() < 0.25:
            time.sleep(self.dice.uniform(0, 2))
            return
        self.waits.append(self.wait_guarded())
        self._until_copied(2, 15.0)

    def wait_guarded(self, seconds=90.0):
        began = time.monotonic()
        while not all(is_guarded(stick.path) for stick in self.station.sticks):
            if time.monotonic() - began > seconds:
                raise AssertionError("media are not guarded again: " + self.station.said()[-4000:])
            if self.station.process.popen.poll() is not None:
                raise AssertionError("the supervisor ended: " + self.station.said()[-4000:])
            time.sleep(0.05)
        return time.monotonic() - began

    def _until_copied(self, count, seconds):
        """Mostly let people get something done before the next kill: what never works cannot be broken."""
        books = self.copiers.books
        wanted, until = books.runs["ok"] + count, time.monotonic() + seconds
        while books.runs["ok"] < wanted and time.monotonic() < until:
            time.sleep(0.05)

    def finish(self):
        for timer in self.timers:
            timer.join()


def account(station, books, looks, folder):
    """What does not hold, in words; the devices are read without the agent."""
    wrong = []
    found = {stick.label: stick.tree(folder) for stick in station.sticks}
    looks.look()
    digests = {
        (label, name): hashlib.sha256(data).hexdigest() for label, tree in found.items() for name, data in tree.items()
    }
    for key, digest in digests.items():
        name = key[1]
        if ".shoumi~" in name:
            wrong.append(f"partial: {key} was left on the medium")
        elif key in books.may and digest not in books.may[key]:
            wrong.append(f"partial: {key} holds {len(found[key[0]][name])} bytes that are no version of it")
        elif name.startswith("secret"):
            wrong.append(f"classified: {key} stands on the medium with {len(found[key[0]][name])} bytes")
    for key, digest in books.copied.items():
        if digests.get(key) != digest:
            wrong.append(f"copied: {key} is {'another' if key in digests else 'not there'}")
    for source, digest, label, name, done in books.moves:
        there = digests.get((label, name)) == digest
        here = source.exists() and hashlib.sha256(source.read_bytes()).hexdigest() == digest
        if not (there or here):
            wrong.append(f"moved: {name} is nowhere ({'said done' if done else 'said failed'})")
    if looks.seen:
        wrong.append(f"classified: {sorted(looks.seen)} on a raw device")
    wrong += [
        f"classified: a copy said it worked, {digest}" for digest, how in books.secrets.items() if how == "landed"
    ]
    wrong += [f"moved: a refused file is lost, {digest}" for digest, how in books.secrets.items() if how == "lost"]
    reported = set(station.reported())
    refused = {digest for digest, how in books.secrets.items() if how == "refused"}
    wrong += [f"reported: a refused file is not in the collector: {digest}" for digest in sorted(refused - reported)]
    if books.longest > DEADLINE:
        wrong.append(f"hung: {books.longest_of} lived {books.longest:.1f} s")
    if books.longest_d > LONGEST_D:
        wrong.append(f"hung: a copier was in state D for {books.longest_d:.1f} s")
    return wrong, reported


def chaos(folder, kills, seed, log=lambda _line: None, *, quick=False, seconds=36000.0):
    """Run it all; the figures, with what does not hold under ``wrong``."""
    dice, books = random.Random(seed), Books()
    station = Station(folder, ["CHA", "CHB"], mib=320)
    began = time.monotonic()
    try:
        station.start()
        station.wait_ready()
        copiers = Copiers(station, books, seed)
        looks, killer = Looks(station, books), Killer(station, copiers, dice)
        copiers.start()
        looks.start()
        count = 0
        while count < kills and time.monotonic() - began < seconds:
            time.sleep(dice.uniform(0.05, 0.6 if quick else 1.2))
            way = killer.once()
            count += bool(way)
            if way and (count % 50 == 0 or kills < 100):
                spent = time.monotonic() - began
                log(f"{count} kills after {spent:.0f} s, {way}: {books.runs}, {books.errors}")
                if looks.seen:
                    break
        killer.finish()
        killer.wait_guarded()
        time.sleep(1)
        is_over = copiers.stop()
        time.sleep(1)
        looks.stopping.set()
        looks.join()
        deadline = time.monotonic() + 60
        wanted = {digest for digest, how in books.secrets.items() if how == "refused"}
        while time.monotonic() < deadline and not wanted <= set(station.reported()):
            time.sleep(0.5)
        status = station.stop()
        left = [str(path) for path in station.staged()]
        for stick in station.sticks:
            stick.clear()
        wrong, reported = account(station, books, looks, folder / "check")
        if not is_over:
            wrong.append("hung: copiers do not end")
        if status:
            wrong.append(f"the agent ended with {status}")
        if left:
            wrong.append(f"{len(left)} staged files are left after an orderly end")
        if "Traceback" in station.said():
            wrong.append("the agent's log holds a traceback")
        outcomes = {how: list(books.secrets.values()).count(how) for how in set(books.secrets.values())}
        cut = {digest for digest, how in books.secrets.items() if how == "cut off"}
        killer.waits.sort()
        return {
            "kills": count,
            "by": killer.done,
            "seed": seed,
            "seconds": round(time.monotonic() - began),
            "copiers": books.runs,
            "errors": dict(sorted(books.errors.items(), key=lambda item: -item[1])[:12]),
            "files said copied": len(books.copied),
            "moves": len(books.moves),
            "classified": outcomes,
            "cut off and reported": len(cut & reported),
            "raw looks": looks.count,
            "longest copier": f"{books.longest:.1f} s ({books.longest_of})",
            "longest state D": f"{books.longest_d:.1f} s",
            "guarded again after": {
                "median": round(killer.waits[len(killer.waits) // 2], 2) if killer.waits else None,
                "longest": round(killer.waits[-1], 2) if killer.waits else None,
            },
            "wrong": wrong,
        }
    finally:
        station.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seconds", type=float, default=36000.0, help="no more kills after so long")
    parser.add_argument("--quick", action="store_true", help="shorter waits between kills")
    options = parser.parse_args()
    unshared()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    told = chaos(
        folder,
        options.kills,
        options.seed,
        lambda line: print(line, file=sys.stderr, flush=True),
        quick=options.quick,
        seconds=options.seconds,
    )
    print(json.dumps(told, ensure_ascii=False, indent=1))
    if not told["wrong"] and options.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
