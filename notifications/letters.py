"""The texts of messages: a kind's template filled with a message's facts, with amounts and dates in the reader's format.

Each kind is one template of named blocks (`templates/mail/kinds/`), rendered in one layout for each use: the subject, the
heading and short text of the inbox and of SMS, the plain text, the HTML.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.contacts.links import undo_path
from brands.models import DEFAULT
from brands.queries import PageBrand, get_brand
from checkout.models import OrderReview
from checkout.states import OrderReviewStatus
from checkout.texts import WHEN, cause_text, refund_sentences
from collection.links import pay_path, stop_path
from controls.kinds import get_kind
from core.clock import local_date
from core.ids import parse_id
from core.locales import page_locale
from core.money import Money
from core.sentences import one_stop, translated
from credit.reasons import sentences
from markets.queries import find_debt_advice
from merchants.models import Invitation
from merchants.queries import find_invitation_to_send, invitation_token
from notifications import rules
from notifications.facts import gather
from notifications.models import Message, Notice
from notifications.queries import Named, load_named, paper_of
from payments.texts import card_name, failure_text

DAYS = WHEN | {
    "shipped": gettext_lazy("Now"),
    "deposit_shipped": gettext_lazy("Deposit, paid"),
    "carried": gettext_lazy("With the next payment"),
}
"""When a payment without its own day is taken."""
STAFF_LOCALE = "en_US"
LAYOUTS = "mail/layouts"
AGREED = frozenset({"order_authorized", "order_approved"})
"""The letters that state what was agreed to, and link to documents to keep."""

IN_NEED = frozenset(
    {
        "payment_failed",
        "payment_late",
        "late_reminder",
        "late_notice",
        "payment_reversed",
        "fee_charged",
        "promise_broken",
        "schedule_changed",
        "relief_offered",
        "settlement_offered",
        "settlement_broken",
        "case_letter_asks",
    }
)
"""The letters that name who gives free debt advice."""
PAID_BY_LINK = frozenset({"pay_link", "payment_late", "late_reminder", "late_notice", "promise_broken", "fee_charged"})
"""The letters whose link pays what is late without signing in."""

NEW_PAPERS = dict.fromkeys(("pause", "smaller", "re_aged", "reamortized"), "new_plan") | {"restructured": "new_terms"}
"""The document that a person gets by some changes of a schedule."""

NOTICES: dict[str, Callable[[Message], str]] = {
    "application_refused": lambda message: f"/refusals/{message.context['decision']}.pdf",
    "order_rejected": lambda _message: "/refusal.pdf",
    "limit_cut": lambda message: f"/cuts/{message.context['notice']}.pdf",
}
"""The letters of a refusal, and where below their page its notice is, as a document to keep."""


@dataclass(frozen=True, slots=True)
class Brief:
    """The short form of a message, for the inbox and SMS."""

    id: str
    kind: str
    heading: str
    text: str
    url: str
    at: datetime
    read: bool
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as an e-mail."""

    subject: str
    text: str
    html: str


def compose_briefs(messages: Sequence[Message]) -> list[Brief]:
    """Write the short forms of messages, each with its link; a fixed number of statements."""
    named = load_named(messages)
    return [compose_brief(message, named) for message in messages]


def compose_brief(message: Message, named: Named) -> Brief:
    """Write the short form of a message in the current language: heading, a sentence or two, and the link."""
    words = _words(message, named)
    heading, text = (plain_of(message.kind, layout, words) for layout in ("heading", "short"))
    return Brief(
        message.public_id, message.kind, heading, text, words["url"], message.at, message.read_at is not None, words.get("stop_url", "")
    )


def compose_letter(message: Message, named: Named, *, large: bool = False) -> Letter:
    """Write a message as an e-mail in its reader's language: subject, plain text, and HTML with inline styles, in large print or not."""
    with in_language_of(message):
        words = _words(message, named) | {"large": large}
        html = _pour(message.kind, "letter.html", words, escape=True)
        return Letter(plain_of(message.kind, "subject", words), text_of(message.kind, words), _inliner().inline(html))


def speaker_of(message: Message) -> PageBrand:
    """Return the brand that sends a message: for a consumer their own, for a shop's team the shop's, for operators the first one."""
    return get_brand(message.consumer.brand_id if message.consumer else message.context.get("speaker", DEFAULT))


def in_language_of(message: Message) -> translation.override:
    """Return a context for texts in the language that a message's reader chose, else the sender's; English if neither is known.

    A letter with a kept notice stays in the notice's language.
    """
    reader = message.consumer or message.user
    if "kept" in message.context:
        return translation.override(message.context["language"])
    return translation.override((reader.language if reader else "") or message.context.get("language") or settings.LANGUAGE_CODE)


def plain_of(kind: str, layout: str, words: dict[str, Any]) -> str:
    """Render a kind in a layout of one line: `subject`, `heading` or `short`."""
    return " ".join(_pour(kind, f"{layout}.txt", words, escape=False).split())


def text_of(kind: str, words: dict[str, Any]) -> str:
    """Render the plain text of a kind's letter."""
    lines = (" ".join(line.split()) for line in _pour(kind, "letter.txt", words, escape=False).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _pour(kind: str, layout: str, words: dict[str, Any], *, escape: bool) -> str:
    template: Any = get_template(f"mail/kinds/{kind}.html")
    text = str(template.template.render(Context({**words, "layout": f"{LAYOUTS}/{layout}"}, autoescape=escape)))
    return one_stop(text)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


def _words(message: Message, named: Named) -> dict[str, Any]:
    """Return the context of a kind's template: the message's facts, written for its reader."""
    consumer = message.consumer
    locale = page_locale(consumer.locale if consumer else STAFF_LOCALE)
    facts = message.facts or gather(message, named)
    speaker = speaker_of(message)
    words: dict[str, Any] = {"brand": speaker, "locale": locale, "card": _("your card")} | message.context
    words |= {"email": speaker.support_email, "lender": speaker.legal_name, "for_staff": consumer is None}
    words |= {name: _written(fact, locale) for name, fact in facts.items()}
    if consumer and message.kind in IN_NEED:
        words["advice"] = find_debt_advice(consumer.market_id, local_date(message.at, consumer.time_zone))
    hold = facts.get("hold") or {}
    if refund := facts.get("refund"):
        words |= {"what": words["refund"], "to_card": bool(refund["outcome"].get("back"))}
    if payments := words.get("payments"):
        words |= {"number": len(payments), "first_day": payments[0]["day"], "first_amount": payments[0]["amount"]}
    words |= {"is_approved": words.get("outcome") == OrderReviewStatus.APPROVED, "is_recommended": hold.get("recommendation") == "approve"}
    if kind := message.context.get("proposal_kind"):
        words |= {"proposed": str(get_kind(kind).title)}
    words["url"] = speaker.base_url + _path(message, facts)
    if message.kind in AGREED:
        words["agreement_url"] = f"{words['url']}/documents/agreement.pdf"
        if facts.get("priced"):
            words["pricing_url"] = f"{words['url']}/documents/pricing.pdf"
    if message.kind == "schedule_changed" and words.get("how") in NEW_PAPERS:
        words["plan_url"] = f"{words['url']}/documents/{NEW_PAPERS[words['how']]}.pdf"
    if message.kind in NOTICES:
        words["notice_url"] = words["url"] + NOTICES[message.kind](message)
    if consumer is not None and rules.KINDS[message.kind].asks and message.channel != "inbox":
        words["stop_url"] = speaker.base_url + stop_path(consumer.public_id, message.channel, message.at)
    if kept := named.notices.get(message.context.get("kept", "")):
        words |= _kept(kept, speaker)
    return words


def _kept(notice: Notice, speaker: PageBrand) -> dict[str, Any]:
    """Return a kept notice for its letter: its text as it is stored, without the title, and its page."""
    found = paper_of(notice)
    blocks = [block for block in found.blocks if block.kind != "title"]
    return {
        "paper": blocks,
        "paper_title": found.title,
        "seal": notice.seal,
        "version": found.version,
        "notice_url": f"{speaker.base_url}/notices/{notice.public_id}.pdf",
    }


def _written(fact: Any, locale: str) -> Any:
    """Write a fact in the reader's format: an amount, a day, a card; lists and groups of facts one by one."""
    if isinstance(fact, list):
        return [_written(one, locale) for one in fact]
    if not isinstance(fact, dict):
        return fact
    for name, write in _WRITERS.items():
        if name in fact:
            return write(fact, locale)
    return {name: _written(one, locale) for name, one in fact.items()}


def _refund_text(fact: Mapping[str, Any], locale: str) -> str:
    return " ".join(refund_sentences(fact["outcome"], lambda minor: Money(minor, fact["currency"]).text(locale)))


_WRITERS: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "minor": lambda fact, locale: Money(fact["minor"], fact["currency"]).text(locale),
    "date": lambda fact, locale: rules.day_text(date.fromisoformat(fact["date"]), locale),
    "when": lambda fact, _locale: str(DAYS[fact["when"]]),
    "method": lambda fact, _locale: str(fact["method"]),
    "last4": lambda fact, _locale: card_name(fact["brand"], fact["last4"]),
    "places": lambda fact, _locale: translated(rules.payments_text(fact["places"])),
    "failure": lambda fact, _locale: failure_text(fact["failure"], fact.get("kind", "card")),
    "held_for": lambda fact, _locale: dict(OrderReview.REASONS)[fact["held_for"]],
    "codes": lambda fact, _locale: sentences(fact["codes"]),
    "cause": lambda fact, locale: cause_text(fact["cause"], locale),
    "outcome": _refund_text,
}
"""How a fact is written, by the key that shows its type."""


def _path(message: Message, facts: Mapping[str, Any]) -> str:
    told = message.context
    if message.kind in _LEADS:
        return _LEADS[message.kind](message)
    if message.kind.startswith("hold_"):
        return f"/admin/checkout/orderreview/{facts['hold']['id']}/change/"
    if "request" in told:
        return f"/requests/{told['request']}"
    if told.get("action") == "replace_method":
        return "/payments"
    if message.kind in PAID_BY_LINK:
        return _paying_path(message)
    return f"/purchases/{told['order']}{_PAGES.get(message.kind, '')}"


_PAGES = {"relief_offered": "/help", "settlement_offered": "/settlement", "settlement_accepted": "/settlement"}
"""The page of a purchase to which a letter leads, where that is not the purchase itself."""


def _paying_path(message: Message) -> str:
    """Return where to pay what is late, without signing in by e-mail and SMS; an SMS or the inbox leads to a kept notice, to read it."""
    told = message.context
    if message.channel != "email" and "kept" in told:
        return f"/notices/{told['kept']}"
    # Who reads the inbox is signed in, whenever they read it; a link ends on a day.
    return f"/purchases/{told['order']}/pay" if message.channel == "inbox" else pay_path(told["plan"], message.at, told.get("link", ""))


_FORGOTTEN = {"operator": "/admin/password/", "member": "/merchant/password/"}
"""Where a user asks for a new password, by the place where they sign in."""


def _password_path(message: Message) -> str:
    """Return the path at which a user chooses a password; each sending has a new link, which works once."""
    assert message.user is not None
    key = urlsafe_base64_encode(force_bytes(message.user.pk))
    return f"{_FORGOTTEN[message.kind.partition('_')[0]]}{key}/{default_token_generator.make_token(message.user)}/"


def _contact_path(message: Message) -> str:
    """Return the path at which a change of a contact that waits is undone; later the page of how the person signs in."""
    return undo_path(message.context["change"]) if message.context["what"] == "soon" else "/profile/sign-in"


def _invitation_path(message: Message) -> str:
    """Return the path at which an invited person accepts."""
    known = message.context.get("invitation")
    invitation = find_invitation_to_send(parse_id(Invitation.PREFIX, known)) if known else None
    return f"/merchant/invitations/{invitation.public_id}/{invitation_token(invitation)}" if invitation else "/merchant/"


_LEADS: dict[str, Callable[[Message], str]] = {
    **dict.fromkeys(("limit_changed", "limit_cut", "application_refused", "identity_refused"), lambda _message: "/limit"),
    **dict.fromkeys(("case_letter", "case_letter_asks"), lambda message: f"/letters/{message.context['letter']}"),
    **dict.fromkeys(("operator_invited", "operator_password", "member_password"), _password_path),
    "password_changed": lambda message: _FORGOTTEN[message.context["place"]].removesuffix("/"),
    "staff_factor": lambda _message: "/staff/second-factor",
    "identity_proof": lambda _message: "/profile/identity",
    "security_changed": lambda _message: "/profile/sign-in",
    "contact_change": _contact_path,
    "member_invited": _invitation_path,
    **dict.fromkeys(("shop_suspended", "shop_reopened"), lambda _message: "/merchant/"),
    **dict.fromkeys(
        ("change_proposed", "proposal_expired"),
        lambda message: f"/admin/controls/proposal/{message.context['proposal_key']}/change/",
    ),
    "operator_locked_out": lambda message: f"/admin/accounts/user/{message.context['user']}/change/",
    "day_anchored": lambda _message: "/admin/controls/auditrow/",
    **dict.fromkeys(
        ("payout_arrived", "payout_bounced", "payout_resent"),
        lambda message: f"/merchant/settlements/{message.context['settlement']}",
    ),
}
"""The pages to which the letters of some kinds link."""
