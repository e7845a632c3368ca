"""The collector's own key for grants. Agents are told its public half when they enrol, for grants and nothing else."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from config.errors import ShoumiError
from config.text import Text
from service.database import writing
from service.disk import write_secret
from service.home import Home


class GrantKeyError(ShoumiError):
    """The file of the key holds none."""

    code = "SM530"


def signing_key(home: Home) -> Ed25519PrivateKey:
    """The key, made when there is none yet: collectors set up before grants existed have none.

    Raises:
        GrantKeyError: the file is damaged.
        OSError: it cannot be read or made.
    """
    path = home.approvals_key
    if not path.exists():
        with writing():  # one writer, whichever process or thread it is
            if not path.exists():
                pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                write_secret(path, pem)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise GrantKeyError(
            Text(f"{path} holds no key that could sign grants", f"{path} 不是可用于签发外借授权的密钥"),
            Text(
                "put it back from a backup; a new one is believed only by agents that enrol afterwards",
                "请从备份恢复；新密钥仅被此后注册的客户端信任",
            ),
        )
    return key


def lenders(home: Home) -> tuple[str, ...]:
    """The public keys (hex) whose grants agents are to believe.

    Raises:
        GrantKeyError: the file is damaged.
        OSError: it cannot be read or made.
    """
    return (signing_key(home).public_key().public_bytes_raw().hex(),)
