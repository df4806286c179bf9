"""The two forms for signing in, shared by checkout and portal: the contact, and the code."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.errors import CodeWrong
from accounts.models import SignInCode
from accounts.queries import find_consumer, wait_for_code
from accounts.rules import CODE_TRIES, is_same_destination
from accounts.signing import note_refusal
from brands.queries import brand_of
from core.errors import DomainError, TooMany
from core.network import requester
from fraud.acts.services import note_failed_code
from markets.models import Market
from portals import sessions
from portals.again import Kept, ask_again, form_again
from portals.contacts import channel_of, mask, shown
from portals.forms import add_errors


class ContactForm(forms.Form):
    """The contact to which the one-time code is sent."""

    contact = forms.CharField(
        label=_("E-mail or mobile number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter your e-mail address or mobile number.")},
    )

    def clean_contact(self) -> str:
        """Report an e-mail address without its @: a phone number has no letters, so letters mean an e-mail address."""
        contact = str(self.cleaned_data["contact"])
        if channel_of(contact) == "sms" and any(char.isalpha() for char in contact):
            raise forms.ValidationError(_("Enter an e-mail address, such as ann@example.com, or a mobile number."))
        return contact


class AnywhereForm(ContactForm):
    """The same form if no market tells the country of a number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Explain how to write a number."""
        super().__init__(*args, **kwargs)
        self.fields["contact"].help_text = _("Begin a number with your country's code, such as +1 202 555 0123.")


class CodeForm(forms.Form):
    """The six digits."""

    code = forms.CharField(label=_("Code"), max_length=20, error_messages={"required": _("Enter the 6 digits that we sent.")})


def send_code(request: HttpRequest, *, contact: str, market: Market | None, at: datetime, typed: bool) -> DomainError | None:
    """Send a code and remember it in the session; return the error if that fails. `typed`: the person at this browser typed the contact."""
    channel = channel_of(contact)
    who = {"ip": requester(request), "device": sessions.device_of(request), "brand": brand_of(request).code}
    try:
        code = accounts.send_code(destination=contact, channel=channel, at=at, market=market, **who)
    except DomainError as error:
        note_refusal(request, channel=channel, destination=contact, reason=error.code)
        return error
    sessions.keep_code(request, code, typed=typed)
    return None


def start(
    request: HttpRequest, form: forms.Form, *, there: str, contact: str, market: Market | None, at: datetime, typed: bool = True
) -> HttpResponse | None:
    """Send the first code and redirect to the page that takes it; None, with the form's errors, if it cannot be sent.

    If this browser just sent a code to the same contact, it is still valid: a second press leads to its page with a notice.
    """
    error = send_code(request, contact=contact, market=market, at=at, typed=typed)
    if error is None:
        return redirect(there)
    waiting = sessions.find_code(request, at)
    region = market.code if market else ""
    if isinstance(error, TooMany) and waiting and is_same_destination(waiting.channel, contact, waiting.destination, region):
        return ask_again(request, there, error=error)
    add_errors(form, error, destination="contact")
    return None


def send_again(request: HttpRequest, code: SignInCode, at: datetime) -> DomainError | None:
    """Send another code to the same contact; return the error if it cannot be sent."""
    return send_code(request, contact=code.destination, market=None, at=at, typed=sessions.is_typed(request))


def sent_to(request: HttpRequest, code: SignInCode) -> str:
    """Return a code's contact as the person at this browser may see it: in full if they typed it, otherwise masked."""
    return shown(code.destination) if sessions.is_typed(request) else mask(code.destination)


def code_context(request: HttpRequest, code: SignInCode, kept: Kept | None, at: datetime) -> dict[str, Any]:
    """Return the context of the page that takes a code: its contact, its time, the errors, and how long until another can be sent."""
    wait_s, notice = wait_for_code(code, at), kept.problem.detail if kept and kept.problem else ""
    if kept and kept.problem and kept.problem.code == TooMany.code:
        # The page already shows the waiting time of this refusal below; if it concerns the whole network, the error itself says so.
        notice = " ".join(filter(None, [_standing(code, at), "" if wait_s else notice]))
    return {
        "form": CodeForm() if notice else form_again(kept, CodeForm),
        "sent_to": sent_to(request, code),
        "sent_min": int((at - code.sent_at).total_seconds() // 60),
        "notice": notice,
        "wait_s": wait_s,
        "wait": _wait_text(wait_s),
    }


def _wait_text(wait_s: int) -> str:
    """Say how long to wait for another code."""
    if wait_s < 60:
        told = ngettext("Wait %(n)d second before you ask for another.", "Wait %(n)d seconds before you ask for another.", wait_s)
        return told % {"n": wait_s}
    minutes = -(-wait_s // 60)
    told = ngettext("Wait %(n)d minute before you ask for another.", "Wait %(n)d minutes before you ask for another.", minutes)
    return told % {"n": minutes}


def _standing(code: SignInCode, at: datetime) -> str:
    """Say whether the earlier code still works, and how long ago it was sent; the person's time zone is not known yet."""
    if code.attempts >= CODE_TRIES:
        return gettext("We sent no new code. The one that we sent was tried too often.")
    minutes = int((at - code.sent_at).total_seconds() // 60)
    if minutes < 1:
        return gettext("We sent no new code. The one that we sent a moment ago still works.")
    told = ngettext(
        "We sent no new code. The one that we sent %(minutes)d minute ago still works.",
        "We sent no new code. The one that we sent %(minutes)d minutes ago still works.",
        minutes,
    )
    return told % {"minutes": minutes}


def check_code(request: HttpRequest, form: CodeForm, code: SignInCode, at: datetime) -> bool:
    """Check the typed code; False, with the form's error, if it is wrong or has been tried too often."""
    try:
        accounts.verify_code(code_id=code.id, code=form.cleaned_data["code"], at=at)
    except DomainError as error:
        note_refusal(request, channel=code.channel, destination=code.destination, reason=error.code, code=code)
        if isinstance(error, CodeWrong):
            owner = find_consumer(channel=code.channel, destination=code.destination, brand=brand_of(request).code)
            note_failed_code(consumer=owner, **sessions.seen_by(request), at=at)
        add_errors(form, error)
        return False
    return True
