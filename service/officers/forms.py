"""What officers type to come in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from service.officers.models import Officer


class LoginForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
        help_text=_("At least 12 characters. A short sentence is easier to remember than a riddle."),
    )
    again = forms.CharField(
        label=_("New password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, officer: Officer, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.officer = officer

    def clean(self) -> dict[str, Any]:
        """Both must be the same, good enough, and not the one-time password."""
        data = super().clean() or {}
        password, again = data.get("password"), data.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords are not the same."))
        elif password:
            try:
                password_validation.validate_password(password, self.officer)
            except ValidationError as problem:
                self.add_error("password", problem)
            if self.officer.check_password(password):
                self.add_error("password", _("This is the password you have now. Choose another one."))
        return data


class ChangeForm(PasswordForm):
    """A new password for somebody who has one."""

    current = forms.CharField(
        label=_("Current password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")

    def clean_current(self) -> str:
        """Whoever finds an unlocked screen does not know it."""
        current = str(self.cleaned_data["current"])
        if not self.officer.check_password(current):
            raise ValidationError(_("This is not your current password."))
        return current


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """Apps show codes with a gap in the middle."""
        return "".join(str(self.cleaned_data["code"]).split()).lower()
