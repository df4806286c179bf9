"""Breaks in words for operators: what happened, whom it is about, and what can be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Consumer, User
from checkout.models import Checkout, Order
from core.ids import parse_id
from core.moments import amount_words, day_words, moment_words
from merchants.models import Merchant, Settlement
from payments.failures import BY_HAND
from payments.models import Authorization, Break, Charge, Dispute, Movement, PaymentMethod, Payout, Refund, Transfer
from payments.outside import NO_WAY_BACK, OUTSIDE
from payments.proposals import closing_of
from payments.queries import find_dispute, find_movement, find_transfer, is_unpaid
from payments.states import MOVEMENT_OPEN, MOVEMENT_UNDONE, BreakStatus, DisputeStatus, TransferStatus
from payments.texts import bank_word, method_name


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a break: its name, its row (an order, a checkout, a settlement), and the person, if there is one."""

    name: str
    row: Model | None = None
    person: Consumer | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A break as operators see it."""

    row: Break
    amount: str
    about: About


@dataclass(frozen=True, slots=True)
class Case(Matter):
    """A break with everything that its page shows."""

    movement: Movement | Dispute | None
    what: str
    advice: str
    can_resend: bool
    can_resume: bool
    closed_by: str
    owed: bool = False
    transfer: Transfer | None = None

    @property
    def waits(self) -> bool:
        """Whether it closes only, and automatically, when the gateway answers."""
        return self.row.kind == "unanswered" and isinstance(self.movement, Movement) and self.movement.status in MOVEMENT_OPEN

    @property
    def closing(self) -> str:
        """The URL of the page on which two people close the movement by hand; empty if they cannot."""
        movement = self.movement
        return closing_of(movement) if self.is_open and isinstance(movement, Movement) else ""

    @property
    def is_open(self) -> bool:
        """Whether it still has to be closed."""
        return bool(self.row.status == BreakStatus.OPEN)

    @property
    def is_to_be_paid(self) -> bool:
        """Whether its bank transfer waits for an operator to pay it."""
        return self.transfer is not None and self.transfer.status == TransferStatus.WANTED

    @property
    def is_paid_by_transfer(self) -> bool:
        """Whether a bank transfer has paid it, which may come back."""
        return self.transfer is not None and self.transfer.status == TransferStatus.CONFIRMED

    @property
    def link(self) -> str:
        """The URL of the movement's back-office page; empty if it has none."""
        return page_of(self.movement)

    @property
    def shop(self) -> Merchant | None:
        """The shop that the subject belongs to; None if the subject is unknown."""
        shop: Merchant | None = getattr(self.about.row, "merchant", None)
        return shop

    @property
    def about_link(self) -> str:
        """The URL of the subject's back-office page; empty if it has none."""
        return page_of(self.about.row)


def list_matters(found: Sequence[Break]) -> list[Matter]:
    """Return breaks with the people that they are about; at most three statements for any number of breaks."""
    about = _about(row.reference for row in found)
    return [Matter(row, _amount(row), about.get(row.reference, About(row.reference))) for row in found]


def get_case(row: Break) -> Case:
    """Return a break with everything that its page shows."""
    movement = find_movement(row.subject) or find_dispute(row.subject)
    matter = list_matters([row])[0]
    sold = matter.about.row
    what, advice = _words(row, movement, given_up=isinstance(sold, Order) and sold.plan is not None and sold.plan.is_charged_off)
    owed = isinstance(movement, Refund) and row.kind == "refund_failed"
    return Case(
        row,
        matter.amount,
        matter.about,
        movement,
        what,
        advice,
        _can_resend(row, movement),
        _can_resume(movement),
        operator_name(row.closed_by),
        owed=owed and movement is not None and is_unpaid(movement.id),
        transfer=find_transfer(movement.id) if owed and movement is not None else None,
    )


def page_of(row: Model | None) -> str:
    """Return the URL of a row's back-office page; empty if it has none."""
    if row is None:
        return ""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def operator_name(key: str) -> str:
    """Return the name of the operator with a key, or a text that it happened automatically."""
    try:
        user = User.objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        user = None
    return str(user) if user is not None else gettext("By itself")


def _amount(row: Break) -> str:
    return _text(row.amount_minor, row.currency)


def _text(minor: int, currency: str) -> str:
    return amount_words(minor, currency)


def _about(references: Iterable[str]) -> dict[str, About]:
    """Return the subjects of references; the subject of a plan is its order."""
    by_kind: dict[str, list[Any]] = {"pln": [], "chk": [], "set": []}
    for reference in set(references):
        prefix = reference.partition("_")[0]
        if prefix in by_kind:
            by_kind[prefix].append(parse_id(prefix, reference))
    found: dict[str, About] = {}
    if by_kind["pln"]:
        for order in Order.objects.filter(plan_id__in=by_kind["pln"]).select_related("merchant", "consumer", "plan"):
            found[order.plan.public_id] = About(_named(gettext("Order %(reference)s, %(shop)s"), order), order, order.consumer)
    if by_kind["chk"]:
        for checkout in Checkout.objects.filter(id__in=by_kind["chk"]).select_related("merchant", "consumer"):
            found[checkout.public_id] = About(_named(gettext("Checkout %(reference)s, %(shop)s"), checkout), checkout, checkout.consumer)
    if by_kind["set"]:
        for statement in Settlement.objects.filter(id__in=by_kind["set"]).select_related("merchant"):
            facts = {"day": day_words(statement.date), "shop": statement.merchant.name}
            found[statement.public_id] = About(gettext("Settlement of %(day)s, %(shop)s") % facts, statement)
    return found


def _named(text: str, sale: Order | Checkout) -> str:
    return text % {"reference": sale.merchant_reference, "shop": sale.merchant.name}


def _words(row: Break, movement: Movement | Dispute | None, *, given_up: bool) -> tuple[str, str]:
    """Return what happened, and what to do about it."""
    facts = {"amount": _amount(row), "because": _because(row)}
    if row.kind == "refund_failed":
        method = (
            _named_method(movement.payment_method or movement.charge.payment_method)
            if isinstance(movement, Refund)
            else gettext("the card")
        )
        text = gettext(
            "%(amount)s was to go back to %(method)s and did not arrive.%(because)s The person is owed it, and is asked where it shall go."
        )
        if row.status == BreakStatus.CLOSED:
            text = gettext("%(amount)s was to go back to %(method)s and did not arrive.%(because)s It was paid in another way.")
        advice = gettext("It stands here until it is paid: to the card again, to another one that the person chooses, or by bank transfer.")
        return text % (facts | {"method": method}), advice
    if row.kind == "payout_failed":
        text = gettext(
            "%(amount)s was paid out and the shop's bank gave it back.%(because)s The shop is owed it again, and is told. "
            "Nothing goes there."
        )
        advice = gettext(
            "Ask the shop for the right account: the next statement pays all of it. Close this where the account takes payouts again."
        )
        return text % facts, advice
    if row.kind in {"charge_reversed", "pull_late", "unanswered", "contradicted"} and isinstance(movement, Movement):
        return _words_of_charge(row, movement, facts, given_up=given_up)
    if isinstance(movement, Dispute):
        return dispute_words(movement, facts["amount"])
    if movement is not None and movement.status in MOVEMENT_UNDONE and row.detail.get("answered_minor") == row.amount_minor:
        text = gettext("%(amount)s counts as not moved here, and what follows from that was done; the gateway says now that it was moved.")
        return text % facts, gettext("Look at the gateway whether it was moved twice, and set it right there.")
    return _words_of_answer(row, facts["amount"])


def _named_method(method: PaymentMethod) -> str:
    return method_name(method.kind, method.shown)


def _because(row: Break) -> str:
    """Return the bank's reason as a sentence with a leading space; empty if there is none."""
    why = row.detail.get("failure", "")
    if why in BY_HAND:
        return " " + gettext("Two people found that it was never made.")
    if why == NO_WAY_BACK:
        return " " + gettext("It had come by bank transfer, so it goes back by bank transfer.")
    return " " + gettext("The bank says: %(why)s.") % {"why": bank_word(why)} if why else ""


def _words_of_answer(row: Break, amount: str) -> tuple[str, str]:
    """Describe a gateway's answer that does not match the request."""
    facts = {"gateway": row.gateway.capitalize(), "amount": amount, "id": row.detail.get("ref") or row.subject}
    answered, currency = row.detail.get("answered_minor"), row.detail.get("answered_currency") or row.currency
    if isinstance(answered, int):
        facts["answered"] = _text(answered, currency)
        text = gettext(
            "%(gateway)s was asked to move %(amount)s, and says that it moved %(answered)s. It does not count as done, and "
            "is looked up again."
        )
    else:
        text = gettext(
            "%(gateway)s was asked to move %(amount)s, and does not say how much it moved. It does not count as done, and "
            "is looked up again."
        )
    return text % facts, gettext("Look for %(id)s at the gateway, set it right there, and write down what you found.") % facts


_ADVICE_IF_MADE: dict[type[Movement], Any] = {
    **dict.fromkeys(
        (Charge, Payout),
        gettext_lazy(
            "It cannot be booked by itself, since %(gateway)s took it back before. Ask %(gateway)s what became of %(id)s, and write down "
            "here what you agreed on."
        ),
    ),
    Refund: gettext_lazy(
        "It cannot be booked by itself, since %(gateway)s took it back before, or more would go back than was charged. Ask %(gateway)s "
        "what became of %(id)s, and write down here what you agreed on."
    ),
}
"""Advice for a movement that two people closed as not made and its gateway then reported as made, without any posting."""
_ADVICE_IF_TWICE: dict[type[Movement], Any] = {
    Refund: gettext_lazy(
        "Ask the person or %(gateway)s for one of the two back, here %(id)s. Where one comes back at the gateway, or a transfer is "
        "rejected, this closes by itself and the loss is gone. Else close it with what you agreed on: it stays booked as a loss."
    ),
    Payout: gettext_lazy(
        "The shop's next statements keep it back by themselves. Where it sells no more, ask the shop for the money, or %(gateway)s to "
        "call %(id)s back. Close this with what you agreed on."
    ),
}
"""Advice for such a movement if it was paid twice as a result."""


def _words_of_contradiction(row: Break, movement: Movement, facts: dict[str, str]) -> tuple[str, str]:
    """Describe an answer that contradicts what two people entered earlier."""
    told = facts | {"gateway": row.gateway.capitalize(), "id": row.detail.get("ref") or row.subject}
    if isinstance(movement, Authorization):
        text = (
            gettext("Two people said that %(amount)s was not held on the card, and %(gateway)s says now that it was.")
            if row.detail.get("made")
            else gettext("Two people said that %(amount)s was held on the card, and %(gateway)s says now that it was not.")
        )
        return text % told, gettext("Release %(id)s at %(gateway)s if it is there. It lapses by itself after seven days.") % told
    if row.detail.get("twice"):
        text = gettext("Two people said that %(amount)s was not moved, and %(gateway)s says now that it was. It was paid again meanwhile.")
        return text % told, _ADVICE_IF_TWICE[type(movement)] % told
    if row.detail.get("made"):
        text = gettext("Two people said that %(amount)s was not moved, and %(gateway)s says now that it was. Nothing is booked by that.")
        return text % told, _ADVICE_IF_MADE[type(movement)] % told
    text = gettext("Two people said that %(amount)s was moved, and %(gateway)s says now that it was not. Nothing is booked by that.")
    return text % told, gettext("Look who is right. Where the gateway is, two people close it by hand once more: it did not happen.")


def _words_of_silence(movement: Movement, amount: str) -> tuple[str, str]:
    """Describe a movement that its gateway has not answered."""
    facts = {
        "amount": amount,
        "gateway": movement.gateway.capitalize(),
        "since": moment_words(movement.created_at),
        "id": movement.gateway_ref or movement.public_id,
    }
    if isinstance(movement, Charge):
        text = gettext(
            "%(gateway)s was asked on %(since)s to take %(amount)s and has not said whether it did. Nothing else is taken for it meanwhile."
        )
    elif isinstance(movement, Refund):
        text = gettext(
            "%(gateway)s was asked on %(since)s to give %(amount)s back and has not said whether it did. The person waits for it."
        )
    elif isinstance(movement, Authorization):
        text = gettext(
            "%(gateway)s was asked on %(since)s to hold %(amount)s on a card and has not said whether it did. "
            "The person could not buy with it."
        )
    else:
        text = gettext("%(gateway)s was asked on %(since)s to pay out %(amount)s and has not said whether it did. The shop waits for it.")
    advice = gettext(
        "Look under Providers whether %(gateway)s answers and takes our keys, and at %(gateway)s for %(id)s. It is asked again by itself "
        "and moves nothing twice. This closes by itself when there is an answer."
    )
    return text % facts, advice % facts


def _words_of_charge(row: Break, movement: Movement, facts: dict[str, str], *, given_up: bool) -> tuple[str, str]:
    if row.kind == "contradicted":
        return _words_of_contradiction(row, movement, facts)
    if row.kind == "unanswered" or not isinstance(movement, Charge):
        return _words_of_silence(movement, facts["amount"])
    charge = movement
    told = facts | {"method": _named_method(charge.payment_method)}
    if row.kind == "pull_late":
        text = gettext("%(amount)s is on its way from %(method)s for more than three weeks. Nothing else is taken for it meanwhile.")
        advice = gettext("Ask the gateway what became of it. It is looked up every six hours, and this closes by itself when it has ended.")
        return text % told, advice
    text = gettext("%(amount)s had been paid from %(method)s, and its bank took it back.%(because)s The person owes it again.")
    if given_up:
        return text % told, gettext("The plan is given up, so nothing is taken by itself. The person is told to pay another way.")
    advice = gettext(
        "It is tried again by itself, or the person is asked for another way to pay. Close it; look closer where it happens again."
    )
    return text % told, advice


def dispute_words(dispute: Dispute, amount: str) -> tuple[str, str]:
    """Return the reason of a dispute, where its money is, and what to do or what happens next."""
    facts = {"card": _named_method(dispute.charge.payment_method), "reason": bank_word(dispute.reason), "amount": amount}
    if dispute.status == DisputeStatus.OPEN:
        text = gettext(
            "The holder of %(card)s disputes %(amount)s at the bank (%(reason)s), which has taken it back for now. Nothing "
            "more of this plan is "
            "taken until the bank has decided."
        )
        advice = gettext(
            "Answer at the gateway. Payments go on where the bank decides that the charge stands, and before where you let them."
        )
        return text % facts, advice
    if dispute.status == DisputeStatus.LOST and dispute.waived_at is not None:
        text = gettext("The bank has decided for the holder of %(card)s: %(amount)s stays taken back and is owed again.")
        return text % facts, gettext("Somebody let the payments of the plan go on.")
    if dispute.status == DisputeStatus.LOST:
        text = gettext(
            "The bank has decided for the holder of %(card)s: %(amount)s stays taken back and is owed again. Nothing is taken of this plan."
        )
        return text % facts, gettext("Let payments go on, or leave them stopped and close this.")
    return gettext("The bank has decided that the charge of %(amount)s to %(card)s stands.") % facts, gettext("Payments go on.")


def _can_resume(movement: Movement | Dispute | None) -> bool:
    return isinstance(movement, Dispute)


def _can_resend(row: Break, movement: Movement | Dispute | None) -> bool:
    if row.kind != "refund_failed" or not isinstance(movement, Refund) or movement.status not in MOVEMENT_UNDONE:
        return False
    if movement.gateway == OUTSIDE:
        return False
    return is_unpaid(movement.id) and find_transfer(movement.id) is None
