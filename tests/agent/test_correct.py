"""An officer corrects a find on the command line; every reader on the machine obeys, and it can be taken back."""

import json

import pytest

from agent.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOUMI_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def run(capsys, *words):
    status = main(["--language", "en", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


TEXT = "物料编码：13812345670 规格型号 A"
ASKED = ("correct", "--rule", "cn.mobile", "--reason", "material codes", "--officer", "li")


def test_from_text_to_verdict_and_back(capsys, tmp_path, home):
    status, out, _ = run(capsys, *ASKED, "--text", TEXT, "--yes")
    assert status == 0
    assert "⏎物料编码：[…] 规格型号 A⏎" in out
    assert "13812345670" not in (home / "registers" / "corrections.signed").read_text("utf-8").split("\n")[1].replace(
        "物料编码：13812345670",
        "",  # the rule's own invented number
    )
    (tmp_path / "list.txt").write_text("物料编码：13912345678 规格型号 A\n手机：13812345679\n", "utf-8")
    _, out, _ = run(capsys, "scan", "--workers", "1", "--format", "jsonl", "--all", str(tmp_path / "list.txt"))
    findings = json.loads(out)["findings"]
    assert min((each.get("corrected", ""), each["count"]) for each in findings) == ("", 1)
    name = next(each["corrected"] for each in findings if "corrected" in each)
    _, out, _ = run(capsys, "correct", "list")
    assert name in out
    assert "li" in out
    assert run(capsys, "correct", "remove", name[:5])[0] == 0
    _, out, _ = run(capsys, "correct", "list")
    assert out == "No corrections.\n"


def test_no_value_of_the_text_is_stored(capsys, home):
    run(capsys, *ASKED, "--text", "物料编码：13998765432 规格型号 A", "--yes")
    assert "13998765432" not in (home / "registers" / "corrections.signed").read_text("utf-8")


def test_a_dry_run_signs_nothing(capsys, home):
    status, out, _ = run(capsys, *ASKED, "--text", TEXT, "--dry-run")
    assert (status, "物料编码" in out) == (0, True)
    assert not (home / "registers").exists()


def test_a_file_with_several_finds(capsys, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"{TEXT}\n物料编码：13912345678 规格型号 B\n", "utf-8")
    status, _, err = run(capsys, *ASKED, "--workers", "1", str(path), "--yes")
    assert status == 2
    assert "it finds 2; say which with --finding N" in err
    status, out, _ = run(capsys, *ASKED, "--workers", "1", str(path), "--finding", "2", "--yes")
    assert (status, "规格型号 B" in out) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--text", "手机：13812345670"), "too broad"),
        (("--text", "没有号码"), "finds nothing there"),
        ((), "give a file or --text"),
        (("--text", TEXT, "--before", "别的编码是："), "does not fit the find"),
        (("--text", TEXT, "--still", "物料编码：13912345678 规格型号 A"), "would silence"),
        (("--text", TEXT, "--rule", "cn.nothing"), "no rule 'cn.nothing'"),
        (("--text", "机密★10年", "--rule", "mark.cn"), "too broad"),
        (("--text", TEXT, "--reason", ""), "--rule and --reason are needed"),
        (("remove",), "0 corrections begin with"),
    ],
)
def test_what_cannot_be_corrected_is_said(capsys, home, words, said):
    arguments = [*ASKED, *words, "--yes"]
    status, _, err = run(capsys, *arguments)
    assert status == 2
    assert said in err
    assert "→" in err
    assert not (home / "registers").exists()


def test_without_a_terminal_nothing_is_signed_unasked(capsys, home, monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO())
    status, _, err = run(capsys, *ASKED, "--text", TEXT)
    assert (status, "say --yes" in err) == (2, True)
    assert not (home / "registers").exists()


def test_a_mark(capsys):
    text = "本系统默认数据：机密★10年（深色）"
    status, out, _ = run(
        capsys, "correct", "--text", text, "--rule", "mark.cn", "--reason", "demonstration data", "--yes"
    )
    assert (status, "[机密★#年]" in out) == (0, True)
