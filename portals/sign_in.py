"""The two small forms of signing in, the same in checkout and portal: where the code goes, and the code."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.models import SignInCode
from accounts.rules import is_same_destination
from accounts.signing import note_refusal
from core.errors import DomainError, TooMany
from core.network import requester
from markets.models import Market
from portals import sessions
from portals.contacts import channel_of, mask, shown
from portals.forms import add_errors


class ContactForm(forms.Form):
    """Where the one-time code goes."""

    contact = forms.CharField(
        label=_("E-mail or mobile number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter your e-mail address or mobile number.")},
    )

    def clean_contact(self) -> str:
        """Tell somebody whose address lacks its @ so; a number has no letters."""
        contact = str(self.cleaned_data["contact"])
        if channel_of(contact) == "sms" and any(char.isalpha() for char in contact):
            raise forms.ValidationError(_("Enter an e-mail address, such as ann@example.com, or a mobile number."))
        return contact


class AnywhereForm(ContactForm):
    """The same where no market says which country a number belongs to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say how a number is written."""
        super().__init__(*args, **kwargs)
        self.fields["contact"].help_text = _("Begin a number with your country's code, such as +1 202 555 0123.")


class CodeForm(forms.Form):
    """The six digits."""

    code = forms.CharField(label=_("Code"), max_length=20, error_messages={"required": _("Enter the 6 digits that we sent.")})


def send_code(request: HttpRequest, *, contact: str, market: Market | None, at: datetime, typed: bool) -> DomainError | None:
    """Send a code and remember it in the session; return why not, where it cannot be sent. `typed`: by the person at this browser."""
    channel = channel_of(contact)
    who = {"ip": requester(request), "device": sessions.device_of(request)}
    try:
        code = accounts.send_code(destination=contact, channel=channel, at=at, market=market, **who)
    except DomainError as error:
        note_refusal(request, channel=channel, destination=contact, reason=error.code)
        return error
    sessions.keep_code(request, code, typed=typed)
    return None


def start(request: HttpRequest, form: forms.Form, *, contact: str, market: Market | None, at: datetime, typed: bool = True) -> bool:
    """Send the first code; False, with the form's errors, where it cannot be sent.

    A code that this browser was sent a moment ago to the same place still counts: a second press is no error.
    """
    error = send_code(request, contact=contact, market=market, at=at, typed=typed)
    waiting = sessions.find_code(request, at)
    region = market.code if market else ""
    same = waiting is not None and is_same_destination(waiting.channel, contact, waiting.destination, region)
    if error is None or (isinstance(error, TooMany) and same):
        return True
    add_errors(form, error, destination="contact")
    return False


def send_again(request: HttpRequest, code: SignInCode, at: datetime) -> DomainError | None:
    """Send another code to the same place; return why not, where it cannot be sent."""
    return send_code(request, contact=code.destination, market=None, at=at, typed=sessions.is_typed(request))


def sent_to(request: HttpRequest, code: SignInCode) -> str:
    """Return where a code went, as the person at this browser may read it: what they typed in full, what others told masked."""
    return shown(code.destination) if sessions.is_typed(request) else mask(code.destination)


def check_code(request: HttpRequest, form: CodeForm, code: SignInCode, at: datetime) -> bool:
    """Check the typed code; False, with the form's error, where it is wrong or used up."""
    try:
        accounts.verify_code(code_id=code.id, code=form.cleaned_data["code"], at=at)
    except DomainError as error:
        note_refusal(request, channel=code.channel, destination=code.destination, reason=error.code, code=code)
        add_errors(form, error)
        return False
    return True
