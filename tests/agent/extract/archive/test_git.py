"""Git keeps everything behind zlib: objects alone, packs with deltas, bundles."""

import os
import shutil
import subprocess
import zlib

import pytest

from tests.documents import MARK, word

NEEDS = pytest.mark.skipif(not shutil.which("git"), reason="needs git")
ENV = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
}  # fmt: skip


def git(folder, *words):
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=ENV).stdout


def places(extraction):
    return [segment.at(segment.text.index(MARK)) for segment in extraction.segments if MARK in segment.text]


def test_a_stream_is_its_content(extract):
    extraction = extract(zlib.compress(f"one\n{MARK}\n".encode()))
    assert extraction.media_type == "application/zlib"
    assert places(extraction) == ["content > body line 2"]
    assert extraction.coverage.inspected


def test_an_object_is_read_without_its_heading(extract):
    data = word(MARK)
    extraction = extract(zlib.compress(b"blob %d\0" % len(data) + data, 1))
    assert places(extraction) == ["content > page 1 line 1"]


def test_the_names_of_a_tree_are_read(extract):
    tree = b"100644 " + f"{MARK}.txt".encode() + b"\0" + bytes(20)
    assert places(extract(zlib.compress(b"tree %d\0" % len(tree) + tree)))


def test_a_cut_stream_is_not_called_inspected(extract):
    assert not extract(zlib.compress(os.urandom(9000))[:5000]).coverage.inspected


def test_text_that_begins_like_a_stream_is_text(extract):
    assert extract(b"x^2 + y^2 = z^2\n").media_type.startswith("text/")


@NEEDS
@pytest.mark.parametrize("kind", ["pack", "bundle"])
def test_every_object_of_a_pack_is_read_deltas_too(extract, tmp_path, kind):
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q")
    lines = [f"line {number} of a list that goes on and on" for number in range(3000)]
    for step in range(3):
        if step == 2:
            lines[1500] = MARK  # a small change: kept as a delta, one way or the other
        else:
            lines[100 + step] = "changed"
        (folder / "f").write_text("\n".join(lines))
        git(folder, "add", "f")
        git(folder, "commit", "-q", "-m", "x")
    if kind == "pack":
        git(folder, "gc", "-q")
        data = next((folder / ".git/objects/pack").glob("*.pack")).read_bytes()
    else:
        git(folder, "bundle", "create", "-q", "b", "HEAD")
        data = (folder / "b").read_bytes()
    extraction = extract(data)
    assert extraction.media_type == "application/x-git-pack"
    assert [place for place in places(extraction) if place.endswith("line 1501")]
    assert extraction.coverage.inspected
    assert not extract(data[:-200]).coverage.inspected
