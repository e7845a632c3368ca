import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.errors import SignatureError
from config.signed import opened, seal, verify

KEY = Ed25519PrivateKey.generate()
SIGNER = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "clients.signed"
    path.write_bytes(seal(KEY, "exact", "clients", 3, b"payload\nof two lines"))
    return path


def test_a_signed_file_gives_its_header_and_payload(file):
    header, begin = verify(file, {SIGNER})
    assert (header.kind, header.name, header.version) == ("exact", "clients", 3)
    assert file.read_bytes()[begin:] == b"payload\nof two lines"


def test_a_signer_nobody_trusts_is_refused(file):
    with pytest.raises(SignatureError, match="not trusted"):
        verify(file, {"00" * 32})


@pytest.mark.parametrize(
    "change",
    [
        (b"two", b"six"),
        (b'"version":3', b'"version":4'),
        (b'"kind":"exact"', b'"kind":"words"'),
        (b'"name":"clients"', b'"name":"clientz"'),
    ],
)
def test_whatever_is_changed_is_seen(file, change):
    data = file.read_bytes()
    assert change[0] in data
    file.write_bytes(data.replace(*change))
    with pytest.raises(SignatureError):
        verify(file, {SIGNER})


@pytest.mark.parametrize(
    "data", [b"", b"{}\n", b"\xff" * 5000, b'{"format":"other","kind":"","name":"","version":1,"sha256":""}\n']
)
def test_what_is_no_signed_file_is_said_to_be_none(tmp_path, data):
    path = tmp_path / "x.signed"
    path.write_bytes(data)
    with pytest.raises(SignatureError, match="no signed file"):
        verify(path, {SIGNER})


def test_one_that_is_not_on_disk_is_checked_alike(file):
    data = file.read_bytes()
    header, payload = opened(data, {SIGNER})
    assert (header.name, payload) == ("clients", b"payload\nof two lines")
    for wrong, trusted in (
        (data, set()),
        (data + b"x", {SIGNER}),
        (data.replace(b":3", b":4"), {SIGNER}),
        (b"", {SIGNER}),
    ):
        with pytest.raises(SignatureError):
            opened(wrong, trusted)
