"""Copies of registered documents: size, speed, what is recognised and what is wrongly so.

The yardstick stores every shingle of every document in a plain dictionary and looks up every one of the text: nothing
is missed by it, so it gives both the time and the memory that sampling saves. `--full` registers 100,000 documents.
"""

import os
import random
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from config.levels import Level
from config.verdict import Segment
from detectors import traditional
from detectors.block import blocks
from detectors.fingerprint import Fingerprints
from detectors.prints import Index, Print, fingerprint, pack
from detectors.shingles import strands

TODAY = date(2026, 11, 1)
KEY = b"benchmark" * 2
CORPUS = Path(os.environ.get("SHOUMI_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
FEWER, FULL = 2_000, 100_000
LONG = 2_000  # characters of a document
_BACK = {new: chr(old) for old, new in traditional._TABLE.items()}
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def real():
    """The real texts of the corpus: name to text."""
    if not (CORPUS / "realtext").is_dir():
        raise SystemExit(f"no corpus at {CORPUS}; set SHOUMI_CORPUS")
    found = {}
    for path in sorted((CORPUS / "realtext").glob("*")):
        try:
            found[path.name] = path.read_text("utf-8")
        except (UnicodeDecodeError, IsADirectoryError):
            continue
    return found


def words():
    """Words of real texts, as often as they stand there: Chinese in twos, English as written."""
    chinese, english = [], []
    for text in real().values():
        han = [char for char in text if "\u4e00" <= char <= "\u9fff"]
        if len(han) > len(text) / 4:
            chinese += ["".join(han[at : at + 2]) for at in range(0, len(han), 2)]
        else:
            english += [word for word in text.split() if word.isalpha()]
    return chinese, english


def running(language, megabytes=1.5):
    """Real text of a language, none of it registered, over and over."""
    some = []
    for name, text in real().items():
        share = sum("\u4e00" <= char <= "\u9fff" for char in text) / len(text)
        if share > 0.25 if language == "zh" else name.startswith(("nist", "policy", "cable")):
            some.append(text)
    text = "\n".join(some)
    return text * max(1, round(megabytes * 1e6 / len(text.encode())))


def document(choose, language, vocabulary, size=LONG):
    """Paragraphs of invented text."""
    parts, length = [], 0
    while length < size:
        if language == "zh":
            sentences = ["".join(choose.choices(vocabulary, k=choose.randint(4, 12))) for _ in range(8)]
            parts.append("，".join(sentences) + "。")
        else:
            parts.append(" ".join(choose.choices(vocabulary, k=90)) + ".")
        length += len(parts[-1])
    return parts


def edited(choose, text, vocabulary, share=0.1):
    """A share of the words replaced by others."""
    if " " not in text:
        units = [text[at : at + 2] for at in range(0, len(text), 2)]
        return "".join(choose.choice(vocabulary) if choose.random() < share else unit for unit in units)
    return " ".join(choose.choice(vocabulary) if choose.random() < share else word for word in text.split())


def cut(choose, text, language, least):
    """A passage of the least size that must be found."""
    if language == "zh":
        at = choose.randrange(max(1, len(text) - least))
        return text[at : at + least]
    every = text.split()
    at = choose.randrange(max(1, len(every) - least))
    return " ".join(every[at : at + least])


def copies(choose, paragraphs, language, vocabulary):
    """Kinds of copies of one document."""
    whole = "\n".join(paragraphs)
    at = choose.randrange(len(paragraphs))
    few = (60, 100) if language == "zh" else (40, 60)
    shuffled = choose.sample(paragraphs, len(paragraphs))
    lines = "\n".join(whole[n : n + 38] for n in range(0, len(whole), 38))
    yield f"{few[0]} {'characters' if language == 'zh' else 'words'}", cut(choose, whole, language, few[0])
    yield f"{few[1]} {'characters' if language == 'zh' else 'words'}", cut(choose, whole, language, few[1])
    yield "one paragraph", paragraphs[at]
    yield "one paragraph, a tenth of the words edited", edited(choose, paragraphs[at], vocabulary)
    yield "three paragraphs", "\n".join(paragraphs[at : at + 3] or paragraphs[:3])
    yield "whole", whole
    yield "whole, sections in another order", "\n\n".join(shuffled)
    yield "whole, a tenth of the words edited", edited(choose, whole, vocabulary)
    yield "whole, other line breaks", lines
    yield "whole, quoted in a mail", "\n".join("> " + line for line in lines.splitlines())
    yield "whole, without punctuation", whole.replace("，", "").replace("。", "").replace(".", "")
    if language == "zh":
        yield "whole, in traditional characters", "".join(_BACK.get(char, char) for char in whole)
    else:
        yield "whole, in full-width letters", whole.translate(_WIDE)


def found(index, names, text):
    """The documents that a text is said to hold."""
    search = Fingerprints(index, "benchmark").open(TODAY)
    for block in blocks([Segment(text, "")]):
        search.read(block)
    return {names[match.document][0] for match in search.matches()}


def _plain(text):
    return [block.text for block in blocks([Segment(text, "")])]


def build(documents):
    """The payload of an index, with the seconds that it took."""
    prints, seconds = [], 0.0
    for name, text in documents:
        begin = time.process_time()
        prints.append(Print(name, Level.SECRET, fingerprint(KEY, _plain(text))))
        seconds += time.process_time() - begin
    begin = time.process_time()
    payload = pack(KEY, prints, frozenset())
    return payload, seconds + time.process_time() - begin


def speed(index, text):
    """Megabytes of UTF-8 a second, the best of five, without laying the text out."""
    laid = list(blocks([Segment(text, "")]))
    best = 1e9
    for _ in range(5):
        search = Fingerprints(index, "benchmark").open(TODAY)
        begin = time.process_time()
        for block in laid:
            search.read(block)
        search.matches()
        best = min(best, time.process_time() - begin)
    return len(text.encode()) / 1e6 / best


def yardstick(documents, text, size=16):
    """All shingles in a dictionary: seconds to build, bytes a document, and MB/s of looking every one up."""
    begin, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = {}
    for number, (_, content) in enumerate(documents):
        kept = strands(content)[-1].kept
        for at in range(len(kept) - size):
            table.setdefault(kept[at : at + size], number)
    built = time.process_time() - begin
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / len(documents)
    begin, kept = time.process_time(), strands(text)[-1].kept
    for at in range(len(kept) - size):
        table.get(kept[at : at + size])
    return built, memory, len(text.encode()) / 1e6 / (time.process_time() - begin)


def recall(index, registered, vocabularies, background, tries=150):
    """Each kind of copy, in the midst of an unrelated text: how many of the tries are found, and what else is."""
    choose, names = random.Random(5), index.names()
    for language in ("zh", "en"):
        tally, other = {}, 0
        for name, paragraphs in choose.sample(registered[language], min(tries, len(registered[language]))):
            for kind, copy in copies(choose, paragraphs, language, vocabularies[language]):
                around = "\n".join(document(choose, language, background[language], 800))
                half = len(around) // 2
                seen = found(index, names, f"{around[:half]}\n{copy}\n{around[half:]}")
                hit, count = tally.get(kind, (0, 0))
                tally[kind] = (hit + (name in seen), count + 1)
                other += bool(seen - {name})
        for kind, (hit, count) in tally.items():
            print(f"  {language} {kind:44} {hit / count:7.1%} of {count}")
        print(f"  {language} another document named beside it: {other}")


def false_alarms():
    """Each real text against all others: what is named for it beside itself, and whether the two do share a passage."""
    texts = real()
    payload, _ = build(sorted(texts.items()))
    index = Index(payload)
    names, itself, pairs = index.names(), 0, set()
    for name, text in texts.items():
        seen = found(index, names, text)
        itself += name in seen
        pairs |= {tuple(sorted((name, other))) for other in seen - {name}}
    few = sum(counting < 3 for counting in index.counting)
    print(f"  {len(texts)} texts ({few} with next to nothing that counts), {itself} know themselves")
    runs = sorted((shared(texts[one], texts[other]), one, other) for one, other in pairs)
    print(f"  pairs named for each other: {len(pairs)}; the longest run of text that each does share, in letters:")
    for length, one, other in runs:
        print(f"    {length:5} {one} {other}")


def shared(one, other, size=16):
    """The longest run of letters of one text that stands in another, by all their shingles."""
    best = 0
    for mine, theirs in zip(strands(one), strands(other), strict=False):
        there = {theirs.kept[at : at + size] for at in range(len(theirs.kept) - size)}
        run = 0
        for at in range(len(mine.kept) - size):
            run = run + 1 if mine.kept[at : at + size] in there else 0
            best = max(best, run + size - 1 if run else 0)
    return best


def run() -> None:
    """Print all of it."""
    choose = random.Random(11)
    chinese, english = words()
    count = FULL if "--full" in sys.argv else FEWER
    vocabularies = {"zh": chinese, "en": english}
    registered = {"zh": [], "en": []}

    def documents():
        for number in range(count):
            language = "zh" if number % 2 else "en"
            paragraphs = document(choose, language, vocabularies[language])
            if len(registered[language]) < 500:
                registered[language].append((f"{number}", paragraphs))
            yield f"{number}", "\n".join(paragraphs)

    payload, seconds = build(documents())
    print(
        f"{count} documents of {LONG} characters: {len(payload) / count:.0f} bytes a document, {seconds:.1f} s to build"
    )
    with tempfile.NamedTemporaryFile() as file:
        file.write(payload)
        file.flush()
        begin = time.process_time()
        index = Index.open(Path(file.name), 0)
        print(f"loaded in {(time.process_time() - begin) * 1e3:.2f} ms")
        for language in ("zh", "en"):
            clean = running(language)
            full = "\n".join(text for _, paragraphs in registered[language][:300] for text in paragraphs)
            nothing = Index.empty(KEY)
            print(
                f"{language}: real text {speed(index, clean):.0f} MB/s (an empty index {speed(nothing, clean):.0f}), "
                f"text that is all copies {speed(index, full):.1f} MB/s"
            )
            some = [(name, "\n".join(text)) for name, text in registered[language]][:200]
            built, memory, rate = yardstick(some, clean[:300_000])
            print(
                f"  yardstick, every shingle in a dictionary: {built / len(some) * 1e3:.2f} ms and some {memory:.0f} "
                f"bytes a document, {rate:.2f} MB/s"
            )
        print("found, each in the midst of unrelated text:")
        recall(index, registered, vocabularies, vocabularies)
    print("real texts, each registered, each looked up:")
    false_alarms()


if __name__ == "__main__":
    run()
