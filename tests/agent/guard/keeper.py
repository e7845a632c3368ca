"""An agent with custody alone: media are really taken over; a stand-in judges, by words in the content.

    SECRET    refused, and noted in `events`
    SLOW      judged after five seconds
Run as a program: python -m tests.agent.guard.keeper HOME POLICY
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from agent.guard import custody
from agent.guard.desk import Desk
from agent.guard.gateway.ruling import ALLOWED, Ruling
from agent.watch.removable import Removable
from config.policy import load_policy


class StandIn:
    def __init__(self, desk, medium):
        self.home = desk.spool

    def file(self, written):
        content = os.pread(written.descriptor, written.size, 0)
        if b"SLOW" in content:
            time.sleep(5)
        if b"SECRET" in content:
            self.note(judged=str(written.path), allowed=False)
            return Ruling(False)
        self.note(judged=str(written.path), allowed=True)
        return ALLOWED

    def name(self, path, words, writer):
        return True

    def landed(self, ruling, *, landed):
        pass

    def keep(self, file, ruling):
        pass

    def lost(self, path, error):
        self.note(lost=str(path), error=error)

    def note(self, **fields):
        with (self.home / "events").open("a") as file:
            file.write(json.dumps(fields) + "\n")


def main():
    home, policy = Path(sys.argv[1]), load_policy(Path(sys.argv[2]))
    custody.MediumJudge = StandIn
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    desk = Desk(None, policy, home, None, None)

    def say(text):
        print(text.en, flush=True)

    keeper = custody.Custody(home, desk, say)
    keeper.taken = lambda path, medium: print("taken", path, flush=True)
    keeper.given = lambda path: print("given", path, flush=True)
    keeper.again()
    removable = Removable(keeper.came, lambda _path: None, 0.2)
    removable.look()
    removable.start()
    print("ready", flush=True)
    while not stop.wait(0.2):
        problems = [text.en for text in keeper.problems]
        (home / "problems").write_text(json.dumps(problems))
        assert keeper.sound
    removable.stop()
    keeper.stop()


if __name__ == "__main__":
    main()
