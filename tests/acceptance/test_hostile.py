"""The large and hostile files of the corpus, scanned to the end: each as its table expects, in bounded memory."""

import ast
import json
import os
import subprocess
import sys

import pytest

from tests.acceptance.processes import ENVIRONMENT

MOST = 700 * 2**20  # bytes resident in any process
LEVELS = {"机密": "secret", "SECRET": "secret", "ID": "confidential"}
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(sys.platform != "linux", reason="makes files only Linux has")]


@pytest.fixture(scope="module")
def scanned(corpus, tmp_path_factory):
    """Rows of the table, verdicts by path below the folder, and the peak of resident bytes."""
    folder = tmp_path_factory.mktemp("hostile")
    made = subprocess.run(
        [sys.executable, corpus / "tools" / "make_hostile.py", folder, "--big"],
        capture_output=True,
        env=ENVIRONMENT | {"LC_ALL": "C.UTF-8"},
    )
    assert made.returncode == 0, made.stderr.decode()
    rows = [line.split("\t") for line in made.stdout.decode("utf-8", "surrogateescape").splitlines() if "\t" in line]
    out = folder.with_suffix(".jsonl")
    with out.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.cli", "scan", "--no-ocr", "--format", "jsonl", folder],
            stdout=file,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 1
    verdicts = {}
    for line in out.read_bytes().splitlines():
        verdict = json.loads(line.decode("utf-8", "surrogateescape"))
        verdicts[os.fsencode(verdict["path"]).removeprefix(os.fsencode(folder) + b"/")] = verdict
    subprocess.run(["rm", "-rf", folder], check=True)  # longer than PATH_MAX: shutil cannot
    return rows, verdicts, usage.ru_maxrss * 1024


def name(row):
    path = ast.literal_eval(row[0])
    return os.fsencode(path) if isinstance(path, str) else path


def test_what_is_marked_is_found_and_what_is_not_is_not(scanned):
    rows, verdicts, _ = scanned
    wrong = []
    for row in rows:
        path, _, marked, level, expected = name(row), *row[1:]
        if path.endswith(b"/") or "reachable" in expected:
            continue
        verdict = verdicts[path]
        if marked == "1" and (verdict["status"], verdict["level"]) != ("sensitive", LEVELS[level]):
            wrong.append((row, verdict))
        if marked == "0" and verdict["status"] == "sensitive":
            wrong.append((row, verdict))
    assert not wrong
    assert len(rows) >= 40


def test_every_file_is_reported_and_no_loop_is_walked(scanned):
    _, verdicts, _ = scanned
    assert sum(path.startswith(b"many/") for path in verdicts) == 5001
    assert verdicts[b"many/04999x.txt"]["level"] == "secret"
    assert not any(path.startswith(b"loop/") for path in verdicts), "links are not followed"
    deep = [verdict for path, verdict in verdicts.items() if path.startswith(b"deep/")]
    assert [verdict["coverage"]["reasons"] for verdict in deep] == [["too deep"]]
    for path in (b"pipe.txt", b"sock.docx", b"random.docx"):
        assert verdicts[path]["status"] == "uninspected"


def test_memory_stays_bounded(scanned):
    _, _, peak = scanned
    print(f"peak of the largest process: {peak / 2**20:.0f} MiB")
    assert peak < MOST


def test_it_takes_bounded_time(scanned):
    """No single file holds up the others; the limit of a file is sixty seconds and more for large ones."""
    _, verdicts, _ = scanned
    assert max(verdict["ms"] for verdict in verdicts.values()) < 120_000
