"""What an organisation registered, as signed files in one folder: one loader a kind.

A file whose signature does not hold is not used and is named: a damaged one is seen, a planted one does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from config.errors import ShoumiError
from config.signed import verify
from config.text import Text
from detectors import corrections, exact, fingerprint, wordlists
from detectors.corrections import Correction
from detectors.detector import Detector

SUFFIX = ".signed"
Loader = Callable[[Path, int, str], Detector]
"""From a verified file, where its payload begins (bytes) and its name to a detector."""

LOADERS: Mapping[str, Loader] = MappingProxyType(
    {"exact": exact.load, "fingerprints": fingerprint.load, "words": wordlists.load}
)
"""The word in a file's header to what reads it."""


class Registers(msgspec.Struct, frozen=True):
    """What a folder gives: the versions it stands for (name to version), and what could not be used."""

    detectors: tuple[Detector, ...] = ()
    corrections: tuple[Correction, ...] = ()
    versions: Mapping[str, int] = {}
    problems: tuple[Text, ...] = ()


def load(folder: Path, signers: Collection[str]) -> Registers:
    """Read every signed file of a folder; one that is wrong is left out and named under ``problems``."""
    detectors: list[Detector] = []
    corrected: list[Correction] = []
    versions: dict[str, int] = {}
    problems: list[Text] = []
    for path in sorted(folder.glob("*" + SUFFIX)):
        try:
            header, begin = verify(path, signers)
            if header.kind == corrections.KIND:
                corrected += corrections.read(path, begin)
                versions[header.name] = header.version
                continue
            loader = LOADERS.get(header.kind)
            if loader is None:
                problems.append(
                    Text(f"{path.name}: unknown kind '{header.kind}'", f"{path.name}：未知类型“{header.kind}”")
                )
                continue
            if path.stat().st_size > begin:  # an empty payload withdraws what was registered under this name
                detectors.append(loader(path, begin, header.name))
            versions[header.name] = header.version
        except ShoumiError as problem:
            problems.append(problem.text)
        except OSError as problem:
            why = problem.strerror or type(problem).__name__
            problems.append(Text(f"{path.name}: {why}", f"{path.name}：{why}"))
    return Registers(tuple(detectors), tuple(corrected), versions, tuple(problems))
