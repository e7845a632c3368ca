"""The whole table, as documentation shows it: no classified byte lands that is not named as out of reach, and all clean
work passes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.processes import ENVIRONMENT
from tests.conftest import ALL, ROOT

PROGRAMS = {  # by the Debian package that brings them, where the names differ
    "7z": "p7zip-full",
    "gio": "libglib2.0-bin",
    "gs": "ghostscript",
    "exiftool": "libimage-exiftool-perl",
    "mksquashfs": "squashfs-tools",
    "unsquashfs": "squashfs-tools",
    "soffice": "libreoffice-writer-nogui",
    "scp": "openssh-client",
    "sftp": "openssh-client",
    "sshd": "openssh-server",
    "xz": "xz-utils",
    "gpg": "gnupg",
    "ar": "binutils",
    "script": "bsdutils",
}
EXFAT = ("mkfs.exfat", "mount.exfat-fuse")


def run(tmp_path, *options):
    """All rows of one run, each of which said whether it is as it should be."""
    told = tmp_path / "told.json"
    command = [sys.executable, "-m", "tests.acceptance.copiers", "--json", told, *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=900)
    assert told.exists(), done.stderr[-3000:]
    result = json.loads(told.read_text("utf-8"))
    if ALL:
        packages = Path(ROOT, ".ci/run").read_text("utf-8").split()
        skipped = [one for row in result["copiers"] + result["work"] for one in row.get("missing", ())]
        promised = [one for one in skipped if PROGRAMS.get(one, one) in packages]
        assert not promised, f"installed, and not found: {promised}"
    assert not result["failing"], "\n".join(result["failing"])
    return result


@pytest.mark.root
def test_no_copier_brings_a_classified_document_to_a_medium_and_clean_work_passes(tmp_path):
    result = run(tmp_path)
    tried = [row for row in result["copiers"] if not row["skipped"]]
    assert len(tried) >= 45
    assert len([row for row in result["work"] if not row["skipped"]]) >= 15
    assert len([row for row in tried if row["outcome"] == "refused"]) >= 45


@pytest.mark.root
def test_a_file_system_without_owners_and_links_keeps_them_out_as_well(tmp_path):
    if not all(shutil.which(one) for one in EXFAT):
        pytest.skip("needs exfat-fuse and exfatprogs")
    result = run(tmp_path, "--kind", "exfat")
    assert len(result["copiers"]) >= 10
