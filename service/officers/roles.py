"""Who may open what: one line for every address. What is not listed nobody may open."""

from __future__ import annotations

from enum import StrEnum

from django.http import HttpRequest

from service.officers.models import Role


class Who(StrEnum):
    """What a visitor is at this moment."""

    ANONYMOUS = "anonymous"
    HALF = "half"  # password given, but no own password or no second factor yet
    SYSADMIN = Role.SYSADMIN.value
    OFFICER = Role.OFFICER.value
    AUDITOR = Role.AUDITOR.value
    APPROVER = Role.APPROVER.value
    AGENT = "agent"  # signs its requests; has no session


_ALL = frozenset({Who.SYSADMIN, Who.OFFICER, Who.AUDITOR, Who.APPROVER})
_SYSADMIN = frozenset({Who.SYSADMIN})
_OFFICER = frozenset({Who.OFFICER})
_AUDITOR = frozenset({Who.AUDITOR})
_APPROVER = frozenset({Who.APPROVER})
_HALF = frozenset({Who.HALF})
_AGENT = frozenset({Who.AGENT})

ROLES: dict[str, frozenset[Who]] = {
    "language": _ALL | {Who.ANONYMOUS, Who.HALF},
    "officers:login": _ALL | {Who.ANONYMOUS, Who.HALF},
    "officers:logout": _ALL | _HALF,
    "officers:first_password": _HALF,
    "officers:bind": _HALF,
    "officers:code": _HALF,
    "officers:account": _ALL,
    "officers:recovery": _ALL,
    "officers:list": _SYSADMIN,
    "officers:release": _SYSADMIN,
    "officers:reset": _SYSADMIN,
    "today:today": _ALL,
    "incidents:list": _OFFICER | _AUDITOR,
    "incidents:detail": _OFFICER | _AUDITOR,
    "incidents:act": _OFFICER,
    "approvals:list": _OFFICER | _APPROVER | _AUDITOR,
    "approvals:register": _OFFICER | _APPROVER | _AUDITOR,
    "approvals:workbook": _OFFICER | _APPROVER | _AUDITOR,
    "approvals:detail": _OFFICER | _APPROVER | _AUDITOR,
    "approvals:act": _OFFICER | _APPROVER,
    "fleet:agents": _SYSADMIN,
    "fleet:token": _SYSADMIN,
    "fleet:revoke": _SYSADMIN,
    "audit:trail": _AUDITOR,
    "audit:verify": _AUDITOR,
    "ingest:enrol": _AGENT,
    "ingest:events": _AGENT,
    "ingest:heartbeat": _AGENT,
    "lending": _AGENT,
    "registers:list": _AGENT,
    "registers:part": _AGENT,
}


def is_verified(officer: object) -> bool:
    """Whether the second factor was given; a user that django-otp has not seen yet has not."""
    asked = getattr(officer, "is_verified", None)
    return bool(asked and asked())


def who(request: HttpRequest) -> Who:
    """What the visitor of a page is."""
    officer = request.user
    if not officer.is_authenticated:
        return Who.ANONYMOUS
    if not officer.has_own_password or not is_verified(officer):
        return Who.HALF
    return Who(officer.role)
