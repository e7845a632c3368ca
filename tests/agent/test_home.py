import pytest

from agent.enrol import set_keys
from agent.home import find, policy_file
from agent.run import run
from agent.stick import plugged
from config.errors import ConfigurationError, IdentityError, UsageError
from config.settings import AgentSettings, load_settings


def test_a_home_that_up_made_here_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("SHOUMI_HOME")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".shoumi" / "agent"
    folder.mkdir(parents=True)
    (folder / "agent.yaml").write_text("collector: https://c.example\nca: ca.pem\n")
    assert find(None).folder == folder
    assert find(None).settings.collector == "https://c.example"
    (folder / "policy.yaml").touch()
    assert policy_file(None) == folder / "policy.yaml"


def test_the_shipped_settings_are_the_defaults():
    from agent.home import SHIPPED_POLICY

    assert load_settings(SHIPPED_POLICY.with_name("agent.yaml"), AgentSettings) == AgentSettings()


def test_wrong_settings_say_line_and_hint(tmp_path):
    (tmp_path / "agent.yaml").write_text("collector: x\nwatch:\n  settle_secs: 1\n")
    with pytest.raises(ConfigurationError) as caught:
        find(tmp_path)
    assert caught.value.line == 3
    assert "settle_seconds" in caught.value.hint.en


def test_keys_are_set_and_comments_kept(tmp_path):
    path = tmp_path / "agent.yaml"
    path.write_text("# mine\ncollector: http://old\nworkers: 2\n")
    set_keys(path, {"collector": "https://new", "ca": "ca.pem"})
    text = path.read_text()
    assert "# mine\n" in text
    settings = load_settings(path, AgentSettings)
    assert (settings.collector, settings.ca, settings.workers) == ("https://new", "ca.pem", 2)


def test_an_agent_does_not_start_without_policy_or_identity(tmp_path):
    site = find(tmp_path)
    with pytest.raises(ConfigurationError):
        run(site)
    (tmp_path / "policy.yaml").write_text("version: 1\nzones: []\n")
    with pytest.raises(IdentityError):
        run(site)


def test_an_address_cannot_smuggle_settings(tmp_path):
    from agent.enrol import enrol_here

    with pytest.raises(UsageError):
        enrol_here(find(tmp_path), 'https://x"\npolicy: /tmp/evil', "token", None)


@pytest.mark.root
def test_the_trial_stick_comes_and_goes(tmp_path):
    from agent.watch.removable import mounted

    folder = tmp_path / "stick"
    folder.mkdir()
    for _ in range(2):
        with plugged(tmp_path / "stick.img", folder) as stick:
            assert stick.is_root
            assert mounted()[folder].label == "SHOUMI-TRIAL"
            (folder / "kept").touch()
        assert folder not in mounted()


def test_a_home_that_may_not_be_entered_is_known_by_its_place(tmp_path, monkeypatch):
    """The system's agent, asked by a member of staff."""
    from agent import home

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(home, "load_settings", refuse)
    assert find(tmp_path).home == tmp_path
    assert find(tmp_path).settings == AgentSettings()
