"""Eight purchases of one person at the same moment, with two brands in two currencies: decided and authorized, never above the limit."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import Consumer
from checkout import services as checkouts
from checkout.queries import get_checkout
from checkout.services import CheckoutDraft, authorizing
from core import providers
from core.db import unit
from core.money import Money
from credit import queries, services
from credit.errors import LimitExceeded
from credit.models import CreditLine
from markets import queries as markets
from markets.models import Market
from markets.services import load_markets, load_rates
from merchants.services import create_merchant
from payments.models import PaymentMethod
from tests.brands.cast import make_bank
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.cast import AGREEMENT
from tests.sizes import sized

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, TRIALS = 8, sized(1_000, 60)
INCOME = {"USD": 300_000, "DKK": 2_153_700}
"""What is left of the person's income; it gives limits of 1,500.00 USD and 10,750.00 DKK, which is the same."""


class Trial:
    """One person with an account and a limit at each of two brands, and what they try to buy."""

    def __init__(self, person: Any, bureau: Bureau, at: Any, dice: random.Random) -> None:
        self.at = at
        first, second = person(market="US"), person(market="DK")
        Consumer.objects.filter(pk=second.pk).update(person=first, brand_id="bank")
        second.refresh_from_db()
        self.owners = {"USD": first, "DKK": second}
        for currency, owner in self.owners.items():
            bureau.report["disposable_income_minor"] = INCOME[currency]
            services.decide(consumer=owner, reference="chk_0", amount=Money(5_000, currency), at=at)
        self.amounts = [
            Money(dice.randrange(10_000, 90_000) * (7 if number % 2 else 1), "DKK" if number % 2 else "USD") for number in range(AT_ONCE)
        ]

    def decide(self, number: int) -> bool:
        """Ask for a decision about a purchase; return whether it was approved."""
        amount = self.amounts[number]
        told = {"consumer": self.owners[amount.currency], "reference": f"chk_{number}", "amount": amount, "at": self.at}
        return services.decide(**told).outcome != "decline"

    def reserve(self, number: int) -> bool:
        """Decide, and use the limit; return whether there was enough."""
        amount = self.amounts[number]
        if not self.decide(number):
            return False
        try:
            with unit():
                owner = self.owners[amount.currency]
                services.reserve(consumer_id=owner.pk, currency=amount.currency, amount_minor=amount.minor, at=self.at)
        except LimitExceeded:
            return False
        return True

    def check(self, done: list[bool]) -> None:
        """No limit is exceeded, what was bought is what is in use, and what was refused would not have fitted."""
        lines = {line.currency: line for line in CreditLine.objects.filter(consumer__in=self.owners.values())}
        for currency, line in lines.items():
            bought = sum(one.minor for one, ok in zip(self.amounts, done, strict=True) if ok and one.currency == currency)
            assert line.used_minor == bought <= line.limit_minor
        assert lines["USD"].limit_minor == 150_000
        assert 1_075_000 <= lines["DKK"].limit_minor <= 1_077_000
        whole = {currency: queries.exposure(list(lines.values()), currency, self.at.date()) for currency in lines}
        # Both limits are nearly the same amount, which differs by what is rounded.
        assert whole["USD"] <= 150_000
        assert whole["DKK"] <= 1_077_000
        for one, ok in zip(self.amounts, done, strict=True):
            assert ok or whole[one.currency] + one.minor > lines[one.currency].limit_minor - 2_000


class Checkouts(Trial):
    """The same by checkouts in a shop of each brand, from the decision to the order."""

    def __init__(self, person: Any, bureau: Bureau, at: Any, dice: random.Random, shops: Any) -> None:
        super().__init__(person, bureau, at, dice)
        self.cards = {currency: self._card(owner) for currency, owner in self.owners.items()}
        self.opened = [self._opened(amount, shops[amount.currency]) for amount in self.amounts]

    def _card(self, owner: Consumer) -> PaymentMethod:
        shown = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
        return PaymentMethod.objects.create(consumer=owner, gateway="sandbox", token=f"t{owner.pk}", shown=shown, created_at=self.at)

    def _opened(self, amount: Money, shop: Any) -> Any:
        items = [{"name": "Lamp", "quantity": 1, "unit_amount": amount.minor, "amount": amount.minor}]
        urls = {"confirmation": "https://shop.example/thanks", "cancel": "https://shop.example/basket"}
        draft = CheckoutDraft(amount=amount, merchant_reference="R-1", items=items, urls=urls)
        opened = checkouts.open_checkout(merchant=shop, draft=draft, at=self.at)
        return checkouts.identify(checkout_id=opened.id, consumer=self.owners[amount.currency], at=self.at)

    def buy(self, number: int) -> bool:
        """Decide on a checkout and turn it into an order; return whether it became one."""
        key, amount = self.opened[number].id, self.amounts[number]
        if checkouts.decide(checkout_id=key, at=self.at).outcome == "decline":
            return False
        fresh, owner, card = get_checkout(key), self.owners[amount.currency], self.cards[amount.currency]
        quote = authorizing.pick_quote(fresh, "pay_in_30", self.at)
        told = {"checkout_id": key, "consumer": owner, "quote": quote, "method": card, "held": None, "agreement": AGREEMENT}
        try:
            order = authorizing.authorize_order(**told, at=self.at)
        except LimitExceeded:
            return False
        assert order.status in {"authorized", "pending_review"}
        return True


@pytest.fixture
def bureau(settings):
    """Give a bureau that reports a good file about everybody."""
    settings.BUREAU = "nobody"
    load_markets()
    load_rates()
    make_bank()
    made = Bureau()
    use_accounts(account_with(made, "first", 1))
    yield made
    made.close()
    providers.keep(())
    markets.forget()


@pytest.fixture
def all_at_once() -> Iterator[Any]:
    """Give a function that lets eight threads, which keep their connections, begin at the same moment."""
    start = threading.Barrier(AT_ONCE)

    def one(work: Any, number: int) -> bool:
        start.wait(30)
        return work(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield lambda work: [future.result() for future in [pool.submit(one, work, number) for number in range(AT_ONCE)]]
        for future in [pool.submit(one, lambda _number: connection.close(), number) for number in range(AT_ONCE)]:
            future.result()


def test_twenty_times_eight_at_once_stay_within_the_limit(person, bureau, at, all_at_once):
    dice, bought = random.Random(1), 0
    for _trial in range(20):
        trial = Trial(person, bureau, at, dice)
        done = all_at_once(trial.reserve)
        trial.check(done)
        bought += sum(done)
    assert 20 < bought < 20 * AT_ONCE - 20


@pytest.mark.timeout(1_800)
def test_a_thousand_times_eight_checkouts_at_once_stay_within_the_limit(person, bureau, at, all_at_once):
    dice, bought = random.Random(2), 0
    shops = {
        currency: create_merchant(
            name=currency,
            legal_name=currency,
            market=Market.objects.get(code=market),
            payout_destination="bank-1",
            slug=currency.lower(),
            at=at,
            brand=brand,
        )
        for currency, market, brand in (("USD", "US", "main"), ("DKK", "DK", "bank"))
    }
    for _trial in range(TRIALS):
        trial = Checkouts(person, bureau, at, dice, shops)
        done = all_at_once(trial.buy)
        trial.check(done)
        bought += sum(done)
    assert TRIALS < bought < TRIALS * AT_ONCE - TRIALS
