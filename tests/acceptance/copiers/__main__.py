"""The table made anew: ``python -m tests.acceptance.copiers --write docs/prevention.md``, as root.

Everything happens in mount and process namespaces of its own: nobody else sees these media, no other agent takes them
over, and the kernel ends whatever is left over.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from tests.acceptance.copiers import run, table

_INSIDE = "SHOUMI_COPIERS_INSIDE"
_SPACES = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
_REAPER = 'python=$1; shift; "$python" -m tests.acceptance.copiers "$@"; exit $?'  # bash: the first process must reap


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.copiers")
    parser.add_argument("--json", type=Path, help="write all that was measured there")
    parser.add_argument("--write", type=Path, help="replace the tables in this document")
    parser.add_argument("--only", default="", help="copiers and work with these words in their names")
    parser.add_argument("--kind", default="ext4", help="file system of the medium: ext4, exfat, vfat, ntfs")
    parser.add_argument("--keep", action="store_true", help="print the agent's log")
    options = parser.parse_args()
    if _INSIDE not in os.environ:
        os.environ[_INSIDE] = "1"
        os.execvp(_SPACES[0], [*_SPACES, "bash", "-c", _REAPER, "bash", sys.executable, *sys.argv[1:]])
    result = run.everything(options.kind, options.only, keep=options.keep)
    tables = f"{table.copiers(result['copiers'])}\n\n{table.work(result['work'])}"
    if options.json:
        options.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
    if options.write:
        old = options.write.read_text("utf-8") if options.write.exists() else ""
        options.write.write_text(table.written(old, tables), "utf-8")
    else:
        print(tables)
    print(f"{result['seconds']:.0f} s; {len(result['failing'])} not as they should be", file=sys.stderr)
    for line in result["failing"]:
        print(line, file=sys.stderr)
    return 1 if result["failing"] else 0


if __name__ == "__main__":
    sys.exit(main())
