"""What a key may do: what it was given, which is never more than its maker may."""

import pytest
from django.urls import URLPattern

from bnpl import urls_api
from checkout.models import Capture, Order, Refund
from core.api.views import ApiView
from core.errors import Forbidden, Invalid
from merchants.api.authentication import HasSecretKey
from merchants.models import ApiKey, Membership
from merchants.queries import find_api_key, keys_beyond_their_makers
from merchants.rules import PERMISSIONS, SCOPES, scopes_of
from merchants.services import change_role, create_api_key, remove_member
from tests.api.conftest import Api
from tests.portals.merchant.conftest import join
from tests.shops import AT, basket

VIEWS = [
    pattern.callback.view_class
    for pattern in urls_api.urlpatterns
    if isinstance(pattern, URLPattern) and issubclass(getattr(pattern.callback, "view_class", object), ApiView)
]


def made_by(merchant, role, **sent):
    """Return a new key of somebody in a role, and its full text."""
    return create_api_key(merchant=merchant, kind="secret", name="Server", actor=f"user:{join(merchant, role).pk}", at=AT, **sent)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_call_names_what_a_key_needs(view):
    if HasSecretKey in view.permission_classes:
        methods = {name.upper() for name in ("get", "post", "patch", "delete") if hasattr(view, name)}
        assert view.scopes.keys() == methods
        assert set(view.scopes.values()) <= SCOPES.keys()


@pytest.mark.parametrize("role", PERMISSIONS)
def test_a_key_may_no_more_than_its_maker(shop, role):
    given = scopes_of(role)
    assert given - {"checkouts.write"} <= PERMISSIONS[role]
    if not given:
        with pytest.raises(Forbidden):
            made_by(shop, role)
        assert not ApiKey.objects.exists()
        return
    key, _ = made_by(shop, role)
    assert set(key.scopes) == given


def test_a_developer_gives_no_right_to_refund(shop):
    for scopes in (["orders.refund"], ["orders.read", "orders.capture"], ["orders.void"]):
        with pytest.raises(Forbidden) as caught:
            create_api_key(merchant=shop, kind="secret", name="x", actor=f"user:{_developer(shop)}", at=AT, scopes=scopes)
        assert caught.value.code == "team.role_not_enough"
    with pytest.raises(Invalid) as wrong:
        create_api_key(merchant=shop, kind="secret", name="x", actor="demo", at=AT, scopes=["all"])
    assert "scopes" in wrong.value.fields
    assert not ApiKey.objects.exists()


def _developer(shop):
    found = Membership.objects.filter(merchant=shop, role="developer").first()
    return found.user_id if found else join(shop, "developer").pk


def test_a_stranger_makes_no_key_that_may_anything(shop, stranger_shop):
    stranger = join(stranger_shop, "owner")
    with pytest.raises(Forbidden):
        create_api_key(merchant=shop, kind="secret", name="x", actor=f"user:{stranger.pk}", at=AT)
    assert not ApiKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_key_of_a_developer_sells_and_reads_but_moves_no_money(buy, merchant, problem):
    order = buy(merchant, 22_900)
    api = Api(made_by(merchant, "developer")[1])
    assert api.get(f"orders/{order.public_id}").status_code == 200
    for path, body in (("captures", {"amount": 100}), ("refunds", {"amount": 100}), ("void", None), ("release", None), ("extend", None)):
        told = problem(api.post(f"orders/{order.public_id}/{path}", body, key=path), 403, "key.scope_missing")
        assert "takes a key with the scope orders." in told["detail"]
    order.refresh_from_db()
    assert (order.status, order.captured_minor, Capture.objects.count(), Refund.objects.count()) == ("authorized", 0, 0, 0)
    sold = basket(currency=merchant.currency)
    assert api.post("checkouts", sold, key="c1").status_code == 201
    problem(api.post("checkouts", sold | {"capture": "automatic"}, key="c2"), 403, "key.scope_missing")
    assert Order.objects.count() == 1


def test_a_key_may_what_it_was_given_and_no_more(shop, problem):
    api = Api(made_by(shop, "owner", scopes=["settlements.read"])[1])
    assert api.get("settlements").status_code == 200
    for path in ("orders", "checkouts", "events", "webhook_endpoints", "sandbox/clock"):
        problem(api.get(path), 403, "key.scope_missing")
    assert api.client.head("/api/v1/orders").status_code == 403
    assert api.post("quotes", {"amount": 22_900, "currency": "USD"}).status_code == 200


def test_a_key_is_the_shops_and_goes_on_when_its_maker_may_less(shop):
    join(shop, "owner", "first@shop.example")
    maker = join(shop, "owner", "maker@shop.example")
    key, full = create_api_key(merchant=shop, kind="secret", name="Server", actor=f"user:{maker.pk}", at=AT)
    place = Membership.objects.get(user=maker)
    assert keys_beyond_their_makers(shop) == {}
    change_role(membership_id=place.pk, merchant=shop, role="developer", actor="test", at=AT)
    assert keys_beyond_their_makers(shop) == {key.pk: f"user:{maker.pk}"}
    remove_member(membership_id=place.pk, merchant=shop, actor="test", at=AT)
    assert keys_beyond_their_makers(shop) == {key.pk: f"user:{maker.pk}"}
    assert find_api_key(full) == key


def test_publishable_keys_have_none(shop, problem):
    key, full = create_api_key(merchant=shop, kind="publishable", name="Page", actor=f"user:{_developer(shop)}", at=AT)
    assert key.scopes == []
    problem(Api(full).get("orders"), 403, "secret_key_needed")
