"""Through the gateway a medium answers as it would by itself."""

import os

import pytest

from tests.gateways import medium
from tests.operations import differences, run, tree

pytestmark = pytest.mark.root


@pytest.mark.parametrize(("seed", "users"), [(1, False), (2, False), (3, True), (4, True)])
def test_random_operations(seed, users):
    """The same answers, errors and facts as from a plain folder; afterwards the same on the device itself."""
    with medium() as one:
        plain = one.home / "top"  # every user may come here
        plain.mkdir()
        top = one.folder / "top"
        top.mkdir()
        run(top, plain, seed, 1200, users=users)
        want = tree(plain)
        last = one.stop()
        assert not last["lost"]
        with one.bare() as bare:
            got = tree(bare / "top")
            assert got == want, f"seed {seed}: {differences(got, want)}"
            assert not [path for path in bare.rglob("*") if path.name.startswith(".shoumi~")]
        assert not one.staging.exists(), sorted(one.staging.iterdir())
        assert "Traceback" not in one.log()


def test_data_not_written_back_yet_is_no_hole():
    """Who looks for data finds what another has just written."""
    with medium() as one:
        path = one.folder / "sparse"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            os.ftruncate(descriptor, 10 << 20)
            os.pwrite(descriptor, b"here", 5 << 20)
            assert os.lseek(descriptor, 0, os.SEEK_DATA) == 5 << 20
            assert os.lseek(descriptor, 5 << 20, os.SEEK_HOLE) == (5 << 20) + 4096
        finally:
            os.close(descriptor)
        assert path.stat().st_blocks * 512 < 1 << 20
