"""Signed registers that agents fetch, and whose signature they are asked to believe."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Signer(models.Model):
    """An officer's public key. The collector never holds the other half: it can hand out registers and make none."""

    public_key = models.CharField(max_length=64, unique=True)  # raw Ed25519, hex
    name = models.CharField(max_length=64)  # whose it is, in words
    added = models.BigIntegerField()  # UTC, milliseconds
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)

    def __str__(self) -> str:
        return self.name


class Register(models.Model):
    """The newest version of one register; the file lies beside the database."""

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=32)
    version = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)  # of the whole file, hex
    size = models.BigIntegerField()  # bytes of the whole file
    empty = models.BooleanField()  # its payload is: agents use nothing of it any more
    signer = models.CharField(max_length=64)
    published = models.BigIntegerField()  # UTC, milliseconds
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    withdrawn = models.BigIntegerField(null=True)  # not handed out any more

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
