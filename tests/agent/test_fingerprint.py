import json
import stat

import pytest

from agent.cli import main
from agent.fingerprint import read_index
from agent.home import find
from config.levels import Level
from tests.documents import MARK, word

PLAN = (
    "一号厂房的搬迁分三个阶段进行，第一阶段由设备科清点现有机床并逐台登记编号，第二阶段把恒温间的测量仪器装入减震箱，"
    "由两名押运员随车护送至新址，第三阶段在新址完成校准，校准记录由质量部门签字后存入档案室。"
)
BUDGET = (
    "新址的供电由东侧变电站接入，备用电源为两台柴油发电机，油料储备能够维持七十二小时，消防通道宽度不得小于六米，"
    "危险化学品仓库与办公楼之间的距离按照设计图纸执行，预算由财务处分三次拨付，每次拨付前核对合同与验收单。"
)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def run(home, capsys):
    def run(*words, language="en"):
        status = main(["--language", language, "fingerprint", *map(str, words), "--home", str(home)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "plan.docx").write_bytes(word(PLAN))
    (folder / "budget.txt").write_text(BUDGET, "utf-8")
    return folder


def levels(home, name="documents"):
    index = read_index(find(home), name)
    return {name: index.level(at) for at, (name, _) in enumerate(index.names())}


def test_a_folder_is_registered_listed_checked_and_removed(run, papers, home, tmp_path):
    status, _, err = run("add", papers, "--level", "secret")
    assert (status, "2 registered" in err) == (0, True), err
    key = err.split("signed by ")[1].split()[0]
    assert (home / "signers").read_text().split() == [key]
    assert set(levels(home).values()) == {Level.SECRET}
    _, out, _ = run("list")
    assert "plan.docx" in out
    assert out.count("secret") == 2
    letter = tmp_path / "letter.txt"
    letter.write_text("各位同事：\n\n" + PLAN[20:110] + "\n\n谢谢。", "utf-8")
    status, out, _ = run("check", letter)
    assert status == 1
    assert "plan.docx" in out
    assert "budget" not in out
    assert "line 3" in out
    assert PLAN[20:30] not in out
    name = run("list")[1].splitlines()[1].split()[1]
    assert run("remove", name[:6])[0] == 0
    assert len(levels(home)) == 1
    status, _, err = run("remove", "zz")
    assert (status, "fingerprint list" in err) == (2, True)


def test_names_of_files_stay_here_and_a_label_goes_with_the_register(run, papers, home):
    run("add", papers / "plan.docx", "--level", "secret", "--label", "Project X")
    register = (home / "registers" / "documents.signed").read_bytes()
    assert b"plan" not in register
    assert b"Project X" in register
    names = home / "fingerprints.json"
    assert json.loads(names.read_bytes()).popitem()[1].endswith("plan.docx")
    assert stat.S_IMODE(names.stat().st_mode) == 0o600


def test_a_mark_gives_the_level_and_a_file_without_one_is_named(run, papers, home):
    (papers / "marked.docx").write_bytes(word(MARK, PLAN + BUDGET[::-1]))
    status, _, err = run("add", papers)
    assert status == 3
    assert "budget.txt: not registered: bears no mark: say its level with --level" in err
    assert list(levels(home).values()) == [Level.SECRET]


def test_what_cannot_be_registered_is_named_with_the_reason(run, papers, home):
    (papers / "short.txt").write_text("too short")
    (papers / "broken.docx").write_bytes(b"PK\x03\x04 broken")
    status, _, err = run("add", papers, papers / "missing", "--level", "secret")
    assert status == 3
    for name in ("short.txt", "broken.docx", "missing"):
        assert f"{name}: not registered: " in err, err
    assert "2 registered, 0 registered again, 3 not" in err
    assert len(levels(home)) == 2


def test_public_text_never_counts(run, papers, home, tmp_path):
    law = tmp_path / "law.txt"
    law.write_text(PLAN[:120], "utf-8")
    run("add", papers, "--level", "secret", "--public", law)
    copy = tmp_path / "copy.txt"
    copy.write_text(PLAN[:120], "utf-8")
    assert run("check", copy)[0] == 0
    run("add", papers / "budget.txt", "--level", "top_secret")
    assert run("check", copy)[0] == 0  # also when more is added later
    assert sorted(levels(home).values()) == [Level.SECRET, Level.TOP_SECRET]


def test_a_dry_run_writes_nothing(run, papers, home):
    status, _, err = run("add", papers, "--level", "secret", "--dry-run")
    assert status == 0
    assert "nothing was written" in err
    assert not (home / "registers").exists()
    run("add", papers, "--level", "secret")
    before = (home / "registers" / "documents.signed").read_bytes()
    run("remove", "--all", "--dry-run")
    assert (home / "registers" / "documents.signed").read_bytes() == before


def test_all_is_withdrawn_by_an_empty_higher_version(run, papers, home):
    run("add", papers, "--level", "secret", "--name", "plans")
    run("remove", "--all", "--name", "plans")
    head, _, payload = (home / "registers" / "plans.signed").read_bytes().partition(b"\n")
    assert payload == b""
    assert json.loads(head)["version"] == 2
    run("add", papers, "--level", "secret", "--name", "plans")
    assert len(levels(home, "plans")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add",), "name files"),
        (("add", "x", "--level", "geheim"), "not a level"),
        (("add", "x", "--name", "A B"), "cannot be the name"),
        (("remove",), "--all"),
    ],
)
def test_wrong_words_are_said(run, words, said):
    status, _, err = run(*words)
    assert status == 2
    assert said in err


def test_a_changed_register_is_not_built_upon(run, papers, home):
    run("add", papers, "--level", "secret")
    path = home / "registers" / "documents.signed"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    status, _, err = run("add", papers, "--level", "secret")
    assert (status, "changed after it was signed" in err) == (2, True)
