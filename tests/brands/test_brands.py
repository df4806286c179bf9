"""Brands as rows: what their fields may hold, who changed them, and which of them a host is."""

import pytest
from django.test import Client

from brands import queries, rules
from brands.models import Brand, BrandChange
from brands.services import change_brand, make_brand
from core.clock import now
from core.errors import Invalid, NotFound
from tests.brands.cast import BANK, make_bank

pytestmark = pytest.mark.django_db


def test_an_installation_has_a_first_brand_made_from_its_variables(settings):
    queries.known_brands.forget()
    first = queries.default_brand()
    assert first == queries.by_settings()
    assert (first.name, first.legal_name, first.host) == ("kvart", "Kvart Finance Inc.", "localhost")
    assert (first.base_url, queries.list_brands()) == (settings.BASE_URL, [first])


def test_a_brand_has_a_host_of_its_own_at_the_installations_port(settings):
    settings.BASE_URL = "http://localhost:8123"
    make_bank()
    bank = queries.get_brand("bank")
    assert (bank.base_url, bank.host) == ("http://fjord.localhost:8123", "fjord.localhost")
    assert queries.find_by_host("fjord.localhost:8123") == bank
    assert queries.find_by_host("localhost:9") == queries.default_brand()
    assert queries.find_by_host("stranger.localhost") is None
    settings.BASE_URL = "https://pay.example.com"
    assert queries.get_brand("bank").base_url == "https://fjord.localhost"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "Not A Code"),
        ("domain", ""),
        ("domain", "https://fjord.example"),
        ("domain", "localhost"),
        ("color", "red"),
        ("mark", '"/><script>alert(1)</script>'),
        ("mark", "M0 0z\n" * 7),
        ("mail_address", "nobody"),
        ("sms_sender", "far too long a sender"),
        ("name", ""),
        ("legal_name", "x" * 121),
        ("texts", {"xx": {"tagline": "?"}}),
        ("texts", {"en": {"motto": "?"}}),
    ],
)
def test_a_field_that_does_not_hold_what_it_must_is_named_and_nothing_is_made(field, value):
    with pytest.raises(Invalid) as refused:
        make_brand(actor="test", at=now(), **BANK | {field: value})
    assert list(refused.value.fields) == [field]
    assert (Brand.objects.count(), BrandChange.objects.count()) == (1, 0)


def test_two_brands_share_neither_host_nor_code():
    make_bank()
    for field, value in (("code", "other"), ("domain", "other.localhost")):
        with pytest.raises(Invalid) as refused:
            make_brand(actor="test", at=now(), **BANK | {field: value})
        assert len(refused.value.fields) == 1
    assert Brand.objects.count() == 2


def test_a_change_is_told_and_seen_at_once(django_assert_num_queries):
    make_bank()
    change_brand(code="bank", changes={"name": "Fjord", "color": "#0A4FA0"}, actor="user:1", at=now())
    assert (queries.get_brand("bank").name, queries.get_brand("bank").color) == ("Fjord", "#0a4fa0")
    told = queries.brand_history("bank")[0]
    assert (told.before, told.after) == ({"name": "Fjordbank", "color": "#1d4f91"}, {"name": "Fjord", "color": "#0a4fa0"})
    change_brand(code="bank", changes={"name": "Fjord"}, actor="user:1", at=now())
    assert BrandChange.objects.filter(brand_id="bank").count() == 2
    queries.get_brand("bank")
    with django_assert_num_queries(0):
        assert [brand.code for brand in queries.list_brands()] == ["main", "bank"]


def test_the_first_brand_keeps_the_installations_address():
    with pytest.raises(Invalid) as refused:
        change_brand(code="main", changes={"domain": "pay.example.com"}, actor="user:1", at=now())
    assert list(refused.value.fields) == ["domain"]
    assert Brand.objects.get(code="main").domain is None


def test_there_is_no_brand_of_an_unknown_code():
    with pytest.raises(NotFound):
        queries.get_brand("nobody")


def test_a_mark_is_paths_and_nothing_else():
    assert rules.read_mark(rules.QUARTER)[0] == ("M9 0v9H0V4.5A4.5 4.5 0 0 1 4.5 0z", True)
    assert rules.read_mark("") == ()
    for drawn in ("<svg/>", 'M0 0" onload="x', "url(#a)", "M0 0;}"):
        with pytest.raises(rules.Faulty):
            rules.read_mark(drawn)


def test_the_host_says_whose_pages_these_are(settings):
    make_bank()
    client = Client()
    assert client.get("/livez", headers={"host": "fjord.localhost"}).wsgi_request.brand.code == "main"
    for host, code in (("fjord.localhost:9", "bank"), ("localhost", "main"), ("127.0.0.1", "main")):
        assert client.get("/sign-in", headers={"host": host}).wsgi_request.brand.code == code


def test_a_live_installation_accepts_the_hosts_of_its_brands_and_refuses_strangers(settings):
    from brands.hosts import Hosts

    make_bank()
    settings.ALLOWED_HOSTS = Hosts(["pay.example.com"])
    client = Client(raise_request_exception=False)
    answers = {
        host: client.get("/api/v1/nothing", headers={"host": host}).status_code
        for host in ("pay.example.com", "fjord.localhost", "x.example")
    }
    assert answers == {"pay.example.com": 404, "fjord.localhost": 404, "x.example": 400}


def test_a_command_makes_changes_and_lists_brands(capsys):
    from django.core.management import CommandError, call_command

    told = [f"{name}={value}" for name, value in BANK.items() if name not in {"code", "texts"}]
    call_command("brand", "bank", set=told, tagline=["en=Pay calmly"])
    call_command("brand", "bank", set=["name=Fjord"])
    call_command("brand")
    assert "bank             http://fjord.localhost:8000" in capsys.readouterr().out
    assert (queries.get_brand("bank").name, queries.get_brand("bank").tagline) == ("Fjord", "Pay calmly")
    with pytest.raises(CommandError, match="domain: Write the host name alone"):
        call_command("brand", "bank", set=["domain=https://x"])
    with pytest.raises(CommandError, match="no field size"):
        call_command("brand", "bank", set=["size=1"])
    assert queries.get_brand("bank").domain == "fjord.localhost"
