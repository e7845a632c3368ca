"""What others make of the same text: run by the yardsticks' own Python, nothing of ours in it.

    PYTHON matchers.py < REQUEST

The request is ``{"patterns": [[source, caseless]], "words": [...], "texts": {name: path}, "seconds": 3}``. One line of
JSON a matcher answers: ``{"matcher", "note", "speeds": {name: MB/s}, "hits": {name: count}, "error"}``. Each gets as
much of a text as it reads in the time given, a whole number of chunks, after one that does not count.
"""

import contextlib
import json
import logging
import re
import sys
import time

CHUNK = 65_536  # characters, as ours
_LOOK = re.compile(r"\(\?<?[!=](?:\[(?:\\.|[^\]\\])*\]|\\.|[^()\[\\]|\((?:[^()]|\\.)*\))*\)")


def re_loop(request):
    rules = []
    for source, caseless in request["patterns"]:
        with contextlib.suppress(re.error):  # a look behind of variable width
            rules.append(re.compile(source, re.MULTILINE | (re.IGNORECASE if caseless else 0)))
    note = f"{len(rules)} of {len(request['patterns'])} patterns, one after another"
    return lambda text: sum(1 for rule in rules for _ in rule.finditer(text)), note


def regex_loop(request):
    import regex

    flags = regex.ASCII | regex.MULTILINE
    rules = [
        regex.compile(source, flags | (regex.IGNORECASE if caseless else 0)) for source, caseless in request["patterns"]
    ]
    return lambda text: sum(
        1 for rule in rules for _ in rule.finditer(text)
    ), f"{len(rules)} patterns, one after another"


def re2_set(request):
    import re2

    rules = re2.Set.SearchSet()
    taken = 0
    for source, caseless in request["patterns"]:
        try:
            rules.Add(("(?im)" if caseless else "(?m)") + _plain(source))
            taken += 1
        except (re2.error, ValueError):
            continue
    rules.Compile()
    note = f"{taken} of {len(request['patterns'])} patterns, without looks aside; says which fire, not where"
    return lambda text: len(rules.Match(text) or ()), note


def yarax(request):
    import yara_x

    compiler = yara_x.Compiler(relaxed_re_syntax=True)
    taken = 0
    for number, (source, caseless) in enumerate(request["patterns"]):
        plain = _plain(source).replace("/", "\\/")
        try:
            compiler.add_source(f"rule r{number} {{ strings: $a = /{plain}/{'i' if caseless else ''} condition: $a }}")
            taken += 1
        except yara_x.CompileError:
            continue
    scanner = yara_x.Scanner(compiler.build())

    def read(text):
        found = scanner.scan(text.encode())
        return sum(len(pattern.matches) for rule in found.matching_rules for pattern in rule.patterns)

    return read, f"{taken} of {len(request['patterns'])} patterns; classes of Chinese characters are refused"


def ahocorasick(request):
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for word in request["words"]:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return lambda text: sum(1 for _ in automaton.iter(text)), f"{len(request['words'])} words only"


def presidio(_request):
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """No language model: the recognisers of patterns only, which is the faster half."""

        def __init__(self):
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def is_loaded(self):
            return True

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    analyzer = AnalyzerEngine(nlp_engine=Blank(), registry=registry)
    return lambda text: len(analyzer.analyze(text, "en")), "its own recognisers, without a language model"


def detect_secrets(_request):
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import default_settings

    def read(text):
        with default_settings():
            return sum(1 for line in text.split("\n") for _ in scan_line(line))

    return read, "its own plugins for keys and tokens, line by line"


MATCHERS = (re_loop, regex_loop, re2_set, yarax, ahocorasick, presidio, detect_secrets)


def _plain(source):
    """A pattern without looks to either side, references back and named groups."""
    while (shorter := _LOOK.sub("", source)) != source:
        source = shorter
    source = re.sub(r"\(\?P<\w+>", "(?:", source)
    return re.sub(r"\\[1-9]|(?<=[*+?}])\+|\(\?>", lambda found: "(?:" if found[0] == "(?>" else "", source)


def _measure(read, text, seconds):
    chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    size = 8_192 if len(chunks) < 2 else CHUNK
    begin = time.perf_counter()
    read(chunks[0][:2_048])
    if time.perf_counter() - begin > 1:  # too slow for whole chunks
        size = 2_048
    hits = spent = done = 0
    for at in range(size, len(text), size):
        piece = text[at : at + size]
        begin = time.perf_counter()
        hits += read(piece)
        spent += time.perf_counter() - begin
        done += len(piece.encode())
        if spent > seconds:
            break
    return done / 1e6 / spent, hits


def main():
    logging.disable(logging.CRITICAL)
    request = json.load(sys.stdin)
    texts = {}
    for name, path in request["texts"].items():
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
    for make in MATCHERS:
        answer = {"matcher": make.__name__}
        try:
            read, answer["note"] = make(request)
            measured = {name: _measure(read, text, request["seconds"]) for name, text in texts.items()}
            answer["speeds"] = {name: speed for name, (speed, _) in measured.items()}
            answer["hits"] = {name: hits for name, (_, hits) in measured.items()}
        except Exception as problem:
            answer["error"] = f"{type(problem).__name__}: {problem}"
        print(json.dumps(answer), flush=True)


main()
