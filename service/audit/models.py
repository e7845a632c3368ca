"""The audit trail: one chain, appended to and never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Record(models.Model):
    """One act. ``hash`` covers all other fields and the hash before it; triggers refuse changes and removals."""

    seq = models.BigIntegerField(primary_key=True)  # 1, 2, 3, … without gaps
    time = models.BigIntegerField()  # UTC, milliseconds
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=16)
    act = models.CharField(max_length=40)
    object = models.CharField(max_length=200)
    detail = models.TextField()  # canonical JSON
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["act", "time"], name="audit_act")]

    def __str__(self) -> str:
        return f"{self.seq} {self.act} {self.object}"
