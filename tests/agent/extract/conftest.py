"""Sandboxes shared by the tests, because a worker takes a moment to start."""

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(Setup(Limits(), key=b"k" * 32)) as sandbox:
        yield sandbox


@pytest.fixture
def extract(sandbox, tmp_path):
    """Extract bytes written to a file: ``extract(data, name)``."""

    def run(data, name="file"):
        path = tmp_path / name
        path.write_bytes(data)
        return sandbox.extract(path)

    return run
