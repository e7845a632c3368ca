"""Lendings: what a person asked to take out, what officers allowed, and what became of the copy."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.events import Medium
from service.fleet.models import Agent


class State(models.TextChoices):
    """Where a lending stands; the ids are those of :class:`config.lending.State`."""

    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    DENIED = "denied", _("denied")
    WITHDRAWN = "withdrawn", _("withdrawn")
    OUT = "out", _("lent out")
    OVERDUE = "overdue", _("overdue")
    RETURNED = "returned", _("returned")
    EXPIRED = "expired", _("expired unused")
    REVOKED = "revoked", _("approval revoked")


OPEN = (State.REQUESTED, State.APPROVED, State.OUT, State.OVERDUE)


class Lending(models.Model):
    """One request and all that followed. The first columns come from the PC, once, and never change."""

    uid = models.CharField(max_length=32, unique=True)  # made on the PC
    agent = models.ForeignKey(Agent, models.PROTECT)
    asked = models.BigIntegerField()  # UTC, milliseconds, by the agent's clock
    received = models.BigIntegerField()  # by ours
    user = models.CharField(max_length=200)  # account on the PC
    full_name = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=64, blank=True)  # of the PC when it asked: its head decides
    hostname = models.CharField(max_length=500)
    file = models.CharField(max_length=500)  # masked by the agent
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()  # bytes
    level = models.SmallIntegerField()  # its rank, 0 for public
    marks = models.JSONField(default=list)  # as the document words them
    medium = models.JSONField()  # config.events.Medium
    serial = models.CharField(max_length=300, blank=True)
    uuid = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500)
    days = models.PositiveSmallIntegerField()
    uses = models.PositiveSmallIntegerField()
    names = models.TextField()  # the person's names for comparison, a line each
    search = models.TextField()  # what free search looks through, in small letters

    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    closed = models.BigIntegerField(null=True)  # UTC, milliseconds; null while somebody has to do something
    note = models.CharField(max_length=500, blank=True)  # of an officer, to the person
    denied = models.BigIntegerField(null=True)
    revoked = models.BigIntegerField(null=True)
    withdrawn = models.BigIntegerField(null=True)
    approved = models.BigIntegerField(null=True)  # when the grant was signed
    until = models.BigIntegerField(null=True)  # when the copy is due back
    version = models.PositiveIntegerField(default=0)  # of the grant; 0: there is none
    grant = models.BinaryField(null=True)  # the whole signed file
    used = models.BigIntegerField(null=True)  # the first use, by the agent's clock
    shown = models.BigIntegerField(null=True)  # the latest sign that a copy is on the medium, by the agent's clock
    gone = models.BigIntegerField(null=True)  # the latest proof that none is, by the agent's clock
    late = models.BigIntegerField(null=True)  # the agent's word that it is overdue, by its clock
    left = models.PositiveSmallIntegerField(null=True)  # uses, as the agent last said
    edition = models.PositiveIntegerField(default=1)  # rises with every act of an officer: an older form is stale

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["requested", "approved", "out", "overdue"], closed__isnull=True)
                | ~models.Q(state__in=["requested", "approved", "out", "overdue"]) & models.Q(closed__isnull=False),
                name="closed_when_done",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "out", "overdue", "returned", "expired", "revoked"])
                | models.Q(version__gt=0, until__isnull=False, grant__isnull=False),
                name="nothing_out_without_a_grant",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["agent", "closed"], name="lending_of_agent"),
            models.Index(fields=["state", "until"], name="lending_due"),
            models.Index(fields=["-received"], name="lending_latest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: the first digits of its id, as the PC shows them."""
        return self.uid[:12]

    @property
    def person(self) -> str:
        """The name, else the account."""
        return self.full_name or self.user

    @property
    def stick(self) -> Medium:
        """The medium asked for."""
        return msgspec.convert(self.medium, Medium)


class Approval(models.Model):
    """One officer's yes. The database refuses a second one of the same officer."""

    lending = models.ForeignKey(Lending, models.PROTECT, related_name="approvals")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    time = models.BigIntegerField()  # UTC, milliseconds
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["lending", "officer"], name="each_approver_once")]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.lending_id}"


class Step(models.Model):
    """One line of a lending's story. ``uid`` is the id of an act told by the PC, empty for everything else."""

    lending = models.ForeignKey(Lending, models.PROTECT, related_name="steps")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True)
    uid = models.CharField(max_length=32, blank=True)
    time = models.BigIntegerField()  # UTC, milliseconds, by our clock
    told = models.BigIntegerField(null=True)  # by the agent's
    source = models.CharField(max_length=8)  # agent, officer, system
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    act = models.CharField(max_length=16)
    days = models.PositiveSmallIntegerField(null=True)
    comment = models.CharField(max_length=500, blank=True)
    place = models.CharField(max_length=500, blank=True)  # on the medium, the name masked
    other = models.CharField(max_length=300, blank=True)  # the medium the PC named, where it is not the one granted

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "uid"], condition=~models.Q(uid=""), name="each_act_once")
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.lending_id}"
