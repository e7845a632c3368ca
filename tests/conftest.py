"""What every test may ask for. A need that is not met skips with its reason; SHOUMI_TEST_ALL=1 makes that a failure."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from agent.extract.sandbox.pool import ocr_wanted

ROOT = Path(__file__).parents[1]
ALL = os.environ.get("SHOUMI_TEST_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and SHOUMI_TEST_ALL=1 allows no skip: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def corpus():
    """The shared labelled documents, where they are."""
    folder = Path(os.environ.get("SHOUMI_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder}; set SHOUMI_CORPUS")
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):  # before any fixture: one of a whole module may need what is not there
    if item.get_closest_marker("root") and (sys.platform != "linux" or os.geteuid() != 0):
        pytest.skip("needs root on Linux")
    if item.get_closest_marker("ocr") and not ocr_wanted(None):
        pytest.skip("needs the extra `ocr`: make install-ocr")
    if item.get_closest_marker("chromium") and not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("needs Debian's chromium and chromium-driver")


@pytest.fixture(autouse=True)
def _own_home(monkeypatch, tmp_path_factory):
    """No test reads or writes the home of the person who runs it."""
    monkeypatch.setenv("SHOUMI_HOME", str(tmp_path_factory.mktemp("home")))
