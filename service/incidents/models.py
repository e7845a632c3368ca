"""What officers work on: incidents, and the acts on them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from service.clock import MINUTE
from service.fleet.models import Agent

APART = 5 * MINUTE  # between an agent's clock and ours, or an event and its arrival


class State(models.TextChoices):
    """Where an incident stands."""

    NEW = "new", _("new")
    IN_PROGRESS = "in_progress", _("in progress")
    RESOLVED = "resolved", _("resolved")


class Judgement(models.TextChoices):
    """What it turned out to be."""

    VIOLATION = "violation", _("violation")
    AUTHORISED = "authorised", _("authorised")
    FALSE_POSITIVE = "false_positive", _("false positive")
    TEST = "test", _("test")


class Incident(models.Model):
    """One violation with its repeats. The first columns come from agents, the last ones from officers."""

    agent = models.ForeignKey(Agent, models.PROTECT)
    finding = models.CharField(max_length=64)  # repeats of the same copy have the same
    kind = models.CharField(max_length=16)
    level = models.SmallIntegerField()  # its rank, 0 for public
    action = models.CharField(max_length=16)
    done = models.CharField(max_length=16)  # of the latest event
    zone_en = models.CharField(max_length=200)
    zone_zh = models.CharField(max_length=200)
    person = models.CharField(max_length=200)
    user = models.CharField(max_length=200)
    department = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=253)
    document = models.CharField(max_length=500)  # masked by the agent
    folder = models.TextField()
    medium = models.CharField(max_length=300, blank=True)
    mark = models.CharField(max_length=200, blank=True)  # as the document words it
    ticket = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    first = models.BigIntegerField()  # UTC, milliseconds, by the agent's clock
    last = models.BigIntegerField()
    received = models.BigIntegerField()  # the latest, by ours
    search = models.TextField()  # what free search looks through, in small letters

    state = models.CharField(max_length=16, choices=State.choices, default=State.NEW)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    judgement = models.CharField(max_length=16, choices=Judgement.choices, blank=True)
    resolved = models.BigIntegerField(null=True)  # UTC, milliseconds
    edition = models.PositiveIntegerField(
        default=1
    )  # rises with every act of an officer: a form of an older one is stale

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agent", "finding"], condition=~models.Q(state="resolved"), name="one_open_incident"
            ),
            models.CheckConstraint(
                condition=models.Q(state="resolved", resolved__isnull=False) & ~models.Q(judgement="")
                | ~models.Q(state="resolved") & models.Q(judgement="", resolved__isnull=True),
                name="resolved_with_a_judgement",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-received"], name="incident_queue"),
            models.Index(fields=["-received"], name="incident_latest"),
        ]

    def __str__(self) -> str:
        return self.ticket

    @property
    def came_late(self) -> bool:
        """Whether the latest event waited on the PC, or the PC's clock is wrong: the two times are worth showing."""
        return abs(self.received - self.last) > APART


class Act(models.Model):
    """One line that an officer added to an incident's story."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="acts")
    time = models.BigIntegerField()  # UTC, milliseconds
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    act = models.CharField(max_length=16)
    value = models.CharField(max_length=64, blank=True)  # the judgement, or the new owner's name
    comment = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.act} {self.incident_id}"
