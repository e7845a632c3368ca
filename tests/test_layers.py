"""Data flows one way, and so do imports: config <- detectors <- agent, config <- service."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "config": {"config"},
    "detectors": {"config", "detectors"},
    "agent": {"config", "detectors", "agent"},
    "service": {"config", "detectors", "service"},
}


def imports(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            yield node.module or ""


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_lies_before_it(package):
    files = list((ROOT / package).rglob("*.py"))
    assert files
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imports(path.read_text("utf-8"))
        if name.split(".")[0] in ALLOWED.keys() - ALLOWED[package]
    ]
    assert not wrong


def test_the_check_sees_a_wrong_import():
    assert list(imports("from service.audit import chain\nimport agent.cli")) == ["service.audit", "agent.cli"]


def test_detectors_touch_neither_files_nor_network_nor_clock():
    banned = {"socket", "subprocess", "os", "time", "shutil", "tempfile", "urllib", "http"}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "detectors").rglob("*.py")
        for name in imports(path.read_text("utf-8"))
        if name.split(".")[0] in banned
    ]
    assert not wrong
