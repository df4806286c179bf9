"""Endpoints: made, changed, disabled, enabled, removed; a stranger's do not exist."""

from datetime import timedelta

import pytest

from core.clock import wall
from core.errors import Conflict, Invalid, NotFound
from tests.webhooks.conftest import AT, listen, record
from webhooks import rules, services
from webhooks.models import Delivery, Endpoint
from webhooks.queries import access_endpoint, list_endpoints


def create(shop, url="https://shop.example.com/hooks", events=()):
    return services.create_endpoint(merchant=shop, url=url, events=events, at=AT, actor="key:1")


def test_an_endpoint_is_made_with_a_secret_of_its_own_that_is_not_readable_in_the_database(shop):
    one, other = create(shop), create(shop)
    secret = one.secrets[0]["secret"]
    assert secret.startswith("whsec_")
    assert len(secret) == 50
    assert secret != other.secrets[0]["secret"]
    assert (one.active, one.changed_by, one.events) == (True, "key:1", [])
    stored = Endpoint.objects.filter(pk=one.pk).extra(select={"raw": "secrets"}).values_list("raw", flat=True)[0]
    assert secret not in stored
    assert [item.pk for item in list_endpoints(shop)] == [other.pk, one.pk]


@pytest.mark.parametrize("url", ["http://shop.example.com/", "https://10.0.0.1/", "https://localhost:22", "https://2130706433/", "x", ""])
def test_a_refused_address_makes_no_endpoint(shop, url, settings):
    settings.SANDBOX = False
    with pytest.raises(Invalid) as refused:
        create(shop, url)
    assert (refused.value.code, list(refused.value.fields)) == ("webhooks.url_refused", ["url"])
    assert list_endpoints(shop) == []


def test_live_only_a_registered_origin_is_taken(shop, settings):
    settings.SANDBOX = False
    with pytest.raises(Invalid) as refused:
        create(shop)
    assert (refused.value.code, list(refused.value.fields)) == ("merchant.origin_not_registered", ["url"])
    assert list_endpoints(shop) == []
    shop.origins = ["https://shop.example.com"]
    assert create(shop).active
    with pytest.raises(Invalid):
        create(shop, "https://shop.example.com:8443/hooks")


def test_an_unknown_event_type_makes_no_endpoint(shop):
    with pytest.raises(Invalid) as refused:
        create(shop, events=["order.authorized", "order.eaten"])
    assert (refused.value.code, list(refused.value.fields)) == ("webhooks.event_type_unknown", ["events"])
    assert list_endpoints(shop) == []


def test_a_merchant_has_at_most_ten_endpoints(shop):
    made = [create(shop) for _ in range(10)]
    with pytest.raises(Conflict) as refused:
        create(shop)
    assert refused.value.code == "webhooks.too_many_endpoints"
    services.remove_endpoint(merchant=shop, endpoint_id=made[0].pk, at=AT, actor="x")
    create(shop)
    assert len(list_endpoints(shop)) == 10


def test_an_endpoint_is_changed(shop):
    endpoint = create(shop)
    services.update_endpoint(merchant=shop, endpoint_id=endpoint.pk, events=["order.voided"], at=AT, actor="key:2")
    services.update_endpoint(merchant=shop, endpoint_id=endpoint.pk, url="https://shop.example.com:8443/v2", at=AT, actor="key:2")
    changed = access_endpoint(endpoint.pk, shop)
    assert (changed.url, changed.events, changed.changed_by) == ("https://shop.example.com:8443/v2", ["order.voided"], "key:2")
    with pytest.raises(Invalid):
        services.update_endpoint(merchant=shop, endpoint_id=endpoint.pk, url="https://10.0.0.1/", at=AT, actor="key:3")
    assert access_endpoint(endpoint.pk, shop).url == "https://shop.example.com:8443/v2"


def test_a_disabled_endpoint_hears_nothing_until_it_is_enabled(shop):
    endpoint = create(shop)
    record(shop, "a")
    services.disable_endpoint(merchant=shop, endpoint_id=endpoint.pk, reason="Moving house", at=AT, actor="user:ann")
    services.disable_endpoint(merchant=shop, endpoint_id=endpoint.pk, reason="Again", at=AT + timedelta(days=1), actor="user:bo")
    record(shop, "b")
    closed = access_endpoint(endpoint.pk, shop)
    assert (closed.active, closed.disabled_at, closed.disabled_reason, closed.changed_by) == (False, AT, "Moving house", "user:ann")
    assert list(Delivery.objects.values_list("status", flat=True)) == ["failed"]
    services.enable_endpoint(merchant=shop, endpoint_id=endpoint.pk, at=AT, actor="user:ann")
    record(shop, "c")
    assert access_endpoint(endpoint.pk, shop).active
    assert list(Delivery.objects.order_by("id").values_list("status", flat=True)) == ["failed", "waiting"]


def test_a_removed_endpoint_does_not_exist_any_more(shop, receiver):
    endpoint = listen(shop, receiver)
    record(shop, "a")
    services.remove_endpoint(merchant=shop, endpoint_id=endpoint.pk, at=AT, actor="x")
    record(shop, "b")
    assert list_endpoints(shop) == []
    assert list(Delivery.objects.values_list("status", flat=True)) == ["failed"]
    with pytest.raises(NotFound):
        access_endpoint(endpoint.pk, shop)


def test_a_strangers_endpoint_does_not_exist(shop_at):
    owner, stranger = shop_at(), shop_at()
    endpoint = create(owner)
    before = Endpoint.objects.values().get()
    who = {"merchant": stranger, "endpoint_id": endpoint.pk, "at": AT, "actor": "x"}
    for denied in (
        lambda: access_endpoint(endpoint.pk, stranger),
        lambda: services.update_endpoint(**who, events=["order.voided"]),
        lambda: services.rotate_secret(**who),
        lambda: services.disable_endpoint(**who),
        lambda: services.enable_endpoint(**who),
        lambda: services.remove_endpoint(**who),
    ):
        with pytest.raises(NotFound):
            denied()
    assert Endpoint.objects.values().get() == before
    assert list_endpoints(stranger) == []


def test_rotating_keeps_at_most_three_secrets_and_none_beyond_its_day():
    at = wall()
    stored: list[dict] = []
    for number in range(5):
        stored = rules.rotated(stored, secret=f"s{number}", at=at)
    assert [item["secret"] for item in stored] == ["s4", "s3", "s2"]
    assert rules.live_secrets(stored, at=at + timedelta(hours=23)) == ["s4", "s3", "s2"]
    assert rules.live_secrets(stored, at=at + timedelta(hours=24)) == ["s4"]
    later = rules.rotated(stored, secret="s5", at=at + timedelta(hours=25))
    assert [item["secret"] for item in later] == ["s5", "s4"]
