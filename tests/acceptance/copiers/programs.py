"""The table, continued: programs that happen to copy."""

from tests.acceptance.copiers.copier import Copier

EDITORS = (
    Copier("vim :saveas", 'vim -u NONE -N -es -c "saveas! $B/o" -c "qa!" "$S"', ("vim",)),
    Copier("vim :w", 'vim -u NONE -N -es -c "w! $B/o" -c "qa!" "$S"', ("vim",)),
    Copier(
        "vim :r into a file there",
        'echo > "$B/o"; vim -u NONE -N -es -c "0r $S" -c "wq!" -c "cq!" "$B/o"',
        ("vim",),
        lands="raw",
    ),
    Copier("ed", 'printf "w %s\\nq\\n" "$B/o" | ed -s "$S"', ("ed",)),
    Copier("nano", '$TRICK nano "$S" "$B/o"', ("nano",)),
    Copier("sed w", 'sed -n "w $B/o" "$S"'),
    Copier("sed -i of a file there", 'echo x > "$B/o"; sed -i -e "r $S" -e d "$B/o"'),
    Copier(
        "soffice --convert-to odt",
        'cp "$S" "$T/f.docx"; soffice -env:UserInstallation=file://"$T"/lo --headless --convert-to odt '
        '--outdir "$B" "$T/f.docx" >/dev/null; test "$(ls "$B")"',
        ("soffice",),
        kind="word",
        lands="other",
    ),
    Copier(
        "soffice --convert-to pdf",
        'cp "$S" "$T/f.docx"; soffice -env:UserInstallation=file://"$T"/lo --headless --convert-to pdf '
        '--outdir "$B" "$T/f.docx" >/dev/null; test "$(ls "$B")"',
        ("soffice",),
        kind="word",
        lands="other",
    ),
)

SYNC = (
    Copier("rsync", 'rsync -a "$S" "$B/o"', ("rsync",)),
    Copier("rsync --inplace", 'rsync --inplace "$S" "$B/o"', ("rsync",)),
    Copier("rsync --partial", 'rsync --partial --partial-dir=.p "$S" "$B/o"', ("rsync",)),
    Copier("rsync --append", 'head -c 100 "$S" > "$B/o"; rsync --append "$S" "$B/o"', ("rsync",)),
    Copier("rclone", 'rclone copyto "$S" "$B/o"', ("rclone",)),
    Copier("unison", 'mkdir "$T/d"; cp "$S" "$T/d/f"; unison -batch -silent "$T/d" "$B"', ("unison",)),
    Copier("scp through a shell of this machine", 'scp -q -O -S "$SHELL_AS_SSH" "$S" x:"$B/o"', ("scp",), root=True),
    Copier("sftp", 'echo "put $S $B/o" | sftp -q -b - -D /usr/lib/openssh/sftp-server x', ("sftp", "sshd"), root=True),
    Copier("curl file://", 'curl -s -o "$B/o" "file://$S"', ("curl",)),
    Copier(
        "wget from a local server",
        'cd "${S%/*}" && $PY -m http.server --bind 127.0.0.1 $PORT >/dev/null 2>&1 & sleep 1; '
        'wget -q -O "$B/o" "http://127.0.0.1:$PORT/$(basename "$S")"; r=$?; kill %1; exit $r',
        ("wget",),
    ),
    Copier(
        "git add on the medium",
        'cd "$B" && git init -q r && cd r && cp "$S" "$T/f" && git --work-tree="$T" add "$T/f" && '
        "git -c user.name=a -c user.email=a@b commit -q -m x",
        ("git",),
        lands="other",
        fruit="objects/(../|pack/.*pack)",
    ),
    Copier(
        "git push to the medium",
        'git init -q --bare "$B/r.git" && git init -q "$T/r" && cd "$T/r" && cp "$S" f && git add f && '
        'git -c user.name=a -c user.email=a@b commit -q -m x && git push -q "$B/r.git" HEAD:main',
        ("git",),
        lands="other",
        fruit="objects/(../|pack/.*pack)",
    ),
    Copier(
        "git bundle",
        'git init -q "$T/r" && cd "$T/r" && cp "$S" f && git add f && git -c user.name=a -c user.email=a@b commit '
        '-q -m x && git bundle create -q "$B/o.bundle" HEAD',
        ("git",),
        lands="other",
    ),
    Copier("diff and patch", 'touch "$B/o"; diff -u /dev/null "$S" | patch -s "$B/o"', ("patch",)),
)

INTERPRETERS = (
    Copier("perl", 'perl -MFile::Copy -e \'copy($ARGV[0], $ARGV[1]) or die $!\' "$S" "$B/o"', ("perl",)),
    Copier("awk", 'awk -v o="$B/o" \'{print > o} END {exit close(o)}\' "$S"', ("awk",)),
    Copier(
        "lua",
        'lua5.4 -e \'i=io.open(arg[1]):read("a") o=io.open(arg[2],"w") o:write(i) assert(o:close())\' '
        '/dev/null "$S" "$B/o"',
        ("lua5.4",),
    ),
    Copier("bash read and printf", 'mapfile -d "" x < "$S"; printf %s "${x[0]}" > "$B/o"'),
    Copier(
        "sqlite3 blob",
        'sqlite3 "$B/o.db" "CREATE TABLE t (c BLOB); INSERT INTO t VALUES (readfile(\'$S\'))"',
        ("sqlite3",),
        lands="raw",
    ),
    Copier(
        "sqlite3 .import", 'sqlite3 "$B/o.db" "CREATE TABLE t (c TEXT)" ".import \'$S\' t"', ("sqlite3",), lands="raw"
    ),
    Copier(
        "sqlite3 .backup",
        'sqlite3 "$T/o.db" "CREATE TABLE t (c BLOB); INSERT INTO t VALUES (readfile(\'$S\'))" ".backup \'$B/o.db\'"',
        ("sqlite3",),
        lands="raw",
    ),
    Copier("qpdf", 'qpdf "$S" --object-streams=generate "$B/o.pdf"', ("qpdf",), kind="pdf", lands="other"),
    Copier("qpdf --encrypt", 'qpdf --encrypt a b 256 -- "$S" "$B/o.pdf"', ("qpdf",), kind="pdf", lands="other"),
    Copier(
        "gs (PDF to PDF)",
        'gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile="$B/o.pdf" "$S"',
        ("gs",),
        kind="pdf",
        lands="other",
        beyond="drawn anew with characters that say no more what they are",
    ),
    Copier(
        "gs (PDF to a picture)",
        'gs -q -dBATCH -dNOPAUSE -dLastPage=1 -sDEVICE=pnggray -r100 -sOutputFile="$B/o%d.png" "$S"',
        ("gs",),
        kind="pdf",
        lands="other",
        beyond="a picture of the page, without the extra that reads pictures",
    ),
    Copier(
        "exiftool comment in a JPEG",
        'printf "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJ'
        "DRENDg8QEBEQ"
        'CgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=" | base64 -d > "$T/p.jpg"; '
        'head -c 60000 "$S" > "$T/c"; exiftool -q "-comment<=$T/c" -o "$B/o.jpg" "$T/p.jpg"',
        ("exiftool",),
        lands="other",
    ),
)
