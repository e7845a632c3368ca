import json
import os
import subprocess
import sys

RULES = """rules:
  - id: keyword.projects
    name: {en: projects, zh: 项目}
    level: secret
    kind: keywords
    file: projects.txt
    except: [猎鹰犬]
    hits: ["猎鹰"]
    misses: ["猎鹰犬"]
"""


def _run(home, *arguments, status, stdin=""):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--language", "en", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"SHOUMI_HOME": str(home)},
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_a_list_is_signed_used_and_withdrawn(tmp_path):
    home, rules = tmp_path / "home", tmp_path / "90.yaml"
    rules.write_text(RULES, "utf-8")
    (tmp_path / "projects.txt").write_text("# code names\n猎鹰\nfalcon\n", "utf-8")
    assert "1 lists, 2 words" in _run(home, "words", "add", rules, "--name", "projects", status=0)
    (tmp_path / "projects.txt").unlink()  # the words are in the register
    line = json.dumps({"id": 1, "text": "猎鹰犬 Falcon"})
    found = json.loads(_run(home, "detect", "--format", "jsonl", stdin=line, status=1))["findings"]
    assert [(each["rule"], each["start"], each["level"]) for each in found] == [("keyword.projects", 4, "secret")]
    _run(home, "words", "remove", "projects", status=0)
    assert json.loads(_run(home, "detect", "--format", "jsonl", stdin=line, status=0))["findings"] == []
    assert "nothing of kind 'words'" in _run(home, "words", "remove", "others", status=2)


def test_only_lists_that_prove_themselves_are_signed(tmp_path):
    rules = tmp_path / "90.yaml"
    rules.write_text(RULES.replace("file: projects.txt", "words: [海燕]"), "utf-8")
    assert "is not found" in _run(tmp_path, "words", "add", rules, "--name", "projects", status=2)
    rules.write_text(
        RULES.split("    kind", maxsplit=1)[0] + "    patterns: [x]\n    hits: [x]\n    misses: [y]\n", "utf-8"
    )
    assert "is no word list" in _run(tmp_path, "words", "add", rules, "--name", "projects", status=2)
    assert not (tmp_path / "registers").exists()
