"""The settlement of a thousand shops in one run, by a process that is killed half way and two that go on at once: each shop once."""

from datetime import date, timedelta

import pytest

from merchants.models import Merchant, Settlement, SettlementItem
from merchants.services import settle_merchants
from payments.models import Payout
from payments.services import send_payouts
from reports.books import check_books
from tests.api.counting import statements
from tests.exactly_once.dying import live_until
from tests.shops import AT, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
SHOPS, ITEMS = 1_000, 3
GROSS, FEE = 10_000, 400
DAY = timedelta(days=1)
HALF_WAY = 2_500


def fill(shops: list[Merchant]) -> None:
    """Give every shop some captures of the day."""
    SettlementItem.objects.bulk_create(
        SettlementItem(
            merchant=shop, kind="capture", source=f"cap_{shop.slug}_{number}", order_ref="ord_1", gross_minor=GROSS, fee_minor=FEE, at=AT
        )
        for shop in shops
        for number in range(ITEMS)
    )


def test_a_thousand_shops_are_settled_once_though_a_process_is_killed_half_way(at_once, sandbox_world):
    fill([open_shop(slug=f"many{number}") for number in range(SHOPS)])
    with statements() as asked:
        assert settle_merchants(at=AT) == 0
    assert len(asked) == 1
    assert live_until(HALF_WAY, lambda: settle_merchants(at=AT + DAY))
    made = Settlement.objects.count()
    assert 0 < made < SHOPS
    done = at_once(2, lambda _: settle_merchants(at=AT + DAY))
    assert sum(done) + made == SHOPS
    found = Settlement.objects.values_list("date", "item_count", "payout_minor", "closing_minor")
    assert set(found) == {(date(2026, 11, 22), ITEMS, ITEMS * (GROSS - FEE), 0)}
    assert Settlement.objects.values("merchant").distinct().count() == Payout.objects.count() == SHOPS
    assert settle_merchants(at=AT + DAY) == 0
    while send_payouts(at=AT + DAY):
        pass
    assert set(Payout.objects.values_list("status", flat=True)) == {"succeeded"}
    # The sandbox's gateway knows of other tests' money too.
    assert [line for check in check_books() for line in check.offenders if not line.endswith("we know nothing of it")] == []
