"""Accounts, keys and teams: what may be changed, by whom, and what is kept of it."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from core.errors import Conflict, Invalid, NotFound
from merchants import services
from merchants.errors import AlreadyMember, LastOwner
from merchants.models import AccountChange, ApiKey, Membership, Merchant
from merchants.queries import changes_of, find_api_key, list_api_keys, list_members, list_memberships
from tests.shops import AT, join_team, open_shop

BY = {"actor": "olga@shop.example", "at": AT}


@pytest.fixture
def shop(db):
    return open_shop(name="Nordlys Lamps")


@pytest.fixture
def owner(shop):
    return join_team(shop, "olga@shop.example", "owner")


def test_key_is_shown_once_and_known_by_its_hash(shop):
    key, full = services.create_api_key(merchant=shop, kind="secret", name="Server", **BY)
    assert full.startswith("sk_sandbox_")
    assert len(full) == len("sk_sandbox_") + 40
    assert key.hint == f"sk_sandbox_...{full[-4:]}"
    assert full not in str(ApiKey.objects.values())
    assert find_api_key(full) == key
    assert find_api_key(full.swapcase()) is None
    assert find_api_key(full[:-1]) is None
    assert services.create_api_key(merchant=shop, kind="publishable", name="Page", **BY)[1].startswith("pk_sandbox_")
    assert len(list_api_keys(shop)) == 2


def test_revoked_key_is_not_valid_and_stays_in_the_list(shop):
    key, full = services.create_api_key(merchant=shop, kind="secret", name="Server", **BY)
    with pytest.raises(NotFound):
        services.revoke_api_key(key_id=key.id, merchant=open_shop(), **BY)
    assert find_api_key(full) == key
    services.revoke_api_key(key_id=key.id, merchant=shop, **BY)
    services.revoke_api_key(key_id=key.id, merchant=shop, **BY)
    assert find_api_key(full) is None
    assert [row.kind for row in changes_of(shop).order_by("id")] == ["key_created", "key_revoked"]


@pytest.mark.parametrize(("kind", "name", "field"), [("root", "x", "kind"), ("secret", " ", "name"), ("secret", "x" * 61, "name")])
def test_bad_key_is_refused(shop, kind, name, field):
    with pytest.raises(Invalid) as caught:
        services.create_api_key(merchant=shop, kind=kind, name=name, **BY)
    assert field in caught.value.fields
    assert not ApiKey.objects.exists()


def test_at_most_fifty_keys_are_in_use(shop, monkeypatch):
    monkeypatch.setattr("merchants.services.keys.MAX_ACTIVE", 1)
    services.create_api_key(merchant=shop, kind="secret", name="one", **BY)
    with pytest.raises(Conflict):
        services.create_api_key(merchant=shop, kind="secret", name="two", **BY)


def test_brand_is_changed_and_kept_in_the_history(shop):
    changed = services.update_brand(merchant=shop, changes={"brand_color": "#1f6f54", "origins": ["https://shop.example"]}, **BY)
    assert (changed.brand_color, changed.origins) == ("#1f6f54", ["https://shop.example"])
    kept = AccountChange.objects.get()
    assert (kept.kind, kept.actor, kept.detail["before"]["brand_color"], kept.detail["after"]["brand_color"]) == (
        *("brand_changed", "olga@shop.example", "", "#1f6f54"),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"brand_color": "green"},
        {"checkout_text": "x" * 141},
        {"name": " "},
        {"origins": ["https://shop.example/path"]},
        {"origins": ["shop.example"]},
        {"origins": ["https://shop.example", "https://*"]},
        {"origins": ["https://user@evil.example"]},
        {"origins": ["http://shop.example"]},
        {"name": "\u200b\n"},
        {"fee_bps": 1},
        {"currency": "EUR"},
    ],
)
def test_bad_brand_changes_nothing(shop, changes):
    with pytest.raises(Invalid) as caught:
        services.update_brand(merchant=shop, changes=changes, **BY)
    assert set(caught.value.fields) == set(changes)
    assert not AccountChange.objects.exists()


def test_sites_are_kept_in_the_form_that_browsers_write_and_each_once(shop):
    typed = ["https://Müller.example", "https://xn--mller-kva.example:443", "http://localhost:8001"]
    changed = services.update_brand(merchant=shop, changes={"origins": typed}, **BY)
    assert changed.origins == ["https://xn--mller-kva.example", "http://localhost:8001"]
    assert AccountChange.objects.get().detail["after"]["origins"] == changed.origins


def test_only_a_sandbox_registers_its_own_machine(shop, settings):
    settings.SANDBOX = False
    with pytest.raises(Invalid) as caught:
        services.update_brand(merchant=shop, changes={"origins": ["http://localhost:8001"]}, **BY)
    assert "http://localhost:8001 must start with https://" in caught.value.fields["origins"]
    shop.refresh_from_db()
    assert shop.origins == []


def test_a_name_is_one_line_of_what_can_be_seen(shop):
    changed = services.update_brand(merchant=shop, changes={"name": " Nordlys\r\nBcc: x@y.example\u202e "}, **BY)
    assert changed.name == "Nordlys Bcc: x@y.example"
    assert open_shop(name="A\nB", legal_name="C\u200bD").legal_name == "CD"


def test_registered_sites_of_before_are_cleaned_and_the_history_says_so(shop):
    stranger = open_shop()
    before = ["https://Müller.example/", "https://*", "https://user@evil.example", "https://shop.example"]
    Merchant.objects.filter(id=shop.id).update(origins=before)
    Merchant.objects.filter(id=stranger.id).update(origins=["https://other.example"])
    module = import_module("merchants.migrations.0002_origins_in_their_one_form")
    module.clean(apps, None)
    shop.refresh_from_db()
    stranger.refresh_from_db()
    after = ["https://xn--mller-kva.example", "https://shop.example"]
    assert (shop.origins, stranger.origins) == (after, ["https://other.example"])
    kept = AccountChange.objects.get()
    assert (kept.merchant, kept.actor, kept.detail) == (shop, "migration", {"before": {"origins": before}, "after": {"origins": after}})


def test_terms_have_limits(shop):
    assert services.update_terms(merchant=shop, changes={"fee_bps": 350}, **BY).fee_bps == 350
    for changes in ({"fee_bps": 10_001}, {"authorization_days": 181}, {"brand_color": "#000000"}):
        with pytest.raises(Invalid):
            services.update_terms(merchant=shop, changes=changes, **BY)


def test_nobody_is_invited_twice_or_as_nothing(shop, owner):
    with pytest.raises(AlreadyMember):
        services.invite_member(merchant=shop, email="OLGA@shop.example ", role="viewer", **BY)
    for email, role in [("vera@shop.example", "king"), ("not an address", "viewer")]:
        with pytest.raises(Invalid):
            services.invite_member(merchant=shop, email=email, role=role, **BY)
    assert (Membership.objects.count(), User.objects.count()) == (1, 1)


def test_last_owner_stays(shop, owner):
    with pytest.raises(LastOwner):
        services.remove_member(membership_id=owner.id, merchant=shop, **BY)
    with pytest.raises(LastOwner):
        services.change_role(membership_id=owner.id, merchant=shop, role="viewer", **BY)
    second = join_team(shop, "per@shop.example", "viewer")
    services.change_role(membership_id=second.id, merchant=shop, role="owner", **BY)
    services.remove_member(membership_id=owner.id, merchant=shop, **BY)
    assert [member.user.email for member in list_members(shop)] == ["per@shop.example"]


def test_strangers_are_kept_out(shop):
    viewer = join_team(shop, "vera@shop.example", "viewer")
    with pytest.raises(NotFound):
        services.remove_member(membership_id=viewer.id, merchant=open_shop(), **BY)
    assert [row.merchant for row in list_memberships(viewer.user, "main")] == [shop]
    assert list_memberships(User.objects.create_user("eve@other.example"), "main") == []


def test_a_key_is_named_in_visible_characters(shop):
    key, _full = services.create_api_key(merchant=shop, kind="secret", name=" Ser\u202ever\u200b ", **BY)
    assert ApiKey.objects.get(pk=key.pk).name == "Server"
    with pytest.raises(Invalid):
        services.create_api_key(merchant=shop, kind="secret", name="\u202e\u200b", **BY)
    assert ApiKey.objects.count() == 1
