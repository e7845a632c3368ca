import json
import os
import stat
import subprocess
import sys

import pytest

EVERYWHERE = "0.0.0.0"  # noqa: S104 - on a port of the moment


def run(*words, home=None, language="en", **environment):
    done = subprocess.run(
        [sys.executable, "-m", "service", "--language", language, *words, *(["--home", str(home)] if home else [])],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("init") / "deep" / "home"
    status, out, err = run("init", "--json", "--token", home=home)
    assert status == 0, err
    return home, json.loads(out)


def test_one_object_says_everything(made):
    home, said = made
    assert set(said) == {"home", "url", "logins", "token", "ca", "recipient"}
    assert said["home"] == str(home)
    assert said["url"] == "http://127.0.0.1:8600"
    assert said["ca"] == str(home / "ca.pem")
    assert [login["role"] for login in said["logins"]] == ["sysadmin", "officer", "auditor"]
    assert all(len(login["password"]) == 19 and set(login["role_text"]) == {"en", "zh"} for login in said["logins"])
    assert said["recipient"].startswith("age1")
    assert said["token"].count("-") == 4


def test_only_its_owner_can_read_it(made):
    home, _ = made
    for path in [home, *home.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_again_changes_only_what_was_not_used(made):
    home, before = made
    keys = {name: (home / name).read_bytes() for name in ("secret.key", "officers.age-key", "ca.pem")}
    subprocess.run(
        [sys.executable, "-c", _CHOOSE],
        env={**os.environ, "SHOUMI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "service.settings"},
        check=True,
    )
    status, out, _ = run("init", "--json", home=home)
    after = json.loads(out)
    assert status == 0
    assert after["token"] is None
    assert after["recipient"] == before["recipient"]
    assert {name: (home / name).read_bytes() for name in keys} == keys
    passwords = [login["password"] for login in after["logins"]]
    assert passwords[1] is None
    assert passwords[0]
    assert passwords[0] != before["logins"][0]["password"]
    assert run("audit", "verify", home=home)[0] == 0


_CHOOSE = """
import django; django.setup()
from service.officers.models import Officer
from service.officers.services import set_own_password
set_own_password(Officer.objects.get(username="officer"), "a quiet river at noon")
"""


def test_people_read_the_same(tmp_path):
    status, out, _ = run("init", home=tmp_path / "h", language="zh")
    assert status == 0
    assert "系统管理员" in out
    assert "http://127.0.0.1:8600" in out
    assert "一次性密码" in out


def test_a_token_for_scripts(made):
    home, _ = made
    status, out, err = run("token", "--department", "研发部", "--uses", "3", home=home)
    assert status == 0
    assert out.count("-") == 4
    assert f"--token {out.strip()}" in err
    assert run("token", "--uses", "0", home=home)[0] == 2


def test_officers_at_the_server(made):
    home, _ = made
    status, out, _ = run("officer", "list", home=home)
    assert status == 0
    assert out.splitlines()[0].startswith("sysadmin     system administrator")
    status, out, _ = run("officer", "add", "李工", "officer", home=home)
    assert status == 0
    assert out.count("-") == 3
    assert run("officer", "add", "李工", "auditor", home=home)[0] == 2  # one person, one role
    assert run("officer", "add", "a b", "auditor", home=home)[0] == 2
    status, out, _ = run("officer", "reset", "sysadmin", home=home)
    assert status == 0
    assert out.count("-") == 3
    status, _, err = run("officer", "reset", "nobody", home=home)
    assert status == 2
    assert "sysadmin, officer, auditor, 李工" in err


@pytest.mark.parametrize("words", [["serve"], ["token"], ["audit", "verify"], ["officer", "list"]])
def test_without_init_it_says_what_to_do(tmp_path, words):
    status, out, err = run(*words, home=tmp_path)
    assert status == 2
    assert "shoumi collector init" in err
    assert not out
    assert "Traceback" not in err


def test_an_old_database_says_what_to_do(made, tmp_path):
    import shutil
    import sqlite3

    home = tmp_path / "old"
    shutil.copytree(made[0], home)
    with sqlite3.connect(home / "collector.db") as opened:
        opened.execute("DELETE FROM django_migrations WHERE app = 'ingest'")
    opened.close()
    status, _, err = run("serve", "--port", "0", home=home)
    assert status == 2
    assert "older version" in err
    assert "shoumi collector init" in err


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        ("prot: 1", ["service.yaml:1", "prot", "did you mean 'port'?"]),
        ("threads: many", ["service.yaml:1", "threads", "a whole number"]),
        ("a: [", ["service.yaml:1"]),
        ("time_zone: Mars/Olympus", ["service.yaml", "time_zone"]),
        ("port: 70000", ["service.yaml", "port"]),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, yaml, words):
    (tmp_path / "service.yaml").write_text(yaml, "utf-8")
    status, _, err = run("init", home=tmp_path)
    assert status == 2
    assert "Traceback" not in err
    assert [word for word in words if word not in err] == []


def test_host_and_names_go_into_the_settings_and_the_certificate(tmp_path):
    from cryptography import x509

    home = tmp_path / "h"
    status, out, _ = run("init", "--json", "--host", EVERYWHERE, "--name", "shoumi.example", home=home)
    assert status == 0
    assert json.loads(out)["url"] == "https://shoumi.example:8600"
    certificate = x509.load_pem_x509_certificate((home / "tls" / "server.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"shoumi.example", "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert run("init", "--host", "127.0.0.1", home=home)[0] == 2  # what an administrator wrote is not overwritten


def test_keys_that_were_put_into_a_safe_are_not_replaced(made, tmp_path):
    import shutil

    home = tmp_path / "safe"
    shutil.copytree(made[0], home)
    (home / "officers.age-key").unlink()
    (home / "tls" / "ca.key").unlink()
    status, out, _ = run("init", "--json", home=home)
    assert status == 0
    assert json.loads(out)["recipient"] == made[1]["recipient"]
    assert not (home / "officers.age-key").exists()
    assert (home / "ca.pem").read_bytes() == (made[0] / "ca.pem").read_bytes()
    settings = (home / "service.yaml").read_text("utf-8")
    (home / "service.yaml").write_text(settings.replace("# names: []", "names: [new.example]"), "utf-8")
    status, _, err = run("init", "--json", home=home)
    assert status == 2
    assert "ca.key" in err


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    status, _, err = run("init", home=tmp_path / "file" / "home")
    assert status == 2
    assert "cannot be used" in err
    assert "Traceback" not in err


def test_the_home_may_come_from_the_environment(tmp_path):
    status, out, _ = run("init", "--json", SHOUMI_HOME=str(tmp_path / "e"))
    assert status == 0
    assert json.loads(out)["home"] == str(tmp_path / "e")


def test_shipped_settings_are_the_defaults(tmp_path):
    from pathlib import Path

    import yaml

    import config
    from config.settings import ServiceSettings, load_settings

    shipped = Path(config.__file__).parent / "service.yaml"
    assert load_settings(shipped, ServiceSettings) == ServiceSettings()
    open_lines = [
        line[2:] for line in shipped.read_text("utf-8").splitlines() if line.startswith("# ") and ": " in line
    ]
    shown = yaml.safe_load("\n".join(open_lines))
    assert {key: tuple(value) if isinstance(value, list) else value for key, value in shown.items()} == {
        key: getattr(ServiceSettings(), key) for key in ServiceSettings.__struct_fields__
    }
