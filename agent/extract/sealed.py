"""Office files sealed with a password: opened with one of the policy's ([MS-OFFCRYPTO], by msoffcrypto-tool)."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import BinaryIO
from xml.dom import minidom

import msoffcrypto
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError
from msoffcrypto.format import doc97, ooxml, ppt97, xls97  # imported late by their package, when nothing can be

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

for late in (doc97, ooxml, ppt97, xls97):
    late.tempfile = SimpleNamespace(TemporaryFile=io.BytesIO)  # a worker has no disk
# What else is loaded when first used.
minidom.parseString("<a/>")  # noqa: S318 - our own
default_backend()
Cipher(ARC4(bytes(16)), None).encryptor().update(b"")

# Excel seals a workbook whose structure is protected with this one, and opens it without a question ([MS-XLS] 2.2.10).
_EXCELS_OWN = "VelvetSweatshop"


def opened(file: BinaryIO, reading: Reading) -> io.BytesIO:
    """The document without its seal.

    Raises:
        NotReadError: no password fits; sealed in a way that no password opens.
    """
    file.seek(0)
    try:
        sealed = msoffcrypto.OfficeFile(file)
    except Exception:  # noqa: BLE001 - it fails in many ways on a kind of seal that it does not know
        raise NotReadError(Reason.ENCRYPTED) from None
    for password in (_EXCELS_OWN, *reading.ledger.passwords):
        reading.tick()
        content = io.BytesIO()
        try:
            sealed.load_key(password=password)
            sealed.decrypt(content)
        except (InvalidKeyError, DecryptionError):
            continue
        except Exception as problem:  # noqa: BLE001 - the same; a wrong key may also look like damage
            reading.ledger.error = f"{type(problem).__name__}: {problem}"[:300]
            continue
        reading.unpack(content.tell(), "")
        content.seek(0)
        return content
    raise NotReadError(Reason.PASSWORD if reading.ledger.passwords else Reason.ENCRYPTED)
