import errno
import os
import pty
import subprocess
import threading
import time

import pytest

from agent.guard import processes
from agent.guard.processes import Process, Processes, login_of
from tests.agent.guard.conftest import until

pytestmark = pytest.mark.root


@pytest.fixture(params=[True, False], ids=["connector", "proc"])
def known(request):
    one = Processes(connect=request.param)
    if request.param and not one.connected:
        pytest.skip("the kernel does not tell of processes here")
    yield one
    one.close()


@pytest.fixture
def told():
    one = Processes()
    if not one.connected:
        pytest.skip("the kernel does not tell of processes here")
    yield one
    one.close()


def numbers(found):
    return {one.number for one in found}


def running(known, name, parent):
    """A living child of a process."""
    with known.lock:
        alive = [one for one in known._alive.values() if one.parent is not None and one.parent.number == parent]
        return next((one for one in alive if one.name == name), None)


def test_the_family_of_a_living_process(known):
    script = "sleep 60 & echo $!; exec 0<&-; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as shell:
        try:
            child = int(shell.stdout.readline())
            me, parent, below = known.get(os.getpid()), known.get(shell.pid), known.get(child)
            assert until(lambda: known.get(child).name == "sleep" or known._ask(below))
            assert [one.number for one in below.ancestors()][:2] == [shell.pid, os.getpid()]
            assert {shell.pid, child} <= numbers(known.related(me, 0))
            assert {os.getpid(), child, os.getppid()} <= numbers(known.related(parent, 0))
            assert (below.group, below.session) == (os.getpgrp(), os.getsid(0))
        finally:
            os.kill(child, 9)
            shell.kill()


def test_a_process_of_another_family_is_not_related(known):
    with subprocess.Popen(["sleep", "60"]) as one, subprocess.Popen(["sleep", "60"], process_group=0) as other:
        try:
            assert until(lambda: known.get(other.pid) and known.get(other.pid).name == "sleep")
            assert other.pid not in numbers(known.related(known.get(one.pid), 0))
        finally:
            one.kill()
            other.kill()


def test_a_thread_leads_to_its_process(known):
    hold = threading.Event()
    thread = threading.Thread(target=hold.wait)
    thread.start()
    try:
        assert known.get(thread.native_id) is known.get(os.getpid())
    finally:
        hold.set()
        thread.join()


def test_the_dead_are_remembered_with_their_kin(told):
    script = "sh -c '/bin/true; echo $$'; echo $$"
    answer = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, process_group=0)
    inner, outer = map(int, answer.stdout.split())
    assert until(lambda: told.get(outer).died)
    assert told.get(inner).parent is told.get(outer)
    assert told.get(outer).parent is told.get(os.getpid())
    assert inner in numbers(told.related(told.get(outer), 0))
    assert inner in numbers(told.related(told.get(os.getpid()), 0))
    assert inner not in numbers(told.related(told.get(os.getpid()), time.monotonic() + 1))


def test_an_orphan_stays_the_child_of_who_forked_it(told):
    script = "(sleep 60 >/dev/null 2>&1 & echo $!)"
    answer = subprocess.run(["setsid", "sh", "-c", script], capture_output=True, text=True, check=True)
    child = int(answer.stdout)
    try:
        assert os.getpid() in numbers(told.get(child).ancestors())
    finally:
        os.kill(child, 9)


def test_short_lived_parts_of_a_pipeline_belong_together(told):
    """As an interactive shell makes them: a group of its own for each pipeline, set after the fork."""
    for _ in range(5):
        number, terminal = pty.fork()
        if number == 0:
            os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])
        os.write(terminal, b"/bin/echo $BASHPID-first | cat >/dev/null; cat /dev/null | sleep 60\n")
        shell = told.get(number)
        assert until(lambda shell=number: running(told, "sleep", shell))
        sleep = running(told, "sleep", number)
        told.drain()
        beside = [one for one in told._dead.values() if one.parent is shell and one.died > sleep.born]
        related = told.related(sleep, 0)
        assert all(one in related for one in beside)
        os.kill(sleep.number, 9)
        os.close(terminal)
        os.kill(number, 9)
        os.waitpid(number, 0)


def test_more_news_than_fit_are_made_up_for(told, monkeypatch):
    class Full:
        def __init__(self, link):
            self.link, self.times = link, 1

        def recv(self, *arguments):
            if self.times:
                self.times -= 1
                raise OSError(errno.ENOBUFS, "No buffer space available")
            return self.link.recv(*arguments)

        def __getattr__(self, name):
            return getattr(self.link, name)

    ghost = told._alive[2**22 + 5] = Process(2**22 + 5, None, 0.0)
    with subprocess.Popen(["sleep", "60"]) as sleep:
        del told._alive[told.get(sleep.pid).number]
        monkeypatch.setattr(told, "_link", Full(told._link))
        told.drain()
        assert told.lost == 1
        assert ghost.died
        assert told._alive[sleep.pid].name == "sleep"
        sleep.kill()


def test_a_number_used_again_is_another_process(told):
    first = Process(77_777_777, None, 0.0)
    told._alive[first.number] = first
    told._born(first.number, None)
    told._alive[first.number].started = 1
    told._born(first.number, told.get(os.getpid()))
    assert first.died or told._alive[first.number] is not first
    assert told._alive.pop(first.number).parent is told.get(os.getpid())


def test_memory_is_bounded_and_a_chain_of_the_dead_is_closed(told, monkeypatch):
    monkeypatch.setattr(processes, "_MOST_DEAD", 50)
    with told.lock:
        root = told.get(os.getpid())
        parent = root
        for number in range(10**9, 10**9 + 3000):
            told._born(number, parent)
            child = told._alive[number]
            if parent is not root:
                told._end(parent)
            parent = child
        told.forget()
        assert len(told._dead) <= 50
        assert len(list(parent.ancestors())) <= 51 + len(list(root.ancestors()))
        assert root in parent.ancestors()
        told._end(parent)
        monkeypatch.setattr(processes, "REMEMBERED", 0.0)
        told.forget()
        assert not told._dead


def test_many_short_processes_are_all_seen(told):
    script = "for i in $(seq 300); do /bin/true; done; echo $$"
    answer = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    shell = told.get(int(answer.stdout))
    assert until(lambda: sum(one.parent is shell for one in told._dead.values()) >= 300)


def test_news_that_make_no_sense_do_no_harm(told):
    for block in (b"", b"x" * 40, b"\xff" * 200):
        told._note(block)


def test_who_is_at_work():
    assert login_of(os.getpid()) is not None
    assert login_of(2**22 + 1) is None
    with subprocess.Popen(["sleep", "60"], user=65534, group=65534, extra_groups=[]) as other:
        assert login_of(other.pid) in {65534, login_of(os.getpid())}
        other.kill()
