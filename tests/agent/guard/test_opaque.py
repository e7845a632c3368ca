"""With the programs that people use where they are installed, and with what only looks like it."""

import base64
import contextlib
import io
import os
import random
import shutil
import subprocess
import tarfile
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup
from agent.guard import disguised, opaque
from agent.guard.opaque import Look
from config.levels import Level
from config.verdict import Coverage, Verdict
from tests.documents import MARK, excel, pdf, word

TEXT = "".join(
    f"{MARK} the plan for number {number} says where, when and with whom we will meet.\n" for number in range(400)
)
CHINESE = "".join(
    f"第{number}号方案：本次会议的时间、地点和参加人员名单如下，请各单位按要求执行。\n" for number in range(300)
)
TABLE = "".join(f"{number},{number * 37 % 9000},Zhang San,{number * 911 % 100000}.50\n" for number in range(500))


@pytest.fixture(scope="module")
def judge():
    with Sandbox(Setup(key=b"k" * 32)) as sandbox:
        yield sandbox


@contextlib.contextmanager
def opened(data, folder):
    path = folder / "sample"
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def glance(data, folder):
    with opened(data, folder) as descriptor:
        return opaque.look(descriptor)[0]


def why(judge, data, folder, name="sample"):
    with opened(data, folder) as descriptor:
        return opaque.why(judge.verdict_of(descriptor, name, date(2026, 1, 1)), descriptor)


def made(command, folder, result, **more):
    """What a program makes of ``plain`` in a folder; its command is split at blanks."""
    if not shutil.which(command.split()[0]):
        pytest.skip(f"{command.split()[0]} is not installed")
    (folder / "plain").write_text(TEXT)
    (folder / "plain.docx").write_bytes(word("000001", MARK))
    environment = {**os.environ, "GNUPGHOME": str(folder / "keys"), "HOME": str(folder)}
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(command.split(), cwd=folder, capture_output=True, env=environment, check=True, **more)
    if command.startswith("gpg"):  # its agent would stay
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environment, check=True)
    return (folder / result).read_bytes() if result else done.stdout


GPG = "gpg --batch --pinentry-mode loopback --passphrase x"
SEALING = {
    "gpg": (f"{GPG} -o out -c plain", "out"),
    "gpg armoured": (f"{GPG} -a -o out -c plain", "out"),
    "gpg without compression": (f"{GPG} -z 0 -o out -c plain", "out"),
    "zip": ("zip -q -P x out.zip plain", "out.zip"),
    "7z": ("7z a -px out.7z plain", "out.7z"),
    "7z with its names": ("7z a -px -mhe=on out.7z plain", "out.7z"),
    "7z as zip": ("7z a -px -mem=AES256 -tzip out.zip plain", "out.zip"),
    "openssl": ("openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in plain", ""),
    "openssl base64": ("openssl enc -a -aes-256-cbc -pbkdf2 -pass pass:x -in plain", ""),
    "openssl without salt": ("openssl enc -nosalt -chacha20 -pbkdf2 -pass pass:x -in plain", ""),
    "openssl smime": ("openssl enc -aes-128-ctr -nosalt -K 00112233445566778899aabbccddeeff -iv 00 -in plain.docx", ""),
    "qpdf": ("qpdf --encrypt x y 256 -- plain.pdf out.pdf", "out.pdf"),
}


@pytest.mark.parametrize("name", SEALING)
def test_what_programs_seal_is_opaque(judge, tmp_path, name):
    (tmp_path / "plain.pdf").write_bytes(pdf(["000001", MARK]))
    data = made(SEALING[name][0], tmp_path, SEALING[name][1])
    assert why(judge, data, tmp_path)
    assert glance(data, tmp_path) in {Look.OPAQUE, Look.ASK}


def test_a_letter_to_a_key_is_opaque(judge, tmp_path):
    made("gpg --batch --passphrase= --quick-generate-key somebody default default never", tmp_path, "")
    for arguments in ("-e", "-e -a", "-e --no-encrypt-to --throw-keyids"):
        data = made(f"gpg --batch --trust-model always -r somebody -o - {arguments} plain", tmp_path, "")
        assert why(judge, data, tmp_path)
        assert glance(data, tmp_path) is Look.OPAQUE


def keyed(text, key):
    return bytes(byte ^ key[number % len(key)] for number, byte in enumerate(text))


@pytest.mark.parametrize("text", [TEXT.encode(), CHINESE.encode(), CHINESE.encode("gb18030"), TABLE.encode()])
@pytest.mark.parametrize("key", [b"\x5a", b"\x15", b"\x75"])
def test_a_text_under_one_byte_is_opaque(judge, tmp_path, text, key):
    data = keyed(text, key)
    assert why(judge, data, tmp_path) == opaque.MASKED


@pytest.mark.parametrize("key", [b"\x81\x93", b"s3cr\xe9t", bytes(range(129, 161))])
def test_a_text_under_a_longer_key_is_opaque(judge, tmp_path, key):
    assert glance(keyed(TEXT.encode(), key), tmp_path) is Look.OPAQUE
    assert why(judge, keyed(TEXT.encode(), key), tmp_path) == opaque.MASKED


def test_a_document_under_a_random_key_as_long_as_itself_is_opaque(judge, tmp_path):
    data = os.urandom(3000)
    assert why(judge, data, tmp_path) == opaque.NOISE
    assert glance(data, tmp_path) is Look.OPAQUE


@pytest.mark.parametrize("size", [300, 1000, 5000, 20_000, 300_000])
def test_random_bytes_are_opaque_at_any_length(tmp_path, size):
    """VeraCrypt, ciphers without a header. One in some hundreds begins like a known format by chance."""
    source = random.Random(size)
    looks = [glance(source.randbytes(size), tmp_path) for _ in range(60)]
    assert looks.count(Look.OPAQUE) >= 57


def test_a_picture_in_front_does_not_hide_a_cipher(judge, tmp_path):
    data = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + os.urandom(100_000)
    assert glance(data, tmp_path) is Look.OPAQUE
    assert why(judge, data, tmp_path)


@pytest.mark.parametrize(
    "head",
    [
        b"LUKS\xba\xbe\0\x02" + bytes(500),
        b"\xeb\x58\x90-FVE-FS-" + bytes(500),
        b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + bytes(500),
        b"Salted__12345678" + b"x" * 16,
        b"age-encryption.org/v1\n-> X25519 abc\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        b"$ANSIBLE_VAULT;1.1;AES256\n3633\n",
        b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x82" + bytes(200),
    ],
)
def test_known_seals_are_told_by_their_heads(tmp_path, head):
    assert glance(head, tmp_path) is Look.OPAQUE


def test_age_and_a_sealed_office_file(judge, tmp_path):
    pyrage = pytest.importorskip("pyrage")
    data = pyrage.passphrase.encrypt(TEXT.encode(), "x")
    assert why(judge, data, tmp_path) == opaque.ENCRYPTED
    assert glance(data, tmp_path) is Look.OPAQUE
    from msoffcrypto.format.ooxml import OOXMLFile

    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(word("000001", MARK))).encrypt("x", sealed)
    assert why(judge, sealed.getvalue(), tmp_path) == opaque.ENCRYPTED
    assert glance(sealed.getvalue(), tmp_path) is Look.OPAQUE


def test_a_sealed_file_inside_an_archive_is_opaque(judge, tmp_path):
    sealed = made(*[SEALING["7z"][0], tmp_path, SEALING["7z"][1]])
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("readme.txt", "hello")
        file.writestr("inner.7z", sealed)
    assert why(judge, data.getvalue(), tmp_path)
    assert glance(data.getvalue(), tmp_path) is Look.ASK


@pytest.mark.parametrize("cut", [0.5, 0.9])
def test_a_document_that_is_cut_off_is_opaque(judge, tmp_path, cut):
    data = word(*["000001", MARK] * 2000)
    assert why(judge, data[: int(len(data) * cut)], tmp_path, "a.docx")


def package(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return data.getvalue()


def test_packages_that_seal_their_parts(judge, tmp_path):
    ofd = package(("OFD.xml", "<ofd/>"), ("Encryptions.xml", "<e/>"), ("Doc_0/a", os.urandom(500)))
    assert glance(ofd, tmp_path) is Look.OPAQUE
    kind = "application/vnd.oasis.opendocument.text"
    manifest = f"""<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml" manifest:size="9">
<manifest:encryption-data manifest:checksum-type="SHA1/1K" manifest:checksum="x"/></manifest:file-entry>
</manifest:manifest>"""
    odt = package(("mimetype", kind), ("content.xml", os.urandom(900)), ("META-INF/manifest.xml", manifest))
    assert glance(odt, tmp_path) is Look.ASK
    assert why(judge, odt, tmp_path) == opaque.ENCRYPTED


def tape():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as file:
        member = tarfile.TarInfo("plain")
        member.size = len(TEXT)
        file.addfile(member, io.BytesIO(TEXT.encode()))
    return data.getvalue()


def plain_zip():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("plain.txt", TEXT)
    return data.getvalue()


def counters():
    return b"".join(number.to_bytes(4, "little") for number in range(5000))


HARMLESS = {
    "docx": lambda: word("000001", MARK, "body"),
    "xlsx": lambda: excel([["a", MARK]]),
    "pdf": lambda: pdf(["000001", MARK]),
    "text": TEXT.encode,
    "a program's text": lambda: Path(opaque.__file__).read_bytes(),
    "base64": lambda: base64.encodebytes(TEXT.encode()),
    "cyrillic": lambda: ("Настоящим сообщаем, что совещание состоится в среду.\n" * 50).encode("koi8-r"),
    "chinese": lambda: CHINESE.encode("gb18030"),
    "table": TABLE.encode,
    "empty": lambda: b"",
    "tar.gz": tape,
    "zip": plain_zip,
    "zlib": lambda: zlib.compress(TEXT.encode()),
    "program": lambda: Path("/bin/true").read_bytes(),
    "zeros": lambda: bytes(100_000),
    "counters": counters,
    "dark picture": lambda: bytes((x * y // 50) % 60 for x in range(200) for y in range(200)),
    "sound": lambda: b"".join(
        int(9000 * (n % 97) / 97 - 4500).to_bytes(2, "little", signed=True) for n in range(40_000)
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_read_or_harmless_is_not_opaque(judge, tmp_path, name):
    data = HARMLESS[name]()
    assert why(judge, data, tmp_path) is None
    assert glance(data, tmp_path) is Look.CLEAR


FILMS = {
    "a.jpg": "-f lavfi -i mandelbrot=s=1640x1480 -frames:v 1 -q:v 2",
    "a.png": "-f lavfi -i testsrc2=s=1640x1480 -frames:v 1",
    "a.webp": "-f lavfi -i testsrc2=s=640x480 -frames:v 1",
    "a.bmp": "-f lavfi -i testsrc2=s=640x480 -frames:v 1",
    "a.gif": "-f lavfi -i testsrc2=s=320x240 -t 1",
    "a.mp4": "-f lavfi -i testsrc2=s=320x240 -t 2",
    "a.h264": "-f lavfi -i testsrc2=s=320x240 -t 2",
    "a.mkv": "-f lavfi -i testsrc2=s=320x240 -t 2",
    "a.ts": "-f lavfi -i testsrc2=s=320x240 -t 2",
    "a.flv": "-f lavfi -i testsrc2=s=320x240 -t 2",
    "a.wmv": "-f lavfi -i testsrc2=s=320x240 -t 2",
    "a.mp3": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5 -id3v2_version 0 -write_xing 0",
    "a.aac": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5 -f adts",
    "a.ac3": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5",
    "a.ogg": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5",
    "a.flac": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5",
    "a.s16": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5 -f s16le",
    "a.s24": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5 -f s24le",
    "a.mulaw": "-f lavfi -i anoisesrc=d=5:c=pink:a=0.5 -f mulaw",
    "a.rgb": "-f lavfi -i mandelbrot=s=640x480 -frames:v 2 -f rawvideo -pix_fmt rgb24",
    "a.yuv": "-f lavfi -i testsrc2=s=640x480,noise=alls=60:allf=t -frames:v 2 -f rawvideo -pix_fmt yuv420p",
}


@pytest.mark.parametrize("name", FILMS)
def test_pictures_sound_and_films_are_not_opaque(judge, tmp_path, name):
    data = made(f"ffmpeg -v error -y {FILMS[name]} {name}", tmp_path, name)
    assert why(judge, data, tmp_path) is None
    assert glance(data, tmp_path) is Look.CLEAR
    if name in {"a.jpg", "a.png", "a.mp3"}:  # as a copy that was cut off
        assert why(judge, data[: len(data) // 2], tmp_path) is None


def deflated(level):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    source = b"".join(path.read_bytes() for path in sorted(Path(os.__file__).parent.glob("*.py"))[:150])
    return packer.compress(source) + packer.flush()


@pytest.mark.parametrize("level", [1, 6, 9])
def test_what_is_compressed_without_a_name_differs_from_a_cipher(tmp_path, level):
    data = deflated(level)
    assert len(data) > 300_000
    assert glance(data, tmp_path) is Look.CLEAR


def test_the_weight_of_bytes():
    assert 180 < opaque.chi_square(random.Random(1).randbytes(2**18)) < 340
    assert opaque.chi_square(b"") == float("inf")
    assert opaque.chi_square(bytes(256)) == 256 * 255
    assert opaque.chi_square(bytes(range(256)) * 10) == 0


@pytest.mark.parametrize(
    ("reasons", "media_type", "expected"),
    [
        (("encrypted: a.zip",), "application/zip", opaque.ENCRYPTED),
        (("password",), "application/pdf", opaque.ENCRYPTED),
        (("corrupt",), "image/jpeg", None),
        (("corrupt",), "application/pdf", opaque.UNREADABLE),
        (("corrupt: word/media/a.png",), "application/zip", None),
        (("corrupt: b.docx",), "application/zip", opaque.UNREADABLE),
        (("unsupported",), "image/png", None),
        (("unsupported",), "application/x-lz4", opaque.UNREADABLE),
        (("too large",), "application/zip", None),  # policy has an answer of its own for these
        (("timeout",), "application/pdf", None),
        ((), "text/plain", None),
    ],
)
def test_reasons_of_a_verdict(tmp_path, reasons, media_type, expected):
    verdict = Verdict(
        path="a", media_type=media_type, size=3, level=Level.PUBLIC, coverage=Coverage(not reasons, reasons)
    )
    with opened(b"abc", tmp_path) as descriptor:
        assert opaque.why(verdict, descriptor) == expected


def test_short_and_dull_bytes_are_no_disguised_text():
    assert not disguised.is_text(b"short")
    assert not disguised.is_text(bytes(4096))
    assert not disguised.is_text(bytes(range(256)) * 16)
    assert not disguised.is_text(random.Random(1).randbytes(4096))


@pytest.mark.parametrize("end", ["", "\nmore\n", "\nThe end of the list\n"])
@pytest.mark.parametrize("between", ["\n", " ", ",", "\t"])
def test_columns_of_figures_are_no_disguised_text(between, end):
    for most in (50, 200, 999, 3000):
        assert not disguised.is_text((between.join(map(str, range(most))) + end).encode()[:4096])
