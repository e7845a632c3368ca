"""The people who work with the console. One person, one role."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Three powers that no one holds together, and heads of departments, who decide lendings and nothing else."""

    SYSADMIN = "sysadmin", _("system administrator")
    OFFICER = "officer", _("secrecy officer")
    AUDITOR = "auditor", _("security auditor")
    APPROVER = "approver", _("approver")


class Officers(BaseUserManager["Officer"]):
    """Finds officers by user name."""


class Officer(AbstractBaseUser):
    """A person with a login. There is no superuser: what one may do is the role's line in the table of roles."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    department = models.CharField(max_length=64, blank=True)  # whose lendings an approver decides
    is_active = models.BooleanField(default=True)
    has_own_password = models.BooleanField(default=False)  # false: a one-time password, good for choosing an own one
    entered = models.BigIntegerField(null=True)  # UTC, milliseconds: the last full login
    before = models.BigIntegerField(null=True)  # the one before: what happened since is new

    objects: ClassVar[Officers] = Officers()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=["sysadmin", "officer", "auditor", "approver"]), name="one_role"
            ),
            models.CheckConstraint(
                condition=models.Q(role="approver") & ~models.Q(department="")
                | ~models.Q(role="approver") & models.Q(department=""),
                name="approver_of_a_department",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username
