"""Events as they came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from service.fleet.models import Agent
from service.incidents.models import Incident


class Event(models.Model):
    """One Data Security Finding, kept in the agent's own words; written by :mod:`service.ingest.store` alone."""

    uid = models.CharField(max_length=64)
    agent = models.ForeignKey(Agent, models.PROTECT)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="events")
    batch = models.CharField(max_length=64, blank=True)
    ticket = models.CharField(max_length=40, db_index=True)
    time = models.BigIntegerField()  # UTC, milliseconds, by the agent's clock
    received = models.BigIntegerField()  # by ours
    body = models.BinaryField()  # JSON, see config.events.Event

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["agent", "uid"], name="each_event_once")]

    def __str__(self) -> str:
        return self.uid
