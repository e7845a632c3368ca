"""The command line as a user meets it: a real process, real files, exit status and what it prints."""

import json
import os
import re
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from agent.sample import write_sample
from tests import archives
from tests.documents import zipped

SHOUMI = [sys.executable, "-m", "agent.cli"]


def run(*arguments, stdin=b"", status=None, language="en"):
    done = subprocess.run(
        [*SHOUMI, "--language", language, *map(str, arguments)], input=stdin, capture_output=True, timeout=120
    )
    if status is not None:
        assert done.returncode == status, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    write_sample(folder / "sample.docx", date(2026, 11, 23))
    (folder / "clean.txt").write_text("Nothing of note.\n")
    (folder / "broken.docx").write_bytes((folder / "sample.docx").read_bytes()[:300])
    (folder / os.fsdecode(b"\xb7\xbd.txt")).write_text("plain")
    return folder


def test_scan_writes_one_object_a_file_in_the_promised_shape(documents):
    out, err = run("scan", "--format", "jsonl", documents, status=1)
    lines = {
        os.path.basename(line["path"]): line
        for line in map(json.loads, out.decode("utf-8", "surrogateescape").splitlines())
    }
    assert len(lines) == 4
    sample = lines["sample.docx"]
    keys = {"path", "status", "level", "media_type", "size", "marks", "findings", "coverage", "ms"}
    assert keys <= sample.keys()
    assert (sample["status"], sample["level"]) == ("sensitive", "secret")
    (mark,) = sample["marks"]
    assert (mark["regime"], mark["level"], mark["term"], mark["text"]) == ("cn", "secret", "10年", "机密★10年")
    assert (mark["outcome"], mark["expires"], mark["where"]) == ("MARK_VALID", "2036-11-02", "page 1 line 2")
    found = {finding["rule"]: finding for finding in sample["findings"]}
    assert {"rule", "level", "count", "confidence", "where", "excerpt"} <= found["cn.resident-id"].keys()
    assert "11010119900307" not in out.decode("utf-8", "surrogateescape"), "never the raw value"
    assert lines["clean.txt"]["status"] == "clean"
    broken = lines["broken.docx"]
    assert broken["status"] in {"uninspected", "error"}
    assert broken["coverage"]["inspected"] is False
    assert broken["coverage"]["reasons"]
    assert b"4 files" in err
    assert b"\x1b" not in out + err, "no colour and no progress bar where there is no terminal"


def test_scan_exit_status(documents, tmp_path):
    (tmp_path / "a.txt").write_text("plain")
    run("scan", tmp_path, status=0)
    (tmp_path / "b.docx").write_bytes((documents / "broken.docx").read_bytes())
    run("scan", tmp_path, status=3)
    _, err = run("scan", tmp_path / "none", status=2)
    assert b"there is no" in err
    assert b"check the name" in err


def test_a_table_in_both_languages(documents):
    out, err = run("scan", documents, status=1)
    assert re.search(r"secret +sample\.docx", out.decode("utf-8", "replace"))
    assert "clean.txt" not in out.decode("utf-8", "replace")
    out, err = run("scan", documents, status=1, language="zh")
    assert "第1页第2行" in out.decode("utf-8", "replace")
    assert "完整检查" in err.decode()


def _drained(terminal):
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            return
        yield piece


def test_the_progress_bar_is_for_terminals(documents):
    """A pseudo-terminal as stderr gets the live line; standard output stays a clean stream."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*SHOUMI, "scan", "--format", "jsonl", str(documents)], stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(_drained(ours)))  # a full terminal would hold the scan up
    reader.start()
    out = process.stdout.read()
    process.wait()
    reader.join()
    process.stdout.close()
    os.close(ours)
    assert b"scanning" in b"".join(seen)
    assert len(out.splitlines()) == 4
    assert all(json.loads(line.decode("utf-8", "surrogateescape")) for line in out.splitlines())


def test_extract_shows_what_detectors_see(documents):
    out, _ = run("extract", "--format", "jsonl", documents / "sample.docx", status=0)
    line = json.loads(out)
    assert {"path", "media_type", "parts", "coverage"} <= line.keys()
    assert any("机密★10年" in part["text"] for part in line["parts"])
    out, _ = run("extract", documents / "broken.docx", status=3)
    assert b"corrupt" in out
    out, _ = run("extract", documents / "sample.docx", status=0)
    assert "-- page 1" in out.decode()


def test_detect_reads_and_writes_lines():
    text = "证件 11010519491231002X，完。"
    lines = [json.dumps({"id": "a", "text": text}), "", json.dumps({"id": 2, "text": "nothing"})]
    out, _ = run("detect", "--format", "jsonl", stdin="\n".join(lines).encode(), status=1)
    first, second = map(json.loads, out.splitlines())
    (hit,) = [one for one in first["findings"] if one["rule"] == "cn.resident-id"]
    assert text[hit["start"] : hit["end"]] == "11010519491231002X"
    assert 0 < hit["confidence"] <= 1
    assert (second["id"], second["findings"], second["marks"]) == (2, [], [])


@pytest.mark.parametrize("line", [b"nonsense", b"[1]", b'{"id": 1}', b'{"id": 1, "text": 5}'])
def test_detect_says_which_line_is_wrong(line):
    _, err = run("detect", "--format", "jsonl", stdin=b'{"id": 0, "text": ""}\n' + line, status=2)
    assert b"line 2" in err
    assert b'{"id": 1, "text": "..."}' in err


def test_detect_on_plain_text():
    out, _ = run("detect", stdin="机密★10年\n\n某某单位通知\n".encode(), status=1)
    assert "机密★10年" in out.decode()
    run("detect", stdin=b"hello", status=0)


def test_explain_in_words(documents):
    out, _ = run("explain", documents / "sample.docx", status=1, language="zh")
    words = out.decode()
    for part in ("密级：机密", "第1页第2行", "2036年11月2日", "移入隔离区", "身份证"):
        assert part in words
    out, _ = run("explain", documents / "broken.docx", status=3)
    assert b"not known" in out, "what was not read is not called public"
    assert b"allowed, with a warning" in out
    _, err = run("explain", documents, status=2)
    assert b"shoumi scan" in err
    out, _ = run("explain", documents / "sample.docx", "--language", "zh", status=1)
    assert "密级" in out.decode()


def test_policy_check_and_show(tmp_path):
    out, _ = run("policy", "check", status=0)
    assert b"All well" in out
    out, _ = run("policy", "show", status=0)
    assert b"unregistered removable medium" in out
    bad = tmp_path / "policy.yaml"
    bad.write_text("version: 1\nzones:\n  - {name: a, clearence: secret}\n")
    for language, words in (("en", "did you mean 'clearance'"), ("zh", "是否应为“clearance”")):
        _, err = run("policy", "check", bad, status=2, language=language)
        assert f"{bad}:3" in err.decode()
        assert words in err.decode()


def test_policy_check_counts_the_rules_of_ones_own(tmp_path):
    out, _ = run("policy", "check", "--rules", tmp_path, status=0)
    assert b" 0 of them your own" in out
    (tmp_path / "70.yml").write_text(
        "rules:\n  - id: own.word\n    name: {en: a, zh: b}\n    level: internal\n    patterns: [fooo]\n"
        "    hits: [fooo]\n    misses: [x]\n"
    )
    out, _ = run("policy", "check", "--rules", tmp_path, status=0, language="zh")
    assert "自定义 1 条" in out.decode()


def test_a_rule_that_fails_its_own_example_does_not_load(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "50-own.yaml").write_text(
        "rules:\n"
        "  - id: own.project\n"
        "    name: {en: project word, zh: 项目代号}\n"
        "    level: confidential\n"
        "    patterns: ['青鸟-\\d{3}']\n"
        "    confidence: {base: 0.8, threshold: 0.5}\n"
        "    hits: ['代号 青鸟-117', 'no number here']\n"
        "    misses: ['青鸟']\n",
        "utf-8",
    )
    _, err = run("policy", "check", "--rules", rules, status=2)
    assert b"50-own.yaml:7" in err
    assert b"no number here" in err
    path = rules / "50-own.yaml"
    path.write_text(path.read_text("utf-8").replace(", 'no number here'", ""), "utf-8")
    run("policy", "check", "--rules", rules, status=0)
    (tmp_path / "a.txt").write_text("代号 青鸟-117\n", "utf-8")
    out, _ = run("scan", "--rules", rules, tmp_path / "a.txt", status=1)
    assert b"project word" in out


def test_policy_check_warns_of_coaching_for_a_rule_that_is_none(tmp_path):
    policy = tmp_path / "policy.yaml"
    text = "{en: x, zh: x}"
    keys = "".join(f"  {key}: {text}\n" for key in ("cn.mobile", "mark.cn", "exact.staff", "secret", "cn.mobil"))
    policy.write_text(f"version: 1\ncoaching:\n{keys}zones: []\n")
    out, _ = run("policy", "check", policy, status=0)
    assert out.count(b"warning:") == 1
    assert b"coaching.cn.mobil: no such rule" in out


def test_quarantine_and_agent_need_an_enrolled_agent(tmp_path):
    for words in (["quarantine", "list"], ["agent", "run"]):
        (tmp_path / "policy.yaml").write_text("version: 1\nzones: []\n")
        _, err = run(*words, "--home", tmp_path, status=2)
        assert b"not enrolled" in err
        assert b"shoumi agent enrol" in err
    out, _ = run("agent", "status", "--home", tmp_path, status=0)
    assert b"Nothing was ever reported" in out


def test_doctor_says_what_is_missing(tmp_path):
    out, _ = run("doctor", "--home", tmp_path, status=2)
    assert "not enrolled" in out.decode()
    assert "Keeping copies from landing" in out.decode()
    assert "out of reach of any of this: root" in out.decode()
    out, _ = run("doctor", "--home", tmp_path, status=2, language="zh")
    assert "写入前阻止" in out.decode()


def test_wrong_words_are_said():
    for words in ([], ["scna"], ["scan"], ["agent"]):
        done = subprocess.run([*SHOUMI, *words], capture_output=True)
        assert done.returncode == 2
        assert b"usage:" in done.stderr


def test_a_closed_pipe_is_no_error(documents):
    process = subprocess.Popen(
        [*SHOUMI, "extract", str(documents / "sample.docx")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141, "neither clean nor sensitive"
    assert b"Traceback" not in err


def test_unexpected_trouble_is_never_called_sensitive(tmp_path, documents):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*SHOUMI, "scan", "--format", "jsonl", str(documents)], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr


def test_help_needs_nothing_heavy():
    """`shoumi --help` loads neither parsers nor matchers: the command line answers at once."""
    code = (
        "import sys, agent.cli as cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('lxml', 'hyperscan', 'django', 'docx') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path.cwd()).stdout
    assert out.strip().endswith("[]")


def test_passwords_of_a_file_open_what_is_sealed(tmp_path):
    sealed, passwords = tmp_path / "a.7z", tmp_path / "passwords.txt"
    sealed.write_bytes(archives.sealed({"a.txt": "机密★10年".encode()}, "SevenZip", "baomi-2026"))
    passwords.write_text("wrong\nbaomi-2026\n")
    out, _ = run("scan", "--no-ocr", "--format", "jsonl", sealed, status=3)
    assert json.loads(out)["coverage"]["reasons"] == ["encrypted: a.txt"]
    out, _ = run("scan", "--no-ocr", "--format", "jsonl", "--passwords", passwords, sealed, status=1)
    assert json.loads(out)["level"] == "secret"
    _, err = run("scan", "--passwords", tmp_path / "none", sealed, status=2)
    assert b"cannot be read: No such file or directory" in err
    assert b"baomi" not in err


def test_a_file_read_in_part_is_said_so(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": b"plain", "b.bin": bytes(range(256)) * 9}))
    out, _ = run("scan", "--no-ocr", path, status=3)
    assert b"read in part" in out
    out, _ = run("explain", "--no-ocr", path, status=3)
    assert b"It was read in part." in out
    out, _ = run("explain", "--no-ocr", path, status=3, language="zh")
    assert "仅检查了一部分".encode() in out
