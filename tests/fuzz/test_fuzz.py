"""A little fuzzing in every run of the tests, always the same; and that the fuzzers see what they look for."""

import random
import re
import subprocess
import sys

import pytest

from agent.extract.sandbox.pool import Extraction
from config.verdict import Coverage, Segment
from tests.agent.extract.sandbox.test_sandbox import HOSTILE, LINUX
from tests.fuzz import mutate, mutations
from tests.fuzz.seeds import ROOT, Seed, made

GUIDED = ("ole.properties", "text.rtf", "ooxml.word")


@pytest.fixture(scope="module")
def found():
    return list(made())


@LINUX
def test_damaged_documents_get_honest_answers(found, tmp_path):
    fuzz = mutate.Fuzz(20261124, found, tmp_path)
    fuzz.run(range(400), 2)
    assert fuzz.runs == 400
    assert not fuzz.findings
    assert len(fuzz.kinds) > 15
    assert fuzz.reasons["inspected"] > 50
    assert fuzz.reasons["corrupt"] > 20


def test_a_run_can_be_repeated(found):
    assert [mutate.case(7, run, found) for run in range(50)] == [mutate.case(7, run, found) for run in range(50)]
    assert mutate.case(7, 1, found) != mutate.case(8, 1, found)


def test_made_documents_are_the_same_every_time(found):
    assert list(made()) == found


BEHIND = {
    "docx": r"\S+\.(xml|rels|jpeg|bin): ",
    "ole": r"'.*': ",
    "pdf": "stream at ",
    "gz": "unpacked: ",
    "bz2": "unpacked: ",
    "xz": "unpacked: ",
    "html": r"(garbage|tag|deep|b'|\d+ to )",
}


@pytest.mark.parametrize("kind", BEHIND)
def test_damage_gets_behind_the_container(found, kind):
    begin = next(seed.data for seed in found if seed.kind == kind)
    said = [mutations.damage(random.Random(number), begin, begin) for number in range(60)]
    assert sum(bool(re.match(BEHIND[kind], what)) for _, what in said) > 15


def answer(*, media_type="text/plain", reasons=(), inspected=False, ms=5.0, error=""):
    return Extraction("x", media_type, 1, "", (Segment("x", ""),), Coverage(inspected, reasons), ms, error)


@pytest.mark.parametrize(
    ("extraction", "ends", "wrong"),
    [
        (answer(inspected=True), [], []),
        (answer(reasons=("corrupt",)), [], []),
        (answer(), [], ["not inspected, and no reason"]),
        (answer(inspected=True, media_type=""), [], ["no result"]),
        (answer(inspected=True, error="bad"), [], ["inspected, with an error: bad"]),
        (answer(reasons=("timeout",)), ["timeout"], ["time: 5 ms"]),
        (answer(reasons=("corrupt",), ms=60_000), [], ["time: 60000 ms"]),
        (answer(reasons=("corrupt",)), ["corrupt: SIGSEGV"], ["worker ended: corrupt: SIGSEGV"]),
    ],
)
def test_what_counts_as_a_finding(extraction, ends, wrong):
    assert list(mutate.complaints(extraction, ends, 10)) == wrong


@LINUX
def test_workers_that_end_are_found_and_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(mutate, "damage", lambda rng, data, other: (data, "nothing done"))
    original = mutate.Watched.__init__
    monkeypatch.setattr(mutate.Watched, "__init__", lambda self, hello, arguments=None: original(self, hello, HOSTILE))
    orders = [Seed(order, "", order.encode()) for order in ("segfault", "native memory", "loop", "quiet")]
    fuzz = mutate.Fuzz(1, orders, tmp_path / "out", seconds=0.5)
    fuzz.run(range(12), 2)
    wrong = {name: complaints for _, _, name, complaints, _ in fuzz.findings}
    assert set(wrong) == {"segfault", "native memory", "loop"}
    assert "SIGSEGV" in wrong["segfault"][0]
    assert "SIGABRT" in wrong["native memory"][0]
    assert wrong["loop"][0].startswith("time: ")
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".bin", ".json"}


@LINUX
@pytest.mark.parametrize("target", GUIDED)
def test_parsers_stand_a_guided_attack(target, tmp_path):
    pytest.importorskip("atheris", reason="atheris has no wheel here")
    command = [sys.executable, "-m", "tests.fuzz.guided", target, "--seconds", "4", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{target}: 0 runs" not in done.stdout


PLANTED = """
import sys, time
from tests.fuzz import guided, targets
class Panic(BaseException):
    pass
def bad(data):
    if data:
        raise Panic
def slow(data):
    while True:
        pass
def big(data):
    held = bytearray(2 * 2**30)
    for at in range(0, len(held), 4096):
        held[at] = 1
targets.TARGETS += (("planted", {name}, ("nothing", ())),)
sys.exit(guided.main(["planted", "--here", "--seconds", "20", "--out", {out!r}]))
"""


@LINUX
@pytest.mark.parametrize("name", ["bad", "slow", "big"])
def test_a_guided_attack_sees_a_planted_bug(name, tmp_path):
    pytest.importorskip("atheris", reason="atheris has no wheel here")
    code = PLANTED.format(name=name, out=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode != 0
    assert list(tmp_path.iterdir()), done.stderr[-2000:]
