"""Two people agree on a person's limit, and on the limit for one order."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Consumer
from accounts.queries import get_consumer
from controls.kinds import Kind, Values
from core.amounts import AmountField
from core.dayfields import DayField, day_of
from core.errors import Invalid
from core.moments import amount_words, day_words, desk_locale
from core.money import MAX_MINOR
from core.sentences import Sentence
from credit import services
from credit.models import CreditLine
from credit.queries import find_line

LIMIT, ORDER_LIMIT, UNTIL = "limit_minor", "order_limit_minor", "until"


def subject_of_limit(consumer: Consumer, currency: str) -> str:
    """Return the subject of proposals about a person's limit in a currency."""
    return f"{consumer.public_id}:{currency}"


class Limit(Kind):
    """A person's limit in a currency, in minor units; None lets decisions compute it again."""

    name, about, title = "credit.limit", "limit", gettext_lazy("Limit of a person")

    def subject_name(self, subject: str) -> str:
        """Return the person's id and the currency; proposals contain no names."""
        consumer, currency = _parts(subject)
        return f"{consumer.public_id}, {currency}"

    def zone(self, subject: str) -> str:
        """Return the person's time zone."""
        return _parts(subject)[0].time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the limit that people set, and the current limit."""
        line = _line(subject)
        return {LIMIT: line.by_hand_minor, "present_minor": line.limit_minor}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values other than an amount of zero or more, or None."""
        limit = after.get(LIMIT)
        if set(after) != {LIMIT} or not (limit is None or (type(limit) is int and 0 <= limit <= MAX_MINOR)):
            raise Invalid("This is no limit.", fields={"limit": Sentence("an amount")})
        if limit is not None and limit < _line(subject).used_minor:
            raise Invalid(
                "More than this is in use.", code="credit.limit_below_use", fields={"limit": Sentence("more than this is in use")}
            )

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Set the limit in all accounts of the person."""
        consumer, currency = _parts(subject)
        return str(services.set_limit(consumer_id=consumer.pk, currency=currency, limit_minor=after[LIMIT], at=at).pk)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a limit as money."""
        label = _("Limit set by hand") if name == LIMIT else _("Limit that holds")
        return label, _("Computed by decisions") if value is None else amount_words(value, subject.rpartition(":")[2])

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the limit; left empty, decisions compute it."""
        if after[LIMIT] is None:
            return {}
        currency = subject.rpartition(":")[2]
        return {LIMIT: AmountField(currency=currency, locale=desk_locale(), label=_("Limit set by hand"), initial=after[LIMIT])}

    def link(self, subject: str) -> str:
        """Return the person's page."""
        return reverse("admin:accounts_consumer_change", args=[_parts(subject)[0].pk])


class OrderLimit(Kind):
    """A person's order limit in a currency, in minor units, and its last day as ISO date; None for both lets decisions compute it again."""

    name, about, title = "credit.order_limit", "limit", gettext_lazy("Order limit of a person")

    def subject_name(self, subject: str) -> str:
        """Return the person's id and the currency; proposals contain no names."""
        consumer, currency = _parts(subject)
        return f"{consumer.public_id}, {currency}"

    def zone(self, subject: str) -> str:
        """Return the person's time zone."""
        return _parts(subject)[0].time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the order limit that people set with its last day, and the current order limit."""
        line = _line(subject)
        until = line.order_by_hand_until
        return {ORDER_LIMIT: line.order_by_hand_minor, UNTIL: until and until.isoformat(), "present_minor": line.order_limit_minor}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values other than an amount from zero to the person's limit with a last day, or None for both."""
        limit, until = after.get(ORDER_LIMIT), after.get(UNTIL)
        if set(after) != {ORDER_LIMIT, UNTIL} or starts_on is not None or (limit is None) != (until is None):
            raise Invalid("This is no order limit.", fields={"until": Sentence("an amount and its last day, or neither")})
        if limit is None:
            return
        if type(limit) is not int or limit < 0 or day_of(until) is None:
            raise Invalid("This is no order limit.", fields={"order_limit": Sentence("an amount")})
        most = _line(subject)
        if limit > most.limit_minor:
            told = Sentence("at most %(most)s", most=amount_words(most.limit_minor, most.currency))
            raise Invalid("An order limit cannot be above the limit.", code="credit.order_limit_above", fields={"order_limit": told})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Set the order limit in all accounts of the person."""
        consumer, currency = _parts(subject)
        until = day_of(after[UNTIL])
        told: dict[str, Any] = {"limit_minor": after[ORDER_LIMIT], "until": until, "at": at}
        return str(services.set_order_limit(consumer_id=consumer.pk, currency=currency, **told).pk)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return an order limit as money, and its last day as a date."""
        if name == UNTIL:
            day = day_of(value)
            return _("Last day"), day_words(day) if day else "-"
        label = _("Order limit set by hand") if name == ORDER_LIMIT else _("Order limit that holds")
        return label, _("Computed by decisions") if value is None else amount_words(value, subject.rpartition(":")[2])

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the fields of the order limit and its last day; left empty, decisions compute it."""
        if after[ORDER_LIMIT] is None:
            return {}
        told: dict[str, Any] = {"currency": subject.rpartition(":")[2], "locale": desk_locale(), "zero": True}
        return {
            ORDER_LIMIT: AmountField(**told, label=_("Order limit set by hand"), initial=after[ORDER_LIMIT]),
            UNTIL: DayField(label=_("Last day"), initial=after[UNTIL]),
        }

    def link(self, subject: str) -> str:
        """Return the person's page."""
        return reverse("admin:accounts_consumer_change", args=[_parts(subject)[0].pk])


def _parts(subject: str) -> tuple[Consumer, str]:
    person, _sign, currency = subject.partition(":")
    return get_consumer(person), currency


def _line(subject: str) -> CreditLine:
    consumer, currency = _parts(subject)
    line = find_line(consumer.pk, currency)
    if line is None:
        raise Invalid("This person has no limit in this currency yet.", code="credit.no_line")
    return line
