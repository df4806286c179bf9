"""What payments of a purchase earned by being early, or from a bank account, in words."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from core.formats import money_text
from plans.models import Reward
from plans.rewards import rewards_on
from portals.consumer.purchases.queries import Purchase


def with_rewards(notes: Mapping[int, Sequence[str]], purchase: Purchase, locale: str) -> dict[int, list[str]]:
    """Return the notes of installments, by number, with what each earned; one query."""
    rewards = rewards_on(purchase.rows)
    told = {row.number: list(_notes(rewards[row.id], purchase.order.currency, locale)) for row in purchase.rows if row.id in rewards}
    return {number: [*notes.get(number, ()), *told.get(number, ())] for number in {*notes, *told}}


def _notes(reward: Reward, currency: str, locale: str) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, currency, locale)

    yield _("You got %(amount)s back for how you paid") % {"amount": money(reward.amount_minor)}
    if reward.returned_minor:
        yield _("%(amount)s of it was kept when the shop refunded this payment") % {"amount": money(reward.returned_minor)}
    if reward.owed_minor:
        yield _("%(amount)s of it is owed again, since your bank took the payment back") % {"amount": money(reward.owed_minor)}
