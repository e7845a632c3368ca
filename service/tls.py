"""The collector's own certificate authority, and the certificate it serves with.

Agents trust this authority alone. ``ca.pem`` may hold two of them: put the next one in beside the old one, let every
agent have both, and only then serve with the new one.
"""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.errors import ShoumiError
from config.text import Text
from service.disk import write_secret
from service.home import Home

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397  # the longest that browsers take
RENEW_DAYS = 60  # a server that is started once a month never serves an old one
SKEW = timedelta(hours=1)  # PCs whose clock is behind


class AuthorityError(ShoumiError):
    """The certificate authority cannot sign now. A new one would be one that no agent trusts."""

    code = "SM513"


def ensure_certificates(home: Home) -> None:
    """Make the authority when there is none, and a certificate when there is none that fits names and time."""
    home.tls.mkdir(mode=0o700, exist_ok=True)
    key_file, certificate_file = home.tls / "server.key", home.tls / "server.pem"
    if not (home.tls / "ca.pem").exists():
        _make_authority(home)
    if certificate_file.exists() and key_file.exists() and _fits(home, certificate_file.read_bytes()):
        return
    if not (home.tls / "ca.key").exists():
        raise AuthorityError(
            Text(
                "the server's certificate must be renewed, and the authority's key is not here",
                "服务器证书需要更新，但缺少证书机构密钥",
            ),
            Text(f"put ca.key back into {home.tls} for a moment", f"请临时将 ca.key 放回 {home.tls}"),
        )
    authority_key = load_pem_private_key((home.tls / "ca.key").read_bytes(), None)
    authority = x509.load_pem_x509_certificates((home.tls / "ca.pem").read_bytes())[0]
    if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is of another kind than we make")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _begin(home.names[0], SERVER_DAYS)
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in home.names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write_secret(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_secret(certificate_file, certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))


def context(home: Home) -> ssl.SSLContext:
    """TLS 1.2 and newer, with our certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(home.tls / "server.pem", home.tls / "server.key")
    return made


def _make_authority(home: Home) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"shoumi collector {home.names[0]}"
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _begin(name, AUTHORITY_DAYS)
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(Encoding.PEM)
    write_secret(home.tls / "ca.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_secret(home.tls / "ca.pem", public)
    write_secret(home.ca, public)


def _fits(home: Home, pem: bytes) -> bool:
    certificate = x509.load_pem_x509_certificates(pem)[0]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    enough = certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEW_DAYS)
    return enough and {_general(name) for name in home.names} <= set(names)


def _begin(name: str, days: int) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
