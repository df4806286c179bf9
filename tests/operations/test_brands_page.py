"""Brands in the back office: looked at, made and changed by one person with a reason; entity and host by two."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from brands.models import Brand, BrandChange
from brands.queries import get_brand
from controls.models import Proposal
from tests.api.counting import count_but_the_clock
from tests.brands.cast import BANK, make_bank
from tests.operators import make_operator

NAMED = [(name, language) for name in ("tagline", "supervision", "legal") for language in ("en", "da", "sv", "de")]
TEXTS = {f"{name}_{language}": BANK["texts"].get(language, {}).get(name, "") for name, language in NAMED}
PLAIN = {name: value for name, value in BANK.items() if name not in {"code", "domain", "legal_name", "register_number", "texts"}}
LOOK = {**PLAIN, **TEXTS, "reason": "the new house style"}
KEPT = {name: BANK[name] for name in ("register_number", "domain")}
ENTITY = {**KEPT, "legal_name": "Fjord Bank AB", "starts_on": "", "reason": "it merged"}


def sign_in(*may: str) -> Client:
    client = Client()
    client.force_login(make_operator(f"{len(may)}{may[-1]}@kvart.example", may=may), backend="django.contrib.auth.backends.ModelBackend")
    return client


def door(act: str, code: str = "bank") -> str:
    return reverse(f"admin:brands_brand_{act}", args=[code])


@pytest.fixture
def bank(db):
    return make_bank()


@pytest.fixture
def lena(bank):
    return sign_in("view_brand", "change_brand", "add_brand", "propose_brand")


def test_one_person_changes_how_a_brand_looks_and_its_history_says_who_when_why_and_what(lena):
    given = LOOK | {"color": "#7A2E4D", "tagline_sv": "Betala lugnt", "legal_en": "Deposits are covered.", "mark": "M0 0h18v18z"}
    for _click in range(2):
        answer = lena.post(door("look"), given, follow=True)
    change = BrandChange.objects.get(brand_id="bank", before__has_key="color")
    assert (get_brand("bank").color, get_brand("bank").texts["sv"]) == ("#7a2e4d", {"tagline": "Betala lugnt"})
    assert (change.reason, BrandChange.objects.filter(brand_id="bank").count()) == ("the new house style", 2)
    text = answer.content.decode()
    for told in ("#1d4f91 → #7a2e4d", "None → Betala lugnt", "the new house style", "4propose_brand@kvart.example"):
        assert told in text
    assert 'd="M0 0h18v18z"' in text


def test_the_log_of_changes_names_who_and_tells_each_in_words(lena, bank):
    lena.post(door("look"), LOOK | {"color": "#7A2E4D"})
    change = BrandChange.objects.get(brand_id="bank", before__has_key="color")
    reader = sign_in("view_brandchange", "view_brand")
    address = reverse("admin:brands_brandchange_changelist")
    with CaptureQueriesContext(connection) as few:
        told = reader.get(address).content.decode()
    assert ("4propose_brand@kvart.example" in told, change.actor in told) == (True, False)
    for color in ("#111111", "#222222", "#333333"):
        lena.post(door("look"), LOOK | {"color": color})
    with CaptureQueriesContext(connection) as many:
        reader.get(address)
    assert count_but_the_clock(many) == count_but_the_clock(few)
    told = reader.get(reverse("admin:brands_brandchange_change", args=[change.pk])).content.decode()
    for said in ("#1d4f91 → #7a2e4d", "the new house style", "4propose_brand@kvart.example", door("change")):
        assert said in told, said
    assert sign_in("view_brand").get(reverse("admin:brands_brandchange_change", args=[change.pk])).status_code == 403


def test_a_color_that_cannot_be_read_is_refused_with_its_contrast_and_one_that_can(lena):
    text = lena.post(door("look"), LOOK | {"color": "#ffd400"}).content.decode()
    assert "#ffd400 is too light: its contrast with white is 1.4, and it has to be well over 4.5. #836b00 can be read." in text
    assert (get_brand("bank").color, BrandChange.objects.filter(brand_id="bank").count()) == ("#1d4f91", 1)


def test_nobody_overwrites_what_somebody_else_changed_meanwhile(lena):
    page = lena.get(door("change"))
    seen = page.context["form"]["seen"].value()
    assert lena.post(door("look"), LOOK | {"name": "Fjord", "seen": seen}).status_code == 302
    answer = lena.post(door("look"), LOOK | {"name": "Fjordbanken", "seen": seen})
    assert "Somebody has changed this brand meanwhile." in answer.content.decode()
    assert get_brand("bank").name == "Fjord"
    assert lena.post(door("look"), LOOK | {"name": "Fjord", "seen": seen}).status_code == 302


def test_the_first_brand_is_changed_too(lena):
    given = {name: lena.get(door("change", "main")).context["form"][name].value() or "" for name in LOOK if name != "reason"}
    assert lena.post(door("look", "main"), given | {"supervision": "Licensed lender 7", "reason": "the law"}).status_code == 302
    assert get_brand("main").supervised == "Licensed lender 7"


def test_entity_and_host_are_proposed_and_another_person_lets_them_hold(lena):
    lena.post(door("look"), LOOK | {"legal_name": "Somebody", "domain": "x.example"})
    assert (get_brand("bank").legal_name, get_brand("bank").domain) == (BANK["legal_name"], BANK["domain"])
    assert "Proposed. Another person decides now." in lena.post(door("entity"), ENTITY, follow=True).content.decode()
    made = Proposal.objects.get()
    assert (made.kind, made.after, get_brand("bank").legal_name) == ("brands.entity", {"legal_name": "Fjord Bank AB"}, "Fjordbank A/S")
    decide = reverse("admin:controls_proposal_decide", args=[made.pk])
    lena.post(decide, {"decision": "approve", "note": "", "confirmed": "1"})
    assert get_brand("bank").legal_name == "Fjordbank A/S"
    bo = sign_in("view_brand", "approve_brand")
    assert "Fjordbank A/S" in bo.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    bo.post(decide, {"decision": "approve", "note": "", "confirmed": "1"})
    assert get_brand("bank").legal_name == "Fjord Bank AB"
    text = bo.get(door("change")).content.decode()
    assert reverse("admin:controls_proposal_change", args=[made.pk]) in text
    assert "Fjordbank A/S → Fjord Bank AB" in text


def test_a_host_of_another_brand_is_refused_before_it_is_proposed(lena):
    make_bank(code="other", domain="other.localhost")
    text = lena.post(door("entity"), ENTITY | {"domain": "other.localhost"}).content.decode()
    assert "Another brand has this host." in text
    assert not Proposal.objects.exists()
    assert 'name="domain"' not in lena.get(door("change", "main")).content.decode()


def test_a_brand_is_made_with_all_of_its_fields(lena):
    page = reverse("admin:brands_brand_add")
    assert lena.get(page).status_code == 200
    given = LOOK | ENTITY | {"code": "sound", "domain": "sound.localhost", "name": "Sound", "reason": "a second bank"}
    refused = lena.post(page, given | {"domain": BANK["domain"]})
    assert ("Another brand has this host." in refused.content.decode(), Brand.objects.count()) == (True, 2)
    assert lena.post(page, given)["Location"] == door("change", "sound")
    made = get_brand("sound")
    assert (made.name, made.legal_name, made.texts["da"]["tagline"]) == ("Sound", "Fjord Bank AB", "Betal i ro og mag")
    assert BrandChange.objects.get(brand_id="sound").reason == "a second bank"


def test_the_preview_draws_what_is_typed_and_writes_nothing(lena):
    text = lena.get(reverse("admin:brands_brand_preview"), {"of": "bank", "name": "<b>Typed</b>", "color": "#ffd400"}).content.decode()
    assert ("&lt;b&gt;Typed&lt;/b&gt;" in text, "#ffd400 is too light" in text, BANK["legal_name"] in text) == (True, True, True)
    assert text.count("AA") == 9
    assert get_brand("bank").name == "Fjordbank"


def test_who_may_only_look_changes_nothing_and_strangers_see_nothing(bank):
    viewer, stranger = sign_in("view_brand"), sign_in("view_order")
    text = viewer.get(door("change")).content.decode()
    assert (BANK["support_phone"] in text, 'name="color"' in text) == (True, False)
    for client, looking in ((viewer, 200), (stranger, 403)):
        assert client.get(door("change")).status_code == looking
        assert client.get(reverse("admin:brands_brand_preview")).status_code == looking
        posts = [client.post(door("look"), LOOK), client.post(door("entity"), ENTITY), client.post(reverse("admin:brands_brand_add"), LOOK)]
        assert [answer.status_code for answer in posts] == [403, 403, 403]
    assert viewer.get(door("change", "nobody")).status_code == 404
    assert (BrandChange.objects.count(), Proposal.objects.exists()) == (1, False)


def test_the_page_asks_a_constant_number_of_queries(lena, django_assert_num_queries):
    lena.get(door("change"))
    for i in range(3):
        lena.post(door("look"), LOOK | {"name": f"Fjord {i}"})
        with django_assert_num_queries(10):
            lena.get(door("change"))
