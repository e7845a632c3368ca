"""What many marks may mean together is said beside the verdict, and raises nothing."""

import json
import subprocess
import sys
import zipfile

import pytest


def run(*arguments, language="en"):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--language", language, *map(str, arguments)],
        capture_output=True,
        timeout=120,
    )
    return done.stdout.decode()


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    for count in (9, 10):
        with zipfile.ZipFile(folder / f"{count}.zip", "w") as archive:
            for number in range(count):
                archive.writestr(f"{number}.txt", f"秘密★10年\n关于第{number}件事的通知\n")
    return folder


def test_scan_says_it_in_its_lines(archives):
    lines = {
        line["path"][-6:]: line for line in map(json.loads, run("scan", "--format", "jsonl", archives).splitlines())
    }
    assert lines["/9.zip"]["notes"] == []
    (note,) = lines["10.zip"]["notes"]
    assert "10 marked documents" in note["en"]
    assert "实施条例》第四十三条" in note["zh"]
    assert lines["10.zip"]["level"] == "confidential"


def test_explain_says_it_to_people(archives):
    assert "! 一个文件中汇集了10份标密文件" in run("explain", archives / "10.zip", language="zh")
    assert "marked documents in one file" not in run("explain", archives / "9.zip")


def test_an_organisation_may_choose_the_number(archives, tmp_path):
    (tmp_path / "own.yaml").write_text("aggregation: {documents: 3}\n", encoding="utf-8")
    assert "9 marked documents" in run("explain", "--rules", tmp_path, archives / "9.zip")
