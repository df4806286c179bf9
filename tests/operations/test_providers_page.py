"""Operators see how every provider does, type in keys that nobody sees again, and try what could not be told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.gateways import identity_provider, identity_provider_of
from accounts.models import User
from controls.errors import OnePerson
from controls.models import Proposal
from controls.provider_keys import seal
from controls.services import approve_proposal, propose
from core import provider_calls, providers, relay
from core.clock import now, wall
from core.crypto import Erased
from core.db import unit
from core.errors import Invalid
from core.models import Delivery, OutboxEvent, ProviderAccount
from core.outbox import all_later, append
from core.provider_accounts import save_account, try_account
from core.providers import Capability, Place
from operations.undelivered import PARTS, part_of
from payments.models import EventReading
from plans.events import PlanCompleted
from tests.brands.cast import make_bank
from tests.cast import merchant  # noqa: F401  (a fixture)
from tests.live.outside import Services, services
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db
LIST = "/admin/core/provideraccount/"
ADD = f"{LIST}add/?provider=stripe"
FORM = {
    "code": "stripe-dk",
    "capabilities": ["cards", "payouts"],
    "market": "",
    "priority": "10",
    "active": "on",
    "value_secret_key": "sk_test_typed",
    "value_webhook_secret": "whsec_typed",
}

KEYS = {"secret_key": "sk_test_typed", "webhook_secret": "whsec_typed"}


@pytest.fixture(autouse=True)
def stripe_that_answers(sandbox_world, monkeypatch):
    monkeypatch.setitem(FORM, "value_api_base", f"{sandbox_world}/stripe")


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


@pytest.fixture
def clerk(client):
    client.force_login(make_operator("clerk@kvart.example", "demo-password", name="Cleo Clerk"))
    return client


def test_the_page_tells_how_each_account_does(boss):
    provider_calls.forget()
    for ms in (100, 300):
        provider_calls.note("sandbox", ms=ms)
    provider_calls.note("sandbox-sms", ms=10, error="AuthenticationError 401")
    provider_calls.write_now()
    page = boss.get(LIST).content.decode()
    for text in ("Sandbox card gateway", "100 %", "200 ms in the mean, 300 ms at most", "The provider refuses the keys.", "Not asked"):
        assert text in page


def test_the_page_tells_how_far_the_list_of_events_of_a_gateway_is_read(boss):
    assert "No list" in boss.get(LIST).content.decode()
    until = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    about = {"gateway": "sandbox", "read_until": until, "since": until, "next_at": until}
    reading = EventReading.objects.create(**about, failed_at=wall() - timedelta(minutes=2), error="GatewayUnavailable")
    page = " ".join(boss.get(LIST).content.decode().replace("\xa0", " ").split())
    assert "Never</span>" in page
    assert "A server or provider did not answer in time. (GatewayUnavailable, 2 minutes ago)" in page
    EventReading.objects.filter(pk=reading.pk).update(read_at=wall() - timedelta(minutes=3), found=4, error="")
    page = " ".join(boss.get(LIST).content.decode().replace("\xa0", " ").split())
    assert "3 minutes ago" in page
    assert "up to Nov 22, 2026 09:30 UTC, 4 found" in page
    assert "GatewayUnavailable" not in page


def test_as_many_queries_however_many_accounts_there_are(boss):
    def count() -> int:
        boss.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            boss.get(LIST)
        return len(asked)

    few = count()
    for number in range(5):
        boss.post(ADD, FORM | {"code": f"stripe-{number}"})
    assert count() == few


def test_an_account_is_typed_in_used_at_once_and_its_keys_are_shown_to_nobody(boss):
    assert boss.post(ADD, FORM).status_code == 302
    row = ProviderAccount.objects.get()
    assert (row.code, row.priority, row.values["secret_key"]) == ("stripe-dk", 10, "sk_test_typed")
    assert providers.first(Capability.CARDS).code == "stripe-dk"
    assert providers.first(Capability.REPORTS).code == "sandbox"
    for page in (LIST, f"{LIST}{row.pk}/change/"):
        shown = boss.get(page).content.decode()
        assert "stripe-dk" in shown
        assert "sk_test_typed" not in shown
        assert "whsec_typed" not in shown
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_provideraccount")
        assert "sk_test_typed" not in str(cursor.fetchall())
        cursor.execute("SELECT change_message FROM django_admin_log")
        assert "sk_test_typed" not in str(cursor.fetchall())


def test_a_secret_that_is_left_empty_stays(boss):
    boss.post(ADD, FORM)
    row = ProviderAccount.objects.get()
    change = FORM | {"value_secret_key": "", "value_webhook_secret": "whsec_new", "active": ""}
    assert boss.post(f"{LIST}{row.pk}/change/", change).status_code == 302
    row.refresh_from_db()
    assert (row.values["secret_key"], row.values["webhook_secret"], row.active) == ("sk_test_typed", "whsec_new", False)
    assert "stripe-dk is saved, and out of use." in boss.get(LIST).content.decode()
    assert providers.first(Capability.CARDS).code == "sandbox"


@pytest.mark.parametrize("active", ["on", ""])
@pytest.mark.parametrize("provider", ["http-identity", "stripe"])
def test_a_key_that_is_kept_is_sent_to_no_other_address(boss, sandbox_world, monkeypatch, provider, active):
    """Otherwise an operator could send an account's hidden key to a server of their own, and read it there."""
    theirs, place = "https://collector.example/api", "api_base" if provider == "stripe" else "url"
    mine = {"url": "https://checks.example/v1", "key": "typed"} if provider != "stripe" else dict(KEYS, api_base=f"{sandbox_world}/stripe")
    capabilities = ["cards"] if provider == "stripe" else ["identity"]
    about = {"code": "mine", "provider": provider, "capabilities": capabilities, "market": "", "priority": 1, "active": False}
    row = save_account(**about, values=mine, actor="test", at=wall())
    asked = []
    monkeypatch.setattr("operations.admin.try_account", lambda **how: asked.append(try_account(**how)))
    form = {"code": "mine", "capabilities": capabilities, "priority": "1", "active": active, f"value_{place}": theirs}
    answer = boss.post(f"{LIST}{row.pk}/change/", form)
    kept = row.values
    row.refresh_from_db()
    assert (answer.status_code, row.values, asked) == (200, kept, [])
    assert set(answer.context["form"].errors) == {f"value_{name}" for name in mine if name != place}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "Stripe DK"}, "code"),
        ({"code": "sandbox"}, "code"),
        ({"capabilities": []}, "capabilities"),
        ({"value_secret_key": ""}, "value_secret_key"),
        ({"value_secret_key": "nonsense"}, "value_secret_key"),
        ({"value_webhook_secret": "x"}, "value_webhook_secret"),
        ({"value_api_base": "http://127.0.0.1:9"}, "active"),
        ({"priority": "-1"}, "priority"),
        ({"market": "XX"}, "market"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(boss, change, field):
    answer = boss.post(ADD, FORM | change)
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [field])
    assert ProviderAccount.objects.count() == 0
    assert "sk_test_typed" not in answer.content.decode()


def test_nobody_adds_what_does_not_exist_and_no_clerk_looks_at_it(boss, clerk, client):
    boss.force_login(User.objects.get(email="boss@kvart.example"))
    assert boss.get(f"{LIST}add/?provider=nobody").status_code == 404
    client.force_login(User.objects.get(email="clerk@kvart.example"))
    asked = [client.get(LIST), client.get(ADD), client.post(ADD, FORM), client.post(f"{LIST}sandbox/ask/")]
    assert [answer.status_code for answer in asked] == [403] * 4
    assert ProviderAccount.objects.count() == 0


def test_a_provider_is_asked_how_it_is(boss, sandbox_world):
    for code in ("sandbox", "sandbox-identity", "sandbox-bureau", "sandbox-codes", "sandbox-sms"):
        told = boss.post(f"{LIST}{code}/ask/", follow=True).content.decode()
        assert f"{code} answers, after" in told, told[:3000]
    boss.post(ADD, FORM | {"active": "", "value_api_base": "http://127.0.0.1:9"})
    told = boss.post(f"{LIST}stripe-dk/ask/", follow=True).content.decode()
    assert "stripe-dk does not work: it does not answer, or refuses the keys (APIConnectionError)." in told


def test_in_live_a_key_goes_to_the_provider_itself_only(settings):
    settings.SANDBOX = False
    given = {
        "code": "dk",
        "provider": "stripe",
        "capabilities": ["cards"],
        "market": "",
        "priority": 1,
        "active": False,
        "actor": "proposal:t",
    }
    values = {"secret_key": "sk_live_x", "webhook_secret": "whsec_x"}
    for base in ("http://127.0.0.1:5432", "https://elsewhere.example"):
        with pytest.raises(Invalid) as error:
            save_account(values=values | {"api_base": base}, at=wall(), **given)
        assert error.value.fields == {"api_base": "a live installation asks the provider itself"}
    bureau = given | {"provider": "http-identity", "capabilities": ["identity"]}
    with pytest.raises(Invalid) as error:
        save_account(values={"url": "http://kyc.example", "key": "k"}, at=wall(), **bureau)
    assert error.value.fields == {"url": "a key is sent there: https"}
    assert ProviderAccount.objects.count() == 0


@pytest.fixture
def live(settings):
    """An installation where two people agree on keys; a rehearsal, whose stand-ins can be asked."""
    settings.SANDBOX, settings.REHEARSAL = False, True


def test_in_live_one_types_keys_and_another_agrees_without_seeing_them(boss, live, sandbox_world):
    assert "This field is required" in boss.post(ADD, FORM).content.decode()
    for _twice in range(2):
        boss.post(ADD, FORM | {"why": "A new contract"})
    made = Proposal.objects.get()
    assert (ProviderAccount.objects.count(), made.reason, "sk_test" in str(made.after)) == (0, "A new contract", False)
    told = boss.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    assert ("Typed in, and shown to nobody" in told, "sk_test" in told, made.after["sealed"] in told) == (True, False, False)
    one, other = User.objects.get(email="boss@kvart.example"), make_boss("other@kvart.example")
    with pytest.raises(OnePerson):
        approve_proposal(proposal_id=made.pk, user=one, at=now())
    approve_proposal(proposal_id=made.pk, user=other, at=now())
    row = ProviderAccount.objects.get()
    assert (row.code, row.values["secret_key"], row.changed_by) == ("stripe-dk", "sk_test_typed", f"proposal:{made.public_id}")
    assert row.active is True


def test_in_live_keys_that_do_not_work_are_not_even_proposed(boss, live):
    answer = boss.post(ADD, FORM | {"why": "x", "value_api_base": "http://127.0.0.1:9"})
    assert "It does not work with these keys" in answer.content.decode()
    assert Proposal.objects.count() == 0


def test_in_live_a_secret_that_is_not_typed_again_stays(boss, live):
    other = make_boss("other@kvart.example")

    def agree(address, form):
        boss.post(address, form | {"why": "x"})
        return approve_proposal(proposal_id=Proposal.objects.get(status="proposed").pk, user=other, at=now())

    agree(ADD, FORM)
    row = ProviderAccount.objects.get()
    agree(f"{LIST}{row.pk}/change/", FORM | {"value_secret_key": "", "value_webhook_secret": "", "priority": "20"})
    row.refresh_from_db()
    assert (row.priority, row.values["secret_key"], row.values["webhook_secret"]) == (20, "sk_test_typed", "whsec_typed")


def test_sealed_keys_open_for_their_own_account_alone(live):
    after = {"provider": "stripe", "capabilities": ["cards"], "market": "", "currency": "", "brand": "", "countries": None}
    after |= {"priority": 1, "active": False, "sealed": seal("other", KEYS)}
    told = {"kind": "core.provider_account", "subject": "stripe-dk", "after": after, "reason": "x", "starts_on": None}
    with pytest.raises(Invalid, match="cannot be read"):
        propose(**told, user=make_boss("boss@kvart.example"), at=now())


def test_a_rehearsal_asks_stand_ins_only_and_a_service_beside_it_plainly(settings):
    settings.SANDBOX, settings.REHEARSAL = False, True
    given = {"market": "", "priority": 1, "active": False, "actor": "proposal:t", "at": wall()}
    stripe = {"code": "dk", "provider": "stripe", "capabilities": ["cards"], **given}
    values = {"secret_key": "sk_test_x", "webhook_secret": "whsec_x"}
    with pytest.raises(Invalid) as error:
        save_account(values=values, **stripe)
    assert error.value.fields == {"api_base": "a rehearsal asks a stand-in"}
    assert save_account(values=values | {"api_base": "http://127.0.0.1:8002/stripe"}, **stripe).values["api_base"].endswith("/stripe")
    kyc = {"code": "kyc", "provider": "http-identity", "capabilities": ["identity"], **given}
    assert save_account(values={"url": "http://translator:8080/v1", "key": "k"}, **kyc).values["key"] == "k"


def test_without_a_provider_it_leads_to_the_choice(boss):
    assert boss.get(f"{LIST}add/")["Location"] == f"{LIST}#add"


@pytest.fixture
def dead(at):
    """Something that could not be told 25 times."""
    with unit():
        append(PlanCompleted(plan="pln_x", reference="ord_x"), at=at)
    relay.relay_chunk()
    dead = Delivery.objects.filter(handler__startswith="notifications.").get()
    Delivery.objects.exclude(pk=dead.pk).update(done_at=wall())
    Delivery.objects.filter(pk=dead.pk).update(attempts=relay.MAX_ATTEMPTS, error="ValueError('no such plan')")
    return dead


def test_what_could_not_be_told_is_listed_explained_and_tried_again(boss, dead, monkeypatch):
    shown = boss.get("/admin/core/delivery/").content.decode()
    for text in ("A plan was completed", "Messages to people", "Given up", "pln_x"):
        assert text in shown
    page = boss.get(reverse("admin:core_delivery_change", args=[dead.pk])).content.decode()
    for text in (
        "no such plan",
        "25 tries failed",
        "The program failed on it",
        "Details for programmers",
        "Nothing more happens by itself",
    ):
        assert text in page.replace("&#x27;", "'")
    assert "<dt>Plan</dt><dd>pln_x</dd>" in page
    german = boss.get(reverse("admin:core_delivery_change", args=[dead.pk]), headers={"accept-language": "de"}).content.decode()
    for text in ("Ein Teil der Plattform hat nichts davon erfahren", "<dd>Nachrichten an Menschen</dd>", "<dt>Zahlungsplan</dt>"):
        assert text in german, text
    woken = []
    monkeypatch.setattr(relay, "wake", woken.extend)
    boss.post(reverse("admin:core_delivery_again", args=[dead.pk]))
    dead.refresh_from_db()
    assert (dead.attempts, woken) == (0, [(dead.pk, dead.handler)])
    assert boss.get(reverse("admin:core_delivery_change", args=[dead.pk])).status_code == 404
    assert OutboxEvent.objects.count() == 1


def test_every_part_that_hears_later_has_a_name():
    heard = set(all_later()[1])
    assert {one for one in heard if one not in PARTS and one.partition(".")[0] not in PARTS} == set()
    assert {one for one in PARTS if "." in one} <= heard
    assert (part_of("checkout.handlers.on_plan_moved"), part_of("webhooks.handlers.on_order")) == ("Customer classes", "Webhooks of shops")


def test_what_is_about_an_erased_person_is_closed_and_nothing_else_is(boss, dead):
    page, close = (reverse(f"admin:core_delivery_{name}", args=[dead.pk]) for name in ("change", "close"))
    assert close not in boss.get(page).content.decode()
    boss.post(close)
    dead.refresh_from_db()
    assert (dead.done_at, dead.attempts) == (None, relay.MAX_ATTEMPTS)
    Delivery.objects.filter(pk=dead.pk).update(error=repr(Erased()))
    shown = boss.get(page).content.decode()
    assert close in shown
    assert "Try again now" not in shown
    boss.post(close)
    dead.refresh_from_db()
    assert dead.done_at is not None
    assert boss.get(page).status_code == 404


def test_what_was_given_up_is_tried_again_together_but_for_erased_people(boss, dead, monkeypatch):
    listed, again = (reverse(f"admin:core_delivery_{name}") for name in ("changelist", "all_again"))
    assert again not in boss.get(listed).content.decode()
    Delivery.objects.exclude(pk=dead.pk).update(done_at=None, attempts=relay.MAX_ATTEMPTS, error="KeyError('x')")
    erased = Delivery.objects.exclude(pk=dead.pk).latest("id")
    Delivery.objects.filter(pk=erased.pk).update(error=repr(Erased()))
    most = Delivery.objects.count() - 1
    assert most > 1
    assert again in boss.get(listed).content.decode()
    woken = []
    monkeypatch.setattr(relay, "wake", woken.extend)
    answer = boss.post(again, follow=True).content.decode()
    assert f"{most} events are tried again now." in answer
    assert len(woken) == most
    assert list(Delivery.objects.filter(attempts__gt=0)) == [erased]


def test_a_clerk_tries_nothing_again(clerk, dead):
    assert clerk.get("/admin/core/delivery/").status_code == 403
    for name in ("again", "close"):
        assert clerk.post(reverse(f"admin:core_delivery_{name}", args=[dead.pk])).status_code == 403
    assert clerk.post(reverse("admin:core_delivery_all_again")).status_code == 403
    dead.refresh_from_db()
    assert dead.attempts == relay.MAX_ATTEMPTS


def test_an_account_of_a_brand_is_typed_in_and_shown_with_it(boss):
    make_bank()
    assert boss.post(ADD, FORM | {"brand": "nobody"}).status_code == 200
    assert not ProviderAccount.objects.exists()
    assert boss.post(ADD, FORM | {"brand": "bank"}).status_code == 302
    assert [account.code for account in providers.choose(Capability.CARDS, brand="bank")] == ["stripe-dk"]
    assert "stripe-dk" not in [account.code for account in providers.choose(Capability.CARDS, brand="main")]
    assert "All markets · Fjordbank" in boss.get(LIST).content.decode()


def test_a_provider_is_set_only_where_it_serves_market_and_currency(boss, monkeypatch):
    stripe = providers.get_provider("stripe")
    monkeypatch.setitem(providers._registered, "stripe", replace(stripe, countries=frozenset({"DK", "SE"}), currencies=frozenset({"DKK"})))
    for market, capabilities, told in (
        ("US", ["cards", "payouts"], "Stripe does not offer this in US in USD: Cards, Payouts to shops."),
        ("SE", ["cards"], "Stripe does not offer this in SE in SEK: Cards."),
        ("DK", ["cards", "pulls"], "Stripe does not offer this in DK in DKK: Debits of bank accounts."),
    ):
        answer = boss.post(ADD, FORM | {"market": market, "capabilities": capabilities})
        assert answer.context["form"].errors == {"market": [told]}
        assert ProviderAccount.objects.count() == 0
    assert boss.post(ADD, FORM | {"market": "DK", "capabilities": ["cards", "disputes"]}).status_code == 302
    assert ProviderAccount.objects.get().market == "DK"


def test_the_page_tells_what_a_provider_serves_and_where_nobody_is_asked(boss, merchant, monkeypatch, settings):  # noqa: F811
    boss.post(ADD, FORM)
    page = boss.get(LIST).content.decode()
    for text in ("All countries", "All currencies", "Countries: AE, AT, AU", "Cards, Payouts to shops: AED, AUD, BRL"):
        assert text in page
    assert "Nobody is asked" not in page
    settings.BUREAU = "nobody"
    page = boss.get(LIST).content.decode()
    assert "Credit reports: nobody is asked in US (USD)" in page
    assert "Debits of bank accounts: nobody" not in page


def test_who_serves_one_market_only_is_asked_there_alone(db):
    given = {"provider": "http-identity", "capabilities": ["identity"], "priority": 1, "active": True, "actor": "t", "at": wall()}
    save_account(code="kyc-dk", market="DK", currency="DKK", values={"url": "https://kyc.example", "key": "k"}, **given)
    assert identity_provider(market="DK").name == "kyc-dk"
    assert identity_provider(market="US").name == "sandbox"
    assert identity_provider_of("kyc-dk", market="US").name == "kyc-dk"
    assert identity_provider_of("gone", market="US").name == "sandbox"
    dk, us = Place("DK", "DKK"), Place("US", "USD")
    assert providers.list_missing(Capability.IDENTITY, [us, dk]) == []


HTTP = {
    "http-identity": {"capabilities": ["identity"]},
    "http-bureau": {
        "capabilities": ["bureau"],
        "value_name": "Bureau",
        "value_address": "1 Main Street",
        "value_phone": "+1 202-555-0100",
        "value_lowest_score": "300",
        "value_highest_score": "850",
    },
}


@pytest.fixture
def outside(monkeypatch):
    """A service that speaks the contracts of identity checks and credit reports, and says where it serves."""
    monkeypatch.setattr(Services, "countries", ["SE", "DK"])
    return f"http://127.0.0.1:{services()}"


@pytest.mark.parametrize("provider", HTTP)
def test_who_says_which_countries_it_serves_is_asked_there_alone(boss, outside, provider, monkeypatch):
    add, capability = f"{LIST}add/?provider={provider}", Capability(HTTP[provider]["capabilities"][0])
    given = {"code": "nordic", "priority": "10", "active": "on", "value_url": outside, "value_key": "outside-key", **HTTP[provider]}
    refused = boss.post(add, given | {"market": "US"})
    (told,) = refused.context["form"].errors["market"]
    assert told.endswith("says that it serves DK, SE only.")
    assert not ProviderAccount.objects.exists()
    assert boss.post(add, given | {"market": ""}).status_code == 302
    row = ProviderAccount.objects.get()
    assert row.countries == "DK SE"
    assert [providers.choose(capability, market=market)[0].code == "nordic" for market in ("DK", "SE", "US", "")] == [
        True,
        True,
        False,
        True,
    ]
    assert "Countries: DK, SE" in boss.get(LIST).content.decode()
    # The countries are asked for again when an account in use is saved; without that, the last answer stays.
    change = reverse("admin:core_provideraccount_change", args=[row.pk])
    monkeypatch.setattr(Services, "countries", [])
    assert boss.post(change, {**given, "value_key": "", "active": ""}).status_code == 302
    row.refresh_from_db()
    assert row.countries == "DK SE"
    assert boss.post(change, {**given, "value_key": ""}).status_code == 302
    row.refresh_from_db()
    assert row.countries == ""
    assert providers.choose(capability, market="US")[0].code == "nordic"


@pytest.mark.parametrize("told", [["Denmark"], "DK", [7], ["dk"], {"DK": 1}])
def test_countries_that_cannot_be_read_are_a_fault(boss, outside, monkeypatch, told):
    monkeypatch.setattr(Services, "countries", told)
    given = {
        "code": "nordic",
        "priority": "10",
        "active": "on",
        "value_url": outside,
        "value_key": "outside-key",
        "capabilities": ["identity"],
    }
    answer = boss.post(f"{LIST}add/?provider=http-identity", given)
    assert "It does not work with these keys" in answer.context["form"].errors["active"][0]
    assert not ProviderAccount.objects.exists()


def test_a_provider_that_does_not_know_the_question_says_nothing(boss, outside, monkeypatch):
    monkeypatch.setattr(Services, "countries", None)
    values = {"url": outside, "key": "outside-key"}
    assert try_account(code="nordic", provider="http-identity", values=values) == frozenset()
