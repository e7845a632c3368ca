"""Which lendings a person may see, and which that person may decide."""

from __future__ import annotations

from django.db.models import QuerySet

from service.approvals.models import Lending, State
from service.approvals.names import spellings, written
from service.officers.models import Officer, Role


def visible(officer: Officer) -> QuerySet[Lending]:
    """Those a person may see: an approver those of PCs of the own department, an administrator none."""
    if officer.role in {Role.OFFICER, Role.AUDITOR}:
        return Lending.objects.all()
    if officer.role == Role.APPROVER and officer.department:
        return Lending.objects.filter(department=officer.department)
    return Lending.objects.none()


def waiting_for(officer: Officer) -> QuerySet[Lending]:
    """Those a person can decide now: not their own, and not decided by them already."""
    found = visible(officer).filter(state=State.REQUESTED).exclude(approvals__officer=officer)
    for name in spellings(officer.username, officer.name):
        found = found.exclude(names__contains=written([name]))
    return found
