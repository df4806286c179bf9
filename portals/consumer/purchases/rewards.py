"""What payments of a purchase earned by being early, or from a bank account, in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from plans.models import FeeCredit, Reward
from plans.rewards import credit_of, rewards_on
from portals.consumer.purchases.queries import Purchase


def with_rewards(notes: Mapping[int, Sequence[str]], purchase: Purchase, today: date, locale: str) -> dict[int, list[str]]:
    """Return the notes of installments, by number, with what each earned; one query."""
    rewards, told, currency = rewards_on(purchase.rows), {}, purchase.order.currency
    for row in purchase.rows:
        if earned := rewards.get(row.id):
            given = [credit for one in earned if (credit := credit_of(one))]
            told[row.number] = [
                *_notes([one for one in earned if one.amount_minor], currency, locale),
                *(words for credit in given for words in _credit_notes(credit, currency, today, locale)),
            ]
    return {number: [*notes.get(number, ()), *told.get(number, ())] for number in {*notes, *told}}


def _notes(rewards: Sequence[Reward], currency: str, locale: str) -> Iterator[str]:
    """Say what the payments of an installment earned in money, all together."""

    def money(minor: int) -> str:
        return money_text(minor, currency, locale)

    if rewards:
        yield _("You got %(amount)s back for how you paid") % {"amount": money(sum(one.amount_minor for one in rewards))}
    if kept := sum(one.returned_minor for one in rewards):
        yield _("%(amount)s of it was kept when the shop refunded this payment") % {"amount": money(kept)}
    if owed := sum(one.owed_minor for one in rewards):
        yield _("%(amount)s of it is owed again, since your bank took the payment back") % {"amount": money(owed)}


def _credit_notes(credit: FeeCredit, currency: str, today: date, locale: str) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, currency, locale)

    taken = credit.returned_minor + credit.reversed_minor
    yield _("You got %(amount)s off your next fees for how you paid") % {"amount": money(credit.amount_minor)}
    if credit.used_minor:
        yield _("%(amount)s of it is used") % {"amount": money(credit.used_minor)}
    if taken:
        yield _("%(amount)s of it is gone, since the payment went back") % {"amount": money(taken)}
    if credit.left_minor and credit.until >= today:
        yield from left_in_words([credit], locale)
    elif credit.left_minor:
        yield _("it counted through %(day)s") % {"day": day_text(credit.until, locale)}


def left_in_words(found: Sequence[FeeCredit], locale: str) -> list[str]:
    """Say what is left of credits against fees, and how long it counts: those that count equally long in one sum."""
    sums: dict[tuple[str, date], int] = {}
    for one in found:
        sums[one.currency, one.until] = sums.get((one.currency, one.until), 0) + one.left_minor
    told = [{"amount": money_text(minor, currency, locale), "day": day_text(until, locale)} for (currency, until), minor in sums.items()]
    return [_("%(amount)s is left for your next fees, through %(day)s") % one for one in told]
