"""How much of a text was found: the strings it must hold, the mark it bears, the words another reader saw."""

import json
import re
import statistics
import unicodedata
from collections import Counter

FEW = 10
_LOOSE = re.compile(r"[\s\u00ad\u200b\ufeff]+")
_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")


def loose(text):
    """Text without what readers may differ in: white space and invisible characters."""
    return _LOOSE.sub("", text)


def strings(row, text):
    """How many of the strings a real file must give are there, and how many there are."""
    wanted = json.loads(row["expected_strings_json"])
    text = loose(text)
    return sum(loose(string) in text for string in wanted), len(wanted)


def marked(row, text):
    """Whether the mark of a marked file stands in its text, in whatever width it is written."""
    return _folded(row["raw_mark"]) in _folded(text)


def _folded(text):
    return loose(unicodedata.normalize("NFKC", loose(text)))


def terms(text):
    """The words of a text as a set, and each two neighbouring Han characters, which have no spaces between words."""
    found = set()
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        found.add(word) if not _HAN.search(word) else found.update(_pairs(word))
    return found


def _pairs(word):
    for run in _HAN.findall(word):
        yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
    yield from filter(None, _HAN.split(word))


def shared(ours, theirs):
    """The median share of our terms that the other has, and of theirs that we have, over files both read."""
    both = [(ours[path], theirs[path]) for path in ours if ours[path] and theirs.get(path)]
    if not both:
        return None, None
    return (
        statistics.median(len(mine & other) / len(mine) for mine, other in both),
        statistics.median(len(mine & other) / len(other) for mine, other in both),
    )


def short(ours, others):
    """Files of which two others agree on words that we have not, and the share of the agreed words that we have.

    Files of few agreed words are left out, and those of which we have nine tenths: readers part words differently.
    """
    found = {}
    for path, mine in ours.items():
        counts = Counter(word for words in others for word in words.get(path, ()))
        agreed = {word for word, count in counts.items() if count > 1}
        if len(agreed) >= FEW and len(agreed & mine) < 0.9 * len(agreed):
            found[path] = round(len(agreed & mine) / len(agreed), 3)
    return found
