"""A short run of the chaos; the long one is `python -m tests.acceptance.chaos --kills 1000`."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.acceptance.processes import ENVIRONMENT


@pytest.mark.root
def test_nothing_is_lost_leaked_or_left_hanging():
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        command = [sys.executable, "-m", "tests.acceptance.chaos", "--kills", "40", "--seconds", "75", "--quick"]
        done = subprocess.run(
            [*command, "--folder", folder], capture_output=True, text=True, env=ENVIRONMENT, timeout=600
        )
        assert done.stdout, done.stderr[-4000:]
        told = json.loads(done.stdout)
        assert told["wrong"] == [], told
        assert done.returncode == 0
        assert told["copiers"]["ok"] > 5
        assert told["classified"].get("refused", 0) > 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
