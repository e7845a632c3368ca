"""One library that reads any file, asked a path a line: run by the yardsticks' own Python, nothing of ours in it.

    PYTHON yardstick.py LIBRARY TEXTS

Says ``{"ready": ...}`` once it can read, then for each path on standard input ``{"chars", "error"}``; the text
itself goes to the file TEXTS, one JSON line a file. Metadata that the library gives beside the text counts as text: it
costs the library nothing, and marks stand in it.
"""

import json
import os
import sys


def kreuzberg():
    import kreuzberg

    config = kreuzberg.ExtractionConfig(use_cache=False, disable_ocr=True)

    def read(path):
        result = kreuzberg.extract_file_sync(path, config=config)
        return result.content, result.metadata

    return read


def extractous():
    from extractous import Extractor, PdfOcrStrategy, PdfParserConfig

    extractor = Extractor().set_extract_string_max_length(2**30)
    extractor = extractor.set_pdf_config(PdfParserConfig().set_ocr_strategy(PdfOcrStrategy.NO_OCR))
    return extractor.extract_file_to_string


def markitdown():
    from markitdown import MarkItDown

    converter = MarkItDown(enable_plugins=False)

    def read(path):
        result = converter.convert_local(path)
        return result.text_content, result.title

    return read


LIBRARIES = {"kreuzberg": kreuzberg, "extractous": extractous, "markitdown": markitdown}


def words(value):
    """Every string in metadata of whatever shape."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from words(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from words(inner)


def main():
    name, texts = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # libraries talk on standard output
    read = LIBRARIES[name]()
    print(json.dumps({"ready": True}), file=answers)
    with open(texts, "a", encoding="utf-8", errors="replace") as kept:
        for line in sys.stdin:
            path = json.loads(line)
            text, about, error = "", None, ""
            try:
                text, about = read(path)
            except Exception as problem:
                error = f"{type(problem).__name__}: {problem}"[:300]
            except BaseException as problem:
                if isinstance(problem, (KeyboardInterrupt, SystemExit)):
                    raise
                error = f"{type(problem).__name__}: {problem}"[:300]  # a panic of Rust
            text = text or ""
            print(json.dumps({"path": path, "text": text, "about": "\n".join(words(about))}), file=kept, flush=True)
            print(json.dumps({"chars": len(text), "error": error}), file=answers)


if __name__ == "__main__":
    main()
