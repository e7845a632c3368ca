"""The acts that are recorded, and their words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Act(models.TextChoices):
    """What somebody did. The ids are on disk in the chain: they may be added to, never renamed."""

    INIT = "collector.init", _("collector set up")
    LOGIN = "login", _("logged in")
    LOGIN_FAILED = "login.failed", _("login failed")
    LOCKED = "login.locked", _("login locked after too many failures")
    LOGOUT = "logout", _("logged out")
    PASSWORD = "password.set", _("own password set")
    TOTP = "totp.set", _("second factor bound")
    RECOVERY = "totp.recovery", _("recovery code used")
    ADDED = "officer.added", _("person added")
    RELEASED = "officer.released", _("lock released")
    RESET = "officer.reset", _("sign-in reset")
    ISSUED = "officer.issued", _("one-time password issued")
    TOKEN = "token.created", _("enrolment token created")
    ENROLLED = "agent.enrolled", _("agent enrolled")
    REVOKED = "agent.revoked", _("agent revoked")
    SIGNER = "signer.trusted", _("signer of registers trusted")
    DISTRUSTED = "signer.removed", _("signer of registers removed")
    PUBLISHED = "register.published", _("register published")
    WITHDRAWN = "register.withdrawn", _("register withdrawn")
    TAKE = "incident.take", _("incident taken")
    ASSIGN = "incident.assign", _("incident assigned")
    COMMENT = "incident.comment", _("incident commented")
    RESOLVE = "incident.resolve", _("incident resolved")
    REOPEN = "incident.reopen", _("incident reopened")
    CHANGED = "officer.changed", _("name or department of a person changed")
    LENDING_ASKED = "lending.asked", _("lending requested")
    LENDING_APPROVED = "lending.approved", _("lending approved")
    LENDING_DENIED = "lending.denied", _("lending denied")
    LENDING_REVOKED = "lending.revoked", _("lending revoked")
    LENDING_TOLD = "lending.told", _("act of a lending reported by the PC")
    LENDING_DUE = "lending.due", _("lending past its time")
    LENDING_EXPORTED = "lending.exported", _("register of lendings exported")
    VERIFIED = "audit.verified", _("audit chain verified")
    EXPORTED = "audit.exported", _("audit chain exported")
