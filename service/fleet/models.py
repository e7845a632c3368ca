"""The agents, and the tokens that let one in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Token(models.Model):
    """Lets a few agents enrol for a few days. Only its hash is kept."""

    hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex; the token is random, so it needs no salt
    department = models.CharField(max_length=64, blank=True)
    uses = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    created = models.BigIntegerField()  # UTC, milliseconds
    expires = models.BigIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)  # null: on the server itself

    def __str__(self) -> str:
        return f"token {self.pk}"


class Agent(models.Model):
    """One PC. Its name is made from its key, so nobody can take another's place."""

    id = models.CharField(max_length=32, primary_key=True)
    public_key = models.BinaryField(max_length=32)
    hostname = models.CharField(max_length=253)
    os = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=40, blank=True)
    department = models.CharField(max_length=64, blank=True)
    token = models.ForeignKey(Token, models.PROTECT)
    enrolled = models.BigIntegerField()  # UTC, milliseconds
    revoked = models.BigIntegerField(null=True)
    seen = models.BigIntegerField(null=True)  # any signed request
    address = models.CharField(max_length=64, blank=True)
    beat = models.BinaryField(null=True)  # the last heartbeat, as it came
    clock = models.BigIntegerField(default=0)  # milliseconds its clock is ahead of ours

    class Meta:
        indexes: ClassVar = [models.Index(fields=["seen"], name="agent_seen")]

    def __str__(self) -> str:
        return self.hostname
