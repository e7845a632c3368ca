"""What came of it, for people: Markdown."""

BEGIN, END = "<!-- copiers -->", "<!-- /copiers -->"


def _cell(words):
    return str(words).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;") or "–"


def _row(*cells):
    return "| " + " | ".join(_cell(one) for one in cells) + " |"


def copiers(rows):
    """Of classified documents, and beside it the same with a clean one."""
    lines = [
        _row("copier", "outcome", "exit status", "classified bytes on the device", "what the user saw", "a clean file"),
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["skipped"]:
            lines.append(_row(row["name"], f"not tried: {row['skipped']}", "", "", "", ""))
            continue
        run = row["classified"]
        outcome = row["outcome"] + (f" ({row['why']})" if row["why"] else "")
        seen = "; ".join(one for one in (run["said"], "message on the terminal" if run["bubble"] else "") if one)
        lines.append(
            _row(row["name"], outcome, run["status"], row["bytes"], seen, row["clean_problem"] or _passes(row["clean"]))
        )
    return "\n".join(lines)


def _passes(run):
    return "passes; the person is told that it could not be read" if run["events"] else "passes"


def _well(row):
    return "passes" + (f"; told {row['told']} times that a file could not be read" if row["told"] else "")


def work(rows):
    """Clean work."""
    lines = [_row("clean work", "outcome", "seconds"), "|---|---|---|"]
    lines += [
        _row(
            row["name"],
            f"not tried: {row['skipped']}" if row["skipped"] else row["problem"] or _well(row),
            f"{row['seconds']:.1f}",
        )
        for row in rows
    ]
    return "\n".join(lines)


def written(text, table):
    """A document with the part between the two markers replaced; put at its end where there is none."""
    if BEGIN not in text:
        return f"{text.rstrip()}\n\n{BEGIN}\n\n{table}\n\n{END}\n".lstrip()
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}"
