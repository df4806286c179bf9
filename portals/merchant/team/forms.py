"""The forms of the team: invitations and roles."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from merchants.models import Membership
from portals.forms import EmailField

ROLES = {
    "owner": _("everything, also keys, webhooks and the team"),
    "manager": _("captures, refunds, voids, and how checkout looks"),
    "finance": _("sees all and refunds"),
    "developer": _("sees all, and keys and webhooks"),
    "viewer": _("sees orders, settlements and figures"),
}


class InvitationForm(forms.Form):
    """The password that a new member of a team sets."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. A few words that you remember are best."),
        error_messages={"required": _("Choose a password.")},
    )


def role_field() -> forms.ChoiceField:
    """Return the choice of a role, each with its permissions."""
    return forms.ChoiceField(
        label=_("Role"),
        choices=[(value, format_lazy("{}: {}", label, ROLES[value])) for value, label in Membership.ROLES],
        initial="viewer",
        widget=forms.RadioSelect,
    )


class InviteForm(forms.Form):
    """An invitation to the team."""

    name = forms.CharField(label=_("Name"), required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = EmailField("off", label=_("E-mail"), error_messages={"required": _("Enter an e-mail address.")})
    role = role_field()


class RoleForm(forms.Form):
    """A new role for a member of the team."""

    role = role_field()
