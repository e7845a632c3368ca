"""`shoumi fingerprint`: registering documents whose copies are to be recognised, and asking what a file holds of them.

Registers lie signed in ``<home>/registers``. What the ids in them stand for is kept beside, in
``<home>/fingerprints.json``, readable by its owner only: names of files never go into a register.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from agent import disk, home
from agent.registration import Outcome, note
from config.coverage import explain
from config.errors import UsageError
from config.levels import Level
from config.places import place
from config.signing import utc_now
from config.text import Language, Text, printable

if TYPE_CHECKING:
    from agent.extract.sandbox.pool import Sandbox
    from agent.home import Site
    from detectors.prints import Index

KIND = "fingerprints"
_MOST = 2**32 - 2  # shingles that can be numbered


def add(options: argparse.Namespace) -> int:
    """Register files and folders, and sign the register anew. 0: all; 3: some could not be, each named."""
    from agent.scan.walk import walk
    from agent.signer import check_name, signing_key, write_register
    from detectors.prints import pack

    site, language = home.find(options.home), options.language
    check_name(options.name)
    if not options.files and not options.public:
        raise UsageError(Text("name files or folders to register", "请指定要登记的文件或文件夹"))
    level = _level(options.level)
    index = read_index(site, options.name)
    done = Outcome()

    def missed(folder: Path, problem: OSError) -> None:
        done.failures.append((folder, _os(problem)))

    files = [(path, False) for root in options.files for path in walk(root, missed)]
    files += [(path, True) for root in options.public for path in walk(root, missed)]
    with _sandbox(site, options) as sandbox:
        for path, public in _progress(files, language):
            note(path, sandbox, index, done, level=level, public=public, label=options.label)
    kept = {one.id: one for one in index.prints()}
    new = [name for name in done.prints if name not in kept]
    kept |= done.prints  # registered again: with the level and label said now
    if sum(len(one.shingles) for one in kept.values()) > _MOST:
        raise UsageError(
            Text("the register is full", "登记表已满"), Text("begin another with --name", "请用 --name 新建")
        )
    payload = pack(index.head.key, list(kept.values()), index.public() | frozenset(done.public))
    _say_added(done, new, _index(payload), language)
    if done.prints or done.public:
        _write(site, options, payload, write_register, done.names)
        if not options.dry_run:
            _say(
                Text("signed by {key}", "签名公钥 {key}").fill(
                    key=signing_key(site.home).public_key().public_bytes_raw().hex()
                ),
                language,
            )
    return 3 if done.failures or done.partly else 0


def show(options: argparse.Namespace) -> int:
    """What is registered, a line a document."""
    site, language = home.find(options.home), options.language
    names = _names(site)
    for register in [options.name] if options.name else _registers(site):
        index = read_index(site, register)
        for at, (name, label) in enumerate(index.names()):
            known = label or names.get(name, "")
            share = Text("{n} shingles", "{n} 个片段").fill(n=index.counting[at]).say(language)
            line = (register, name, index.level(at).text.say(language), share, known)
            _paper().print("  ".join(printable(part) for part in line), markup=False)
    return 0


def remove(options: argparse.Namespace) -> int:
    """Take one document out, or all of a register, and sign it anew."""
    from agent.signer import write_register
    from detectors.prints import pack

    site, language = home.find(options.home), options.language
    if options.all == bool(options.document):
        raise UsageError(Text("name one document, or say --all", "请指定一个文件编号，或使用 --all"))
    index = read_index(site, options.name)
    if options.all:
        _write(site, options, b"", write_register, {})
        _say(Text("register {name} is withdrawn", "登记表 {name} 已撤销").fill(name=options.name), language)
        return 0
    kept = index.prints()
    gone = [one for one in kept if one.id.startswith(options.document)]
    if len(gone) != 1:
        what = Text(
            f"{len(gone)} documents begin with '{options.document}'", f"有 {len(gone)} 个编号以“{options.document}”开头"
        )
        raise UsageError(what, Text("see `shoumi fingerprint list`", "请查看 `shoumi fingerprint list`"))
    kept.remove(gone[0])
    _write(site, options, pack(index.head.key, kept, index.public()), write_register, {})
    _say(Text("{id} is removed; {n} remain", "已移除 {id}，剩余 {n} 个").fill(id=gone[0].id, n=len(kept)), language)
    return 0


def check(options: argparse.Namespace) -> int:
    """Which registered documents a file shares text with, how much, and where. 1: some; 3: not all could be read."""
    from detectors.block import blocks
    from detectors.fingerprint import Fingerprints

    site, language = home.find(options.home), options.language
    names, paper, shared = _names(site), _paper(), False
    with _sandbox(site, options) as sandbox:
        found = sandbox.extract(Path(os.path.realpath(options.file)))
    for register in [options.name] if options.name else _registers(site):
        index = read_index(site, register)
        search = Fingerprints(index, register).open(utc_now().date())
        for block in blocks(found.segments):
            search.read(block)
        known = index.names()
        for match in search.matches():
            shared = True
            name, label = known[match.document]
            line = Text(
                "{register} {id} ({level}) {label}: {share:.0%} of it, the longest run about {length:.0f} characters, "
                "first at {where}",
                "{register} {id}（{level}）{label}：含其 {share:.0%}，最长连续约 {length:.0f} 字，首处：{where}",
            )
            at = match.block.where(0)
            said = line.fill(
                register=register,
                id=name,
                level=index.level(match.document).text,
                label=label or names.get(name, ""),
                share=search.share(match),
                length=match.longest * _PASSAGE[language],
                where=place(at, language) if at else "-",
            )
            paper.print(printable(said.say(language)), markup=False)
    for reason in found.coverage.reasons:
        _say(Text("not read: {why}", "未检查：{why}").fill(why=explain(reason)), language)
    if not shared:
        _say(Text("nothing that is registered stands in it", "未发现登记文件的内容"), language)
    return 1 if shared else 0 if found.coverage.inspected else 3


_PASSAGE = {"en": 200, "zh": 60}  # characters of a passage, in the letters of either language


def read_index(site: Site, name: str) -> Index:
    """The register of that name on this machine, its signature checked; an empty one where there is none.

    Raises:
        SignatureError: it is not signed by who is trusted here, or damaged.
    """
    from agent.signer import registered
    from config.signed import verify
    from detectors.prints import Index

    if registered(site.home, name) is None:
        return Index.empty(secrets.token_bytes(16))
    path = site.registers / f"{name}.signed"
    header, begin = verify(path, site.signers())
    if header.kind != KIND:
        raise UsageError(Text(f"'{name}' is a register of another kind", f"“{name}”不是文件指纹登记表"))
    empty = path.stat().st_size == begin
    return Index.empty(secrets.token_bytes(16)) if empty else Index.open(path, begin)


def _level(word: str | None) -> Level | None:
    try:
        return Level.parse(word) if word else None
    except ValueError as problem:
        raise UsageError(Text(str(problem), f"“{word}”不是密级")) from None


def _write(site: Site, options: argparse.Namespace, payload: bytes, write: object, names: dict[str, str]) -> None:
    if options.dry_run:
        _say(Text("nothing was written (--dry-run)", "未写入任何内容（--dry-run）"), options.language)
        return
    path = write(site.home, KIND, options.name, payload)  # type: ignore[operator]
    disk.replace(site.home / "fingerprints.json", msgspec.json.encode(_names(site) | names))
    _say(Text("{path} is written", "已写入 {path}").fill(path=path), options.language)


def _index(payload: bytes) -> Index:
    from detectors.prints import Index

    return Index(payload)


def _names(site: Site) -> dict[str, str]:
    """Id to the file that was registered on this machine."""
    path = site.home / "fingerprints.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as problem:
        raise UsageError(
            Text(f"{path} cannot be read: {problem}", f"无法读取 {path}：{problem}"),
            Text("move it away; only the names of registered files are lost", "可将其移走，仅丢失已登记文件的名称"),
        ) from None


def _registers(site: Site) -> list[str]:
    from config.signed import read_header

    found = []
    for path in sorted(site.registers.glob("*.signed")):
        with path.open("rb") as file:
            if read_header(file).kind == KIND:
                found.append(path.stem)
    return found


def _sandbox(site: Site, options: argparse.Namespace) -> Sandbox:
    from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted
    from agent.report.identity import digest_key

    ocr = ocr_wanted(site.settings.ocr if options.ocr is None else options.ocr)
    return Sandbox(Setup(site.settings.limits, site.rules(), digest_key(site.home), ocr=ocr))


def _progress(files: Sequence[tuple[Path, bool]], language: Language) -> Iterator[tuple[Path, bool]]:
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        yield from bar.track(files, description=Text("reading", "正在读取").say(language))


def _say_added(done: Outcome, new: Sequence[str], index: Index, language: Language) -> None:
    for path, why in (*done.failures, *done.partly):
        part = (path, why) in done.partly
        text = (
            Text("{path}: registered in part: {why}", "{path}：仅登记部分内容：{why}")
            if part
            else Text("{path}: not registered: {why}", "{path}：未登记：{why}")
        )
        _say(text.fill(path=printable(str(path)), why=why), language)
    again = len(done.prints) - len(new)
    text = Text(
        "{new} registered, {again} registered again, {failed} not; {all} documents, {idle} shingles that never count "
        "(public text, and what stands in several unrelated documents)",
        "新登记 {new} 个，重新登记 {again} 个，失败 {failed} 个；共 {all} 个文件，{idle} 个片段不计入"
        "（公开文本及多个无关文件共有的内容）",
    )
    counts = {"new": len(new), "again": again, "failed": len(done.failures)}
    _say(text.fill(**counts, all=index.head.documents, idle=index.head.idle), language)
    names = dict(index.names())
    silent = [name for at, name in enumerate(names) if not index.counting[at]]
    if silent:
        text = Text(
            "nothing of these counts, so no copy of them is recognised: {ids}",
            "以下文件没有可计入的内容，无法识别其副本：{ids}",
        )
        _say(text.fill(ids=", ".join(silent)), language)


def _os(problem: OSError) -> Text:
    why = problem.strerror or type(problem).__name__
    return Text(why, why)


def _say(text: Text, language: Language) -> None:
    sys.stderr.write(printable(text.say(language)) + "\n")


def _paper() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200, soft_wrap=True)
