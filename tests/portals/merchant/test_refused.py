"""A shop sees which of its checkouts were refused, with one coarse word each, and nothing of the person."""

from checkout import services as checkouts
from checkout.models import Checkout
from tests.portals.reading import text_of
from tests.shops import open_shop


def test_refused_checkouts_are_listed_with_a_coarse_word_and_without_the_person(owner, buy, merchant, at):
    refused = buy.open(merchant, 22_900, at, merchant_reference="10482")
    buy.finish(refused, "ann+decline@people.example", at=at)
    foreign = buy.open(open_shop("GB"), 22_900, at, merchant_reference="9999")
    buy.finish(foreign, "bo+decline@people.example", at=at)
    buy(merchant, 5_000, merchant_reference="7001")
    buy.open(merchant, 1_000, at, merchant_reference="8001")
    page = text_of(owner.get("/merchant/orders/refused"))
    assert [number in page for number in ("10482", "9999", "7001", "8001")] == [True, False, False, False]
    assert "No plan for this person" in page
    assert Checkout.objects.get(pk=refused.pk).decision.reasons[0] not in page
    assert [one for one in ("ann", "people.example", Checkout.objects.get(pk=refused.pk).consumer.public_id) if one in page] == []
    assert '<a href="/merchant/orders/refused">Refused checkouts</a>' in text_of(owner.get("/merchant/"))
    assert '<a href="/merchant/orders/refused" aria-current="page">' in text_of(owner.get("/merchant/orders/refused"))
    checkouts.cancel_checkout(checkout_id=refused.pk, at=at)
    assert "10482" in text_of(owner.get("/merchant/orders/refused"))


def test_a_shop_without_refusals_is_told_so_and_pages_cost_the_same(owner, buy, merchant, at, django_assert_max_num_queries):
    assert "No refused checkouts" in text_of(owner.get("/merchant/orders/refused"))
    for number in range(3):
        buy.finish(buy.open(merchant, 22_900, at, merchant_reference=f"R{number}"), f"p{number}+decline@people.example", at=at)
    with django_assert_max_num_queries(12):
        page = text_of(owner.get("/merchant/orders/refused"))
    rows = page[page.index("<main") :]
    assert rows.index("R2") < rows.index("R0")
