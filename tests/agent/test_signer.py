import stat

import pytest

from agent.signer import registered, signing_key, write_register
from config.errors import ConfigurationError, UsageError
from config.signed import verify


def test_a_key_is_made_once_kept_from_others_and_trusted_here(tmp_path):
    home = tmp_path / "home"
    first = signing_key(home).public_key().public_bytes_raw().hex()
    assert signing_key(home).public_key().public_bytes_raw().hex() == first
    assert stat.S_IMODE((home / "signing.key").stat().st_mode) == 0o600
    assert (home / "signers").read_text("ascii").split() == [first]


def test_other_signers_stay_trusted(tmp_path):
    (tmp_path / "signers").write_text("ab" * 32 + "\n", "ascii")
    mine = signing_key(tmp_path).public_key().public_bytes_raw().hex()
    assert (tmp_path / "signers").read_text("ascii").split() == ["ab" * 32, mine]


def test_a_register_is_signed_and_every_writing_is_a_later_version(tmp_path):
    for version, payload in ((1, b"one"), (2, b"two"), (3, b"")):
        path = write_register(tmp_path, "words", "projects", payload)
        header, begin = verify(path, (tmp_path / "signers").read_text("ascii").split())
        assert (header.kind, header.name, header.version) == ("words", "projects", version)
        assert path.read_bytes()[begin:] == payload
    assert registered(tmp_path, "projects").version == 3
    assert registered(tmp_path, "nothing") is None


@pytest.mark.parametrize("name", ["", "../x", "A", "a--b", "a.b", "客户", "a" * 65, "-a"])
def test_a_name_that_is_no_name(tmp_path, name):
    with pytest.raises(UsageError):
        write_register(tmp_path, "words", name, b"x")
    assert not (tmp_path / "registers").exists()


def test_a_name_that_another_kind_has(tmp_path):
    write_register(tmp_path, "words", "projects", b"x")
    with pytest.raises(UsageError, match="already a register of kind 'words'"):
        write_register(tmp_path, "exact", "projects", b"x")


def test_a_key_that_is_none(tmp_path):
    (tmp_path / "signing.key").write_bytes(b"nothing of the kind")
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        signing_key(tmp_path)
