"""One run of the whole table."""

import os
import re
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.acceptance.copiers import clean
from tests.acceptance.copiers.copier import NOT_EITHER, Field, classified, judged, passed
from tests.acceptance.copiers.everyday import ARCHIVES, ENCODED, PLAIN
from tests.acceptance.copiers.kernel import AROUND, BESIDE, CALLS, PROCESSES
from tests.acceptance.copiers.programs import EDITORS, INTERPRETERS, SYNC
from tests.acceptance.copiers.site import Device, Ground, Site
from tests.acceptance.processes import wait

COPIERS = PLAIN + ARCHIVES + ENCODED + EDITORS + SYNC + INTERPRETERS + CALLS + PROCESSES + BESIDE + AROUND
FEW = (  # on file systems without owners and links, where the gateway's other half is at work
    "cp", "mv", "dd oflag=direct", "cat >", "rsync", "mmap writer", "hidden name, then rename", "io_uring",
)  # fmt: skip


def everything(kind="ext4", only="", *, keep=False):
    """Try all copiers whose names match ``only``; what came of each, and what is not as it should be.

    Classified documents go to one medium, the same copies of clean ones and all other clean work to a second one, which
    is then pulled and looked at where there is no agent.
    """
    began = time.monotonic()
    chosen = [one for one in COPIERS if re.search(only, one.name) and (kind == "ext4" or one.name in FEW)]
    work = [one for one in clean.WORK if re.search(only, one.name) and kind == "ext4"]
    able = [one for one in chosen if not one.missing()]
    with Ground() as folder:
        devices = []
        site = Site(folder, devices)
        try:
            devices.append(Device(folder, "stick", kind, 64, straight=True))
            devices.append(Device(folder, "disk", kind, 1024, fill=clean.fill if work else None))
            site.start()
            secret, plain = (Field(site, device) for device in devices)
            runs = {}
            for one in able:
                runs[one] = secret.run(one, marked=True), plain.run(one, marked=False)
                _say(one.name, runs[one])
            works = _work(plain, work)
            secret.take_stock({one: run for one, (run, _) in runs.items()})
            plain.take_stock({one: run for one, (_, run) in runs.items()})
            said = site.said()
        finally:
            if keep and site.log.exists():
                print(site.log.read_text(), file=sys.stderr)
            site.stop()
            for device in devices:
                device.close()
    rows = [_row(one, runs.get(one)) for one in chosen]
    failing = [_line(row) for row in [*rows, *works] if not row["ok"]]
    if "Traceback" in said:
        failing.append("the agent fell over:\n" + said[-3000:])
    return {"kind": kind, "copiers": rows, "work": works, "failing": failing, "seconds": time.monotonic() - began}


def _say(name, what):
    if "SHOUMI_COPIERS_LOUD" in os.environ:
        print(name, what, file=sys.stderr, flush=True)


def _line(row):
    return f"{row['name']}: {row.get('outcome') or row.get('problem')} {row.get('clean_problem', '')} {row}"


def _row(copier, runs):
    row = {"name": copier.name, "skipped": "", "ok": True, "why": ""}
    if runs is None:
        missing = copier.missing()
        return row | {"skipped": "no " + ", ".join(missing), "missing": missing}
    secret, plain = runs
    outcome, ok = judged(copier, secret)
    problem = passed(copier, plain)
    return row | {
        "outcome": outcome,
        "why": copier.beyond if outcome == "lands" else copier.silent if not secret.events else "",
        "bytes": classified(copier, secret),
        "classified": asdict(secret),
        "clean": asdict(plain),
        "clean_problem": problem,
        "ok": ok and problem in ("", NOT_EITHER),
    }


def _work(field, work):
    """Do it all, pull the medium, and look at it where no agent is."""
    site, device = field.site, field.device
    rows, checks = [], {}
    for one in work:
        row = {"name": one.name, "skipped": "", "ok": True, "problem": "", "seconds": 0.0, "told": 0}
        rows.append(row)
        if missing := one.missing():
            row |= {"skipped": "no " + ", ".join(missing), "missing": missing}
            continue
        person, variables = clean.prepare(field, one)
        before, began = site.newest(), time.monotonic()
        status, said = person.run(one.script, variables, one.patience)
        row["seconds"] = time.monotonic() - began
        told = [event["unmapped"] for event in site.events(before)]
        hindered = [event for event in told if event["done"] != "left"]
        row["told"] = len(told)
        person.close()
        if status is None:
            row["problem"] = "hangs"
        elif status or hindered:
            shown = [(event["kind"], event["done"], event["rule"]) for event in hindered]
            row["problem"] = f"status {status}: {said.strip()[-300:]} {shown or ''}"
        checks[one.name] = (one.check, variables | {"FOLDER": one.slug})
        _say(one.name, row)
    rows.append(_eject(site, device, checks))
    said = site.ask("verify", image=str(device.image), kind=device.kind, checks=checks)
    for row in rows:
        if not row["problem"] and said.get(row["name"]):
            row["problem"] = f"on the medium: {said[row['name']]}"
        row["ok"] = not row["problem"]
    return rows


def _eject(site, device, checks):
    """Copy and unmount at once, then `sync`: the mount goes before the agent has written all that it allowed."""
    name = "cp, umount at once, sync"
    row = {"name": name, "skipped": "", "ok": True, "problem": "", "seconds": 0.0, "told": 0}
    folder = site.disk / "eject"
    folder.mkdir()
    source = folder / "o"
    subprocess.run(
        ["bash", "-c", f"{{ printf '{clean.FILM}'; head -c 30000000 /dev/urandom; }} > '{source}'"], check=True
    )
    device.let_go()
    began = time.monotonic()
    script = f"mkdir '{device.place}/eject' && cp '{source}' '{device.place}/eject/' && umount '{device.place}'"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    if done.returncode:
        row["problem"] = done.stderr.strip()
    else:
        try:
            wait(lambda: str(device.place) not in Path("/proc/self/mountinfo").read_text(), 30, "it stays mounted")
            site.settled()
            os.sync()
        except AssertionError as problem:
            row["problem"] = str(problem)
    row["seconds"] = time.monotonic() - began
    checks[name] = ('diff -r "$X" "$B"', {"X": str(folder), "FOLDER": "eject"})
    return row
