"""Sentences about an order's payments, shared by pages and letters."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from checkout.rules import HELD_FOR, REFERRED
from controls.rule_kinds import name_shown
from core.moments import amount_words
from core.money import Money
from core.readable import words
from payments.texts import card_name

DEVICE_NOTICE = gettext_noop("To protect you from fraud we recognize this browser. Nobody else is told.")
"""The notice on the last page of a checkout. Exactly this text is stored with the consent."""
WHEN = {
    "now": _("Today"),
    "ships": _("When it ships"),
    "waived": _("Not charged"),
    "deposit_now": _("Deposit, today"),
    "deposit_ships": _("Deposit, within 6 days"),
}
"""Texts for a payment without a day, by `ScheduledPayment.said`."""


def refund_sentences(outcome: Mapping[str, Any], money: Callable[[int], str]) -> list[str]:
    """Describe a refund from its stored outcome: the reduction of future payments, interest, and the amount to each card."""
    canceled = int(outcome.get("canceled_minor", 0))
    less = [gettext("%(amount)s fell off your coming payments.") % {"amount": money(canceled)}] if canceled else []
    back = [
        gettext("%(amount)s goes back to %(card)s.") % {"amount": money(item["amount_minor"]), "card": _kept_card(item["method"])}
        for item in outcome.get("back", [])
    ]
    interest = int(outcome.get("interest_minor", 0))
    saved = [gettext("%(amount)s of interest fell away with it.") % {"amount": money(interest)}] if interest else []
    kept = int(outcome.get("kept_minor", 0))
    early = [gettext("%(amount)s that the payments had earned by being early is kept.") % {"amount": money(kept)}] if kept else []
    return [*less, *saved, *back, *early]


def _kept_card(name: str) -> str:
    """Return the display name of a card that a refund's outcome stores as, for example, "visa 4242"."""
    brand, _sep, digits = name.rpartition(" ")
    return card_name(brand, digits)


def cause_text(cause: Mapping[str, Any], locale: str = "") -> str:
    """Return why an order is held, translated; a cause from before codes were stored has only an English text.

    Amounts are formatted for `locale`, or else as in the back office.
    """
    if cause.get("code") not in HELD_FOR:
        return str(cause["rule"])
    facts = {name: _held_fact(name, fact, locale) for name, fact in cause["facts"].items()}
    if cause["code"] == "referred":
        reasons = [gettext(REFERRED[code]) if code in REFERRED else words(code).lower() for code in cause["facts"]["reasons"]]
        facts["why"] = ", ".join(reasons) or gettext("no reason given")
    return gettext(HELD_FOR[cause["code"]]) % facts


BUILT_IN = {
    "being_checked": _("A check is still open"),
    "fraud_alert": _("A fraud alert is on the person's file"),
    "referred": _("Referred by the credit decision"),
    "figures_differ": _("Declared income far from the bureau's"),
    "income_not_verified": _("Income to be verified"),
    "figures_raised": _("Better figures after a refusal"),
    "figures_elsewhere": _("Better figures after a refusal with another brand"),
    "remark_review": _("A remark in a register"),
    "register_silent": _("A register did not answer"),
    "order_limit": _("Above the consumer's order limit"),
    "resold": _("Easily resold goods"),
    "many": _("Many of one item"),
}
"""The built-in rules that hold an order, by `rules.Cause.key`."""


def _held_fact(name: str, fact: Any, locale: str) -> Any:
    if isinstance(fact, dict):
        return Money(**fact).text(locale) if locale else amount_words(fact["minor"], fact["currency"])
    if name == "rule":
        return name_shown(fact)
    return words(fact).lower() if name == "category" else fact


COARSE = {
    "amount": _("A smaller purchase may be approved"),
    "credit": _("No plan for this person"),
    "identity": _("We could not confirm who it is"),
    "other": pgettext_lazy("refusal", "Another reason"),
}
"""What a shop is told of a refusal (`checkout.coarse`), in words."""
