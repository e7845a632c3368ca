import os

import pytest

from agent.disk import read_own, replace


def test_a_file_of_ones_own_is_read(tmp_path):
    path = tmp_path / "patterns.cache"
    assert read_own(path) == b""
    replace(path, b"compiled")
    assert read_own(path) == b"compiled"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_what_others_can_write_is_not_trusted(tmp_path, mode):
    path = tmp_path / "patterns.cache"
    path.write_bytes(b"planted")
    path.chmod(mode)
    assert read_own(path) == b""


@pytest.mark.root
def test_what_others_own_is_not_trusted(tmp_path):
    path = tmp_path / "patterns.cache"
    path.write_bytes(b"planted")
    os.chown(path, 12345, 12345)
    assert read_own(path) == b""
