"""The forms for signing in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.forms import EmailField


class ForgottenForm(forms.Form):
    """The e-mail address of a team member who forgot the password."""

    email = EmailField(
        "username", label=_("E-mail"), attrs={"autofocus": True}, error_messages={"required": _("Enter your e-mail address.")}
    )


class SignInForm(forms.Form):
    """E-mail and password."""

    username = EmailField(
        "username", label=_("E-mail"), attrs={"autofocus": True}, error_messages={"required": _("Enter your e-mail address.")}
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )
