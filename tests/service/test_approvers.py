"""Making an approver at the server, and older homes."""

import os
import subprocess
import sys

import pytest

from tests.service.test_init import run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("approvers") / "home"
    assert run("init", "--json", home=home)[0] == 0
    return home


def test_an_approver_has_a_department_and_nobody_else(made):
    status, out, err = run(
        "officer", "add", "wangzr", "approver", "--department", "研发部", "--full-name", "王主任", home=made
    )
    assert (status, out.count("-")) == (0, 3)
    assert "no PC is of the department '研发部' yet" in err
    status, _, err = run("officer", "add", "x", "approver", home=made)
    assert (status, "--department" in err) == (2, True)
    assert run("officer", "add", "x", "officer", "--department", "研发部", home=made)[0] == 2
    assert run("officer", "add", "x", "approver", "--department", "部" * 65, home=made)[0] == 2
    status, out, _ = run("officer", "list", home=made)
    assert "wangzr       approver · 王主任 · 研发部 · never logged in" in out


def test_a_name_or_department_changes_and_the_chain_knows(made):
    run("officer", "add", "li", "approver", "--department", "研发部", home=made)
    assert run("officer", "change", "li", "--department", "财务处", home=made)[0] == 0
    assert run("officer", "change", "officer", "--full-name", "赵某", home=made)[0] == 0
    out = run("officer", "list", home=made)[1]
    assert "li           approver · 财务处" in out
    assert "officer      secrecy officer · 赵某" in out
    for words in (
        ["li", "--department", ""],
        ["officer", "--department", "财务处"],
        ["li"],
        ["nobody", "--full-name", "x"],
    ):
        assert run("officer", "change", *words, home=made)[0] == 2, words
    assert run("audit", "verify", home=made)[0] == 0
    told = run("audit", "export", home=made)[1]
    assert told.count('"officer.changed"') == 2


def test_a_home_from_before_lendings_is_brought_up_to_date(tmp_path):
    home = tmp_path / "home"
    run("init", home=home)
    environment = os.environ | {"SHOUMI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "service.settings"}
    for words in (["approvals", "zero"], ["officers", "0001"]):
        done = subprocess.run([sys.executable, "-m", "django", "migrate", *words], env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr
    (home / "approvals.key").unlink()
    assert run("officer", "list", home=home)[0] == 2
    assert run("init", home=home)[0] == 0
    assert run("officer", "add", "wangzr", "approver", "--department", "研发部", home=home)[0] == 0
    assert (home / "approvals.key").exists()
    assert run("audit", "verify", home=home)[0] == 0


@pytest.mark.parametrize("days", ["0", "31", "many"])
def test_a_wrong_longest_time_is_named(tmp_path, days):
    (tmp_path / "service.yaml").write_text(f"lending_max_days: {days}\n", "utf-8")
    status, _, err = run("init", home=tmp_path)
    assert status == 2
    assert "lending_max_days" in err
