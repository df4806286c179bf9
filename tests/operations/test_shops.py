"""Shops in the back office: opened with an invited owner, changed by two people, suspended by one."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from brands.models import DEFAULT
from checkout import services as checkouts
from controls.models import Proposal
from controls.queries import list_files
from merchants.models import AccountChange, Invitation, Merchant
from operations.shops import CHANGES
from tests.api.counting import count_but_the_clock
from tests.cast import NOW
from tests.operators import make_operator
from tests.portals.reading import text_of
from tests.shops import open_shop

FACTS = {
    "name": "Nordlys Lamps",
    "legal_name": "Nordlys Lamps Inc.",
    "market": "US",
    "brand": DEFAULT,
    "slug": "nordlys",
    "category": "Lamps",
    "owner_email": "olga@shop.example",
}
TERMS = {
    "fee": "3.5",
    "fee_fixed": "0.30",
    "refund_fees": "on",
    "authorization_days": "28",
    "held_categories": "Gift card, knives",
    "max_quantity": "9",
    "reason": "the new contract",
}


def sign_in(*may: str) -> Client:
    client = Client()
    client.force_login(make_operator(f"{len(may)}{may[-1]}@kvart.example", may=may), backend="django.contrib.auth.backends.ModelBackend")
    return client


def door(act: str, shop: Merchant) -> str:
    return reverse(f"admin:merchants_merchant_{act}", args=[shop.pk])


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def anna(db):
    return sign_in("view_merchant", "propose_shop", "add_merchant")


def test_a_shop_is_opened_with_the_house_s_terms_and_its_owner_invited(anna):
    page = reverse("admin:merchants_merchant_add")
    assert "Open the shop and invite its owner" in anna.get(page).content.decode()
    answer = anna.post(page, FACTS, follow=True)
    shop = Merchant.objects.get()
    assert (shop.slug, shop.currency, shop.fee_bps, shop.payout_destination) == ("nordlys", "USD", 400, "")
    assert [(one.user.email, one.role) for one in Invitation.objects.select_related("user")] == [("olga@shop.example", "owner")]
    assert "No bank account yet" in answer.content.decode()
    again = anna.post(page, FACTS)
    assert "Another shop has this short name." in again.content.decode()
    assert Merchant.objects.count() == 1


def test_only_who_may_opens_a_shop(db):
    client = sign_in("view_merchant", "propose_shop")
    page = reverse("admin:merchants_merchant_add")
    assert (client.get(page).status_code, client.post(page, FACTS).status_code) == (403, 403)
    assert not Merchant.objects.exists()


def test_other_terms_are_proposed_and_another_person_lets_them_hold(anna, shop):
    assert "Proposed. Another person decides now." in anna.post(door("terms", shop), TERMS, follow=True).content.decode()
    made = Proposal.objects.get()
    assert made.after == {"fee_bps": 350, "fee_fixed_minor": 30, "held_categories": ["gift_card", "knives"]}
    assert Merchant.objects.get().fee_bps == 400
    bo = sign_in("view_merchant", "approve_shop")
    bo.post(reverse("admin:controls_proposal_decide", args=[made.pk]), {"decision": "approve", "note": "", "confirmed": "1"})
    shop.refresh_from_db()
    assert (shop.fee_bps, shop.held_categories) == (350, ["gift_card", "knives"])
    text = bo.get(door("change", shop)).content.decode()
    assert "4% → 3.5%" in text
    assert reverse("admin:controls_proposal_change", args=[made.pk]) in text


def test_a_bank_account_is_proposed_never_changed_by_one_person(anna, shop):
    anna.post(door("account", shop), {"payout_destination": "acct_2", "reason": "a call to the known number"})
    assert (Proposal.objects.get().kind, Merchant.objects.get().payout_destination) == ("merchants.bank_account", "bank_1")


def test_a_shop_is_suspended_by_one_person_and_opened_by_two(anna, shop):
    asked = anna.post(door("suspend", shop), {"reason": "goods do not arrive", "once": "k1"}).content.decode()
    shop.refresh_from_db()
    assert (shop.is_suspended, f"Suspend {shop.name}?" in asked, "goods do not arrive" in asked) == (False, True, True)
    for _click in range(2):
        answer = anna.post(door("suspend", shop), {"reason": "goods do not arrive", "once": "k1", "confirmed": "1"}, follow=True)
        assert "Suspended. Its team is told." in answer.content.decode()
    shop.refresh_from_db()
    assert (shop.is_suspended, AccountChange.objects.filter(kind="suspended").count()) == (True, 1)
    again = anna.post(door("suspend", shop), {"reason": "once more", "once": "k2"}, follow=True).content.decode()
    assert "This shop is suspended already." in again
    asked = anna.post(door("reopen", shop), {"reason": "they arrive"}).content.decode()
    assert (Proposal.objects.count(), f"Propose that {shop.name} opens again?" in asked, "goods do not arrive" in asked) == (0, True, True)
    assert ('enctype="multipart/form-data"' in asked, 'name="proof_files"' in asked) == (True, True)
    photo = SimpleUploadedFile("parcel.txt", b"It arrived")
    anna.post(door("reopen", shop), {"reason": "they arrive", "confirmed": "1", "proof": "Two parcels came", "proof_files": [photo]})
    shop.refresh_from_db()
    made = Proposal.objects.get()
    assert (shop.is_suspended, made.kind, made.evidence) == (True, "merchants.reopening", "Two parcels came")
    assert [one.body for one in list_files(made)] == [b"It arrived"]
    decide = reverse("admin:controls_proposal_decide", args=[made.pk])
    sign_in("view_merchant", "approve_shop").post(decide, {"decision": "approve", "note": "", "confirmed": "1"})
    shop.refresh_from_db()
    assert shop.is_suspended is False


def test_the_question_tells_in_numbers_what_stops_and_what_goes_on(anna, buy, merchant):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=10_000, actor="key:test", at=NOW)
    buy.open(merchant, 1_000, merchant_reference="C-1")
    with CaptureQueriesContext(connection) as first:
        said = text_of(anna.post(door("suspend", merchant), {"reason": "x", "once": "k"}))
    for told in ("1: nobody can buy in it any more", "1 with $129.00 left: it can be captured", "$96.00, and all that comes", "They go on"):
        assert told in said, told
    buy(merchant, 5_000, merchant_reference="R-2")
    buy.open(merchant, 1_000, merchant_reference="C-2")
    with CaptureQueriesContext(connection) as more:
        said = text_of(anna.post(door("suspend", merchant), {"reason": "x", "once": "k"}))
    assert ("2: nobody can buy in them any more" in said, "2 with $179.00 left: they can be captured" in said) == (True, True)
    assert count_but_the_clock(more) == count_but_the_clock(first)


@pytest.mark.parametrize("act", ["terms", "account", "suspend", "reopen"])
def test_who_may_only_look_changes_nothing(shop, act):
    client = sign_in("view_merchant")
    assert "Propose other terms" not in client.get(door("change", shop)).content.decode()
    assert client.post(door(act, shop), TERMS | {"payout_destination": "x"}).status_code == 403
    stranger = sign_in("view_order")
    assert (stranger.get(door("change", shop)).status_code, stranger.post(door(act, shop), TERMS).status_code) == (403, 403)
    shop.refresh_from_db()
    assert (shop.is_suspended, Proposal.objects.exists(), AccountChange.objects.exists()) == (False, False, False)


def test_a_form_with_a_fault_names_it(anna, shop):
    page = anna.post(door("terms", shop), TERMS | {"fee": "101", "reason": ""}).content.decode()
    assert "Enter at most 100.00." in page
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("language", "fee", "fixed"),
    [("en", "3.5", "1,234.50"), ("da", "3,5", "1.234,50"), ("de", "3,50", "1.234,50"), ("sv", "3,5", "1 234,50")],
)
def test_decimals_are_the_reader_s(anna, shop, language, fee, fixed):
    anna.cookies["bnpl_language"] = language
    anna.post(door("terms", shop), TERMS | {"fee": fee, "fee_fixed": fixed})
    after = Proposal.objects.get().after
    assert (after["fee_bps"], after["fee_fixed_minor"]) == (350, 123_450)


@pytest.mark.parametrize(
    ("language", "fixed", "told"),
    [("en", "1.234", "57.25"), ("da", "1,234", "57,25"), ("de", "1.23,4", "57,25"), ("sv", "1.234", "57,25")],
)
def test_an_amount_that_can_be_read_in_two_ways_is_refused_at_its_field(anna, shop, language, fixed, told):
    anna.cookies["bnpl_language"] = language
    answer = anna.post(door("terms", shop), TERMS | {"fee_fixed": fixed})
    errors = answer.context["terms_form"].errors
    assert (list(errors), told in str(errors["fee_fixed"]), Proposal.objects.exists()) == (["fee_fixed"], True, False)


def test_every_kind_of_change_of_a_shop_has_words():
    services = Path(settings.BASE_DIR, "merchants", "services").glob("*.py")
    found = {kind for path in services for kind in re.findall(r'(?:record_change\(|BRAND,|TERMS,)[^)]*?\bkind="(\w+)"', path.read_text())}
    assert found == set(CHANGES)
    with override("de"):
        assert [str(CHANGES[kind]) for kind in ("key_created", "suspended")] == ["Schlüssel erstellt", "Shop gesperrt"]
