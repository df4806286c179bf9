"""What a role may not do is not offered, is refused with 403, and changes nothing."""

import pytest

from checkout import services as checkouts
from checkout.models import Capture, Order, Refund
from merchants.models import ApiKey, Membership
from tests.portals.reading import text_of
from webhooks.models import Endpoint

ALLOWED = {
    "orders.capture": {"owner", "manager"},
    "orders.refund": {"owner", "manager", "finance"},
    "orders.void": {"owner", "manager"},
    "brand.write": {"owner", "manager"},
    "keys.write": {"owner", "developer"},
    "webhooks.write": {"owner", "developer"},
    "team.write": {"owner"},
}
ROLES = ("owner", "manager", "finance", "developer", "viewer")


@pytest.fixture
def order(buy, merchant, at):
    order = buy(merchant, 22900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=10000, actor="key:test", at=at)
    return order


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_offered_what_it_may_do(role, desk_of, merchant, order):
    client = desk_of(merchant, role)
    text = text_of(client.get(f"/merchant/orders/{order.public_id}"))
    path = f"/merchant/orders/{order.public_id}"
    assert (f'href="{path}/capture"' in text) is (role in ALLOWED["orders.capture"])
    assert (f'href="{path}/refund"' in text) is (role in ALLOWED["orders.refund"])
    assert (f'href="{path}/release"' in text) is (role in ALLOWED["orders.void"])
    assert (f'action="{path}/extend"' in text) is (role in ALLOWED["orders.capture"])
    assert ('href="/merchant/keys"' in text) is (role in ALLOWED["keys.write"])
    assert ('href="/merchant/webhooks"' in text) is (role in ALLOWED["webhooks.write"])
    assert ('href="/merchant/look"' in text) is (role in ALLOWED["brand.write"])
    assert ("Capture the selected" in text_of(client.get("/merchant/orders"))) is (role in ALLOWED["orders.capture"])
    assert ("Invite somebody" in text_of(client.get("/merchant/team"))) is (role in ALLOWED["team.write"])


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_not_do_is_refused_and_changes_nothing(role, desk_of, merchant, order):
    client = desk_of(merchant, role)
    member = Membership.objects.get()
    path = f"/merchant/orders/{order.public_id}"
    posts = {
        "orders.capture": [
            (f"{path}/capture", {"amount": "1", "once": "a"}),
            (f"{path}/extend", {}),
            ("/merchant/orders/capture", {"order": order.public_id}),
        ],
        "orders.refund": [
            (f"{path}/refund", {"amount": "1", "step": "confirm", "once": "b"}),
            (f"{path}/return", {"reason": "missing", "once": "i"}),
        ],
        "orders.void": [(f"{path}/void", {"once": "c"}), (f"{path}/release", {"once": "h"})],
        "brand.write": [("/merchant/look", {"name": "Other"})],
        "keys.write": [("/merchant/keys", {"name": "x", "kind": "secret", "once": "d"})],
        "webhooks.write": [("/merchant/webhooks/new", {"url": "https://shop.example", "once": "e"})],
        "team.write": [
            ("/merchant/team", {"email": "x@people.example", "role": "owner", "once": "f"}),
            (f"/merchant/team/{member.pk}/role", {"role": "owner"}),
            (f"/merchant/team/{member.pk}/remove", {}),
        ],
    }
    before = _state(merchant)
    for action, sent in posts.items():
        if role not in ALLOWED[action]:
            for address, body in sent:
                assert client.post(address, body).status_code == 403, address
    assert _state(merchant) == before


def _state(merchant):
    merchant.refresh_from_db()
    return (
        list(Order.objects.values_list("status", "captured_minor", "refunded_minor", "released_minor", "expires_at")),
        Capture.objects.count(),
        Refund.objects.count(),
        ApiKey.objects.count(),
        Endpoint.objects.count(),
        list(Membership.objects.values_list("role", flat=True)),
        merchant.name,
    )


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_others_rooms_are_closed(role, desk_of, merchant):
    client = desk_of(merchant, role)
    for path, action in (("keys", "keys.write"), ("webhooks", "webhooks.write"), ("events", "webhooks.write"), ("look", "brand.write")):
        assert client.get(f"/merchant/{path}").status_code == (200 if role in ALLOWED[action] else 403)


def test_another_shops_order_cannot_be_acted_upon(desk_of, stranger, order):
    client = desk_of(stranger)
    before = _state(stranger)
    path = f"/merchant/orders/{order.public_id}"
    for name in ("capture", "refund", "void", "release", "extend"):
        assert client.post(f"{path}/{name}", {"amount": "1", "once": "x"}).status_code == 404
    assert client.post("/merchant/orders/capture", {"order": order.public_id, "once": "x"}).status_code == 404
    assert _state(stranger) == before
