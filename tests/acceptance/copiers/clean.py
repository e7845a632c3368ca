"""Work that nobody must hinder, each checked on the medium afterwards, mounted where there is no agent."""

import os
import shutil
from dataclasses import dataclass

from tests.acceptance.copiers.copier import PATH, Person
from tests.acceptance.processes import free_port

SAME = 'diff -r --no-dereference "$X" "$B"'
FILES = 10_000


@dataclass(frozen=True)
class Work:
    """``script`` as for copiers; $X is what has to be on the medium, $S a classified document in the same folder."""

    name: str
    script: str
    check: str = SAME
    needs: tuple[str, ...] = ()
    root: bool = False
    patience: float = 90.0

    def missing(self):
        """Programs that are not here."""
        return [one for one in self.needs if not shutil.which(one, path=PATH)]

    @property
    def slug(self):
        return "work-" + "".join(c if c.isalnum() else "-" for c in self.name.lower())


TREE = """
mkdir -p "$X/报告 2026/a/b" && echo 公开 > "$X/报告 2026/说明.txt" && cp /bin/bash "$X/报告 2026/a/program" &&
seq 20000 > "$X/报告 2026/a/b/numbers.csv" && ln -s ../说明.txt "$X/报告 2026/a/link" && chmod 750 "$X/报告 2026/a" &&
touch -d 2020-02-02 "$X/报告 2026/a/b/numbers.csv" \\
"""
FILM = r"\0\0\0\040ftypisom\0\0\2\0isomiso2avc1mp41\022\300\0\010mdat"  # as an MP4 begins
JPEG = 'cp "$J" "$X/p.jpg"'


WORK = (
    Work("cp", 'seq 9999 > "$X/o" && cp "$X/o" "$B/"'),
    Work(
        "cp -a of a tree",
        TREE + '&& cp -a "$X/." "$B/"',
        SAME + ' && test "$(stat -c %Y%a "$B/报告 2026/a/b/'
        'numbers.csv")" = "$(stat -c %Y%a "$X/报告 2026/a/b/numbers.csv")" '
        '&& test "$(stat -c %a "$B/报告 2026/a")" = 750',
    ),
    Work(
        "mv to the medium, and within it",
        'seq 9999 > "$X/new" && cp "$X/new" "$T/old" && mkdir "$B/d" "$X/d" && mv "$X/new" "$X/d/" && '
        'mv "$T/old" "$B/old" && mv "$B/old" "$B/d/new" && test ! -e "$T/old"',
    ),
    Work("rsync -a twice", TREE + '&& rsync -a "$X/" "$B/" && test -z "$(rsync -ain "$X/" "$B/")"', SAME, ("rsync",)),
    Work(
        "tar there and back",
        TREE + '&& tar cf "$B/o.tar" -C "$X" . && mkdir "$B/d" && tar xf "$B/o.tar" -C "$B/d"',
        'diff -r --no-dereference "$X" "$B/d"',
    ),
    Work(
        "zip there, unzip on it",
        TREE + '&& cd "$X" && zip -q -r -y "$B/o.zip" . && unzip -q "$B/o.zip" -d "$B/d"',
        'diff -r --no-dereference "$X" "$B/d"',
        ("zip", "unzip"),
    ),
    Work(
        "unzip from the medium to the disk",
        TREE + '&& cd "$X" && zip -q -r -y "$B/o.zip" . && unzip -q "$B/o.zip" -d "$T/d" && '
        'diff -r --no-dereference "$X" "$T/d"',
        "true",
        ("zip", "unzip"),
    ),
    Work(
        "vim on the medium",
        'echo one > "$B/o"; vim -u NONE -N -es -c "normal otwo" -c "wq" "$B/o"; printf "one\\ntwo\\n" > "$X/o"',
        SAME,
        ("vim",),
    ),
    Work(
        "editor that writes a new file over the old",
        'seq 9 > "$B/o"; sed -i s/5/five/ "$B/o"; seq 9 | sed s/5/five/ > "$X/o"',
    ),
    Work(
        "soffice converts onto it",
        'echo "<html><body>公开</body></html>" > "$T/a.html"; soffice -env:UserInstallation=file://"$T"/lo --headless '
        '--convert-to odt:writer8 --outdir "$B" "$T/a.html" >/dev/null',
        'unzip -p "$B/a.odt" content.xml | grep -q 公开',
        ("soffice", "unzip"),
    ),
    Work(
        "git clone, commit, push",
        'git init -q --bare "$B/r.git" && git clone -q "$B/r.git" "$B/w" 2>/dev/null; cd "$B/w" && seq 5000 > f && '
        "git add f && git -c user.name=a -c user.email=a@b commit -q -m x && git push -q origin HEAD:main && "
        'git clone -q -b main "$B/r.git" "$T/again" && cmp f "$T/again/f"',
        'git -c safe.directory="*" -C "$B/r.git" fsck --strict',
        ("git",),
    ),
    Work(
        "sqlite on the medium",
        'for i in $(seq 20); do sqlite3 "$B/o.db" "CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES ($i);" '
        "|| exit 1; done",
        'test "$(sqlite3 "$B/o.db" "PRAGMA integrity_check; SELECT sum(a) FROM t" | tr "\\n" " ")" = "ok 210 "',
        ("sqlite3",),
    ),
    Work(
        "1,000 small files",
        'for d in $(seq 20); do mkdir "$X/$d"; for f in $(seq 50); do echo "$d $f" > "$X/$d/$f.py"; '
        'done; done; cp -r "$X/." "$B/"',
    ),
    Work(
        "a film of 300 MB",
        'printf "\\0\\0\\0\\040ftypisom\\0\\0\\2\\0isomiso2avc1mp41\\022\\300\\0\\010mdat" > "$X/film.mp4" && head -c '
        '300000000 /dev/urandom >> "$X/film.mp4" && cp "$X/film.mp4" "$B/"',
    ),
    Work(
        "JPEG, MP3 and program",
        JPEG + '; printf "ID3\\3\\0\\0\\0\\0\\0\\0" > "$X/m.mp3"; for i in $(seq 500); do printf "\\377\\373\\220\\0"; '
        'head -c 413 /dev/urandom; done >> "$X/m.mp3"; cp /bin/true "$X/true"; cp "$X"/* "$B/"',
    ),
    Work(
        "encrypted zip of somebody who read nothing",
        'seq 999 > "$T/f"; zip -q -j -P geheim "$B/o.zip" "$T/f"',
        'test "$(unzip -P geheim -p "$B/o.zip" | tail -1)" = 999',
        ("zip", "unzip"),
    ),
    Work(
        "file manager that made a thumbnail of a secret",
        JPEG + "; $PY -c \"import shutil,sys; open(sys.argv[1],'rb').read(4096); [shutil.copy(f, sys.argv[2]) for f in "
        'sys.argv[3:]]" "$S" "$B" "$X"/*',
    ),
    Work(
        "cat of a secret, then cp in the same shell", JPEG + '; cat "$S" > /dev/null; seq 999 > "$X/n"; cp "$X"/* "$B/"'
    ),
    Work(
        "curl and wget onto it",
        'seq 9999 > "$X/o"; cp "$X/o" "$X/p"; cd "$X" && $PY -m http.server --bind 127.0.0.1 $PORT >/dev/null 2>&1 & '
        'sleep 1; curl -s -o "$B/o" "http://127.0.0.1:$PORT/o" && wget -q -O "$B/p" "http://127.0.0.1:$PORT/o"; r=$?; '
        "kill %1; exit $r",
        SAME,
        ("curl", "wget"),
    ),
    Work(
        "dd, and dd into the middle",
        'seq 99999 > "$X/o"; dd if="$X/o" of="$B/o" bs=4k status=none && printf HELLO | tee >(dd of="$B/o" bs=1 '
        "seek=5000 "
        'conv=notrunc status=none) | dd of="$X/o" bs=1 seek=5000 conv=notrunc status=none; sleep 0.3',
    ),
    Work(
        "ISO image",
        'seq 9999 > "$T/f"; genisoimage -quiet -J -o "$X/o.iso" "$T/f"; cp "$X/o.iso" "$B/"',
        SAME,
        ("genisoimage",),
    ),
    Work(
        "df, du, ls, stat",
        'head -c 1000000 /dev/urandom > "$B/o" && cp "$B/o" "$X/o" && test "$(stat -c %s "$B/o")" = 1000000 && '
        'du -k "$B/o" | awk "{exit !(\\$1 >= 976 && \\$1 < 1100)}" && '
        'df -k "$B" | tail -1 | awk "{exit !(\\$2 > 900000)}" '
        '&& ls -l "$B/o" | grep -q "$(id -u)"',
    ),
    Work(
        "hard links",
        'seq 999 > "$B/o" && ln "$B/o" "$B/p" && test "$(stat -c %h "$B/p")" = 2 && echo more >> "$B/p" && '
        'cmp "$B/o" "$B/p" && cp "$B/o" "$X/o" && ln "$X/o" "$X/p"',
        SAME + ' && test "$(stat -c %h "$B/o")" = 2',
    ),
    Work(
        "sparse file",
        'truncate -s 200M "$X/o" && echo end >> "$X/o" && cp --sparse=always "$X/o" "$B/o"',
        'cmp "$X/o" "$B/o" && test "$(du -k "$B/o" | cut -f1)" -lt 1000',
    ),
    Work(
        "names of all kinds",
        'for n in 总结.txt "a b" "-x" "…" "line\nbreak" "emoji 😀" "$(printf "%0200d" 7)"; do '
        'echo "$n" > "$X/$n"; done; '
        'cp -- "$X"/* "$B/"',
    ),
    Work("append to a log", 'for i in $(seq 200); do echo "$i" >> "$B/o"; done; seq 200 > "$X/o"'),
    Work(
        "truncate, grow, shrink",
        'seq 9999 > "$B/o" && truncate -s 100 "$B/o" && truncate -s 5000 "$B/o" && seq 9999 > '
        '"$X/o" && truncate -s 100 "$X/o" && truncate -s 5000 "$X/o"',
    ),
    Work(
        "two programs, one file",
        '(for i in $(seq 100); do echo "a$i"; done >> "$B/o") & (for i in $(seq 100); do echo '
        '"b$i"; done >> "$B/o"); wait',
        'test "$(sort -u "$B/o" | wc -l)" = 200',
    ),
    Work("delete and empty folders", 'mkdir -p "$B/a/b" && seq 9 > "$B/a/b/f" && rm -r "$B/a" && mkdir "$B/e" "$X/e"'),
    Work(
        "flock between two programs",
        '(flock 9; sleep 0.3; echo one) 9> "$B/l" > "$B/o"; (flock -w 5 9; echo two) '
        '9> "$B/l" >> "$B/o"; printf "one\\ntwo\\n" > "$X/o"; touch "$X/l"',
    ),
    Work(
        "listing of 10,000 files",
        f'test "$(ls -f "$M/many" | wc -l)" = {FILES + 2} && ls -l "$M/many" >/dev/null',
        "true",
    ),
)


def fill(place):
    """Ten thousand files that were on the medium before it came."""
    folder = place / "many"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"照片{number:05}.txt").touch()
    folder.chmod(0o755)


def prepare(field_, work):
    """A person, and what the script is given."""
    person = Person(0) if work.root else field_.person()
    variables = field_.variables(work.slug, person.uid, PORT=str(free_port()), PATH=PATH)
    expected = field_.site.disk / work.slug / "expect"
    expected.mkdir()
    secret = field_.site.disk / work.slug / "秘密.txt"
    field_.site.ask("write", path=str(secret), kind="text", marked=True, owner=person.uid, folder="-")
    os.chown(expected, person.uid, person.uid)
    picture = field_.site.disk / work.slug / "photo.jpg"
    if "$J" in work.script:
        field_.site.ask("photograph", path=str(picture), owner=person.uid)
    return person, variables | {"X": str(expected), "S": str(secret), "J": str(picture)}
