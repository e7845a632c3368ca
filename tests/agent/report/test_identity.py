import pytest

from agent.report.identity import trust
from config.errors import RejectedError

OLD, NEW = "0a" * 32, "1b" * 32


def test_signers_are_added_and_none_is_lost(tmp_path):
    path = tmp_path / "signers"
    trust(path, ())
    assert not path.exists()
    trust(path, [OLD])
    trust(path, [NEW, OLD])
    assert path.read_text("ascii").split() == [OLD, NEW]


@pytest.mark.parametrize("wrong", ["", "0a" * 31, "0A" * 32, f"{OLD}\n{NEW}", "x" * 64])
def test_what_is_no_key_changes_nothing(tmp_path, wrong):
    path = tmp_path / "signers"
    path.write_text(OLD + "\n")
    with pytest.raises(RejectedError):
        trust(path, [NEW, wrong])
    assert path.read_text() == OLD + "\n"
