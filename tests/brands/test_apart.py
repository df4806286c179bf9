"""Two brands of one installation know nothing of each other, except that a person's limit counts what they owe to both."""

import uuid
from html import unescape

import pytest
from django.test import Client

from accounts.models import Consumer
from accounts.queries import find_consumer
from accounts.services import get_or_create_consumer
from brands.queries import get_brand
from brands.services import change_brand
from checkout.services import CheckoutDraft, capture_order, identify, open_checkout
from checkout.services.histories import history_of
from collection.services.due import charge_plan_now
from core import providers
from core.clock import now
from core.errors import NotFound
from core.models import OutboxEvent
from core.money import Money
from core.providers import Capability
from credit.events import LimitChanged, LimitLowered
from credit.models import CreditLine, LimitChange
from credit.queries import list_spending
from credit.services import decide
from merchants.queries import list_memberships
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from notifications.services.mails import _mail
from notifications.services.queueing import queue_for_consumer, queue_for_users
from payments import gateways
from payments.gateways.base import Cards
from payments.models import Charge
from payments.queries import load_charges
from payments.ruling import route
from payments.speaking import speaker_of, statement_name
from plans.states import InstallmentStatus
from portals import sessions
from tests.brands.cast import BANK, HOST, make_bank
from tests.owner import unguarded
from tests.shops import join_team, make_key, open_shop

pytestmark = pytest.mark.django_db
ANNA = "anna@people.example"


@pytest.fixture
def bank(settings):
    settings.BASE_URL = "http://localhost:8000"
    return make_bank()


@pytest.fixture
def shops(bank):
    return open_shop(name="Ours"), open_shop(name="Theirs", market="DK", brand="bank")


def consumer_of(brand: str, market) -> Consumer:
    return get_or_create_consumer(channel="email", destination=ANNA, market=market, at=now(), brand=brand)


def signed_in(consumer: Consumer) -> Client:
    client = Client()
    session = client.session
    session[sessions.CONSUMER] = consumer.public_id
    session.save()
    client.cookies["bnpl_session"] = session.session_key
    return client


def test_a_contact_is_another_consumer_in_each_brand(shops):
    ours, theirs = (consumer_of(shop.brand_id, shop.market) for shop in shops)
    assert (ours.pk != theirs.pk, ours.brand_id, theirs.brand_id) == (True, "main", "bank")
    assert find_consumer(channel="email", destination=ANNA) == ours
    assert find_consumer(channel="email", destination=ANNA, brand="bank") == theirs
    assert consumer_of("bank", shops[1].market) == theirs


def test_a_session_holds_on_its_brands_host_only(shops):
    ours, theirs = (consumer_of(shop.brand_id, shop.market) for shop in shops)
    for consumer, home, away in ((ours, "localhost", HOST), (theirs, HOST, "localhost")):
        assert signed_in(consumer).get("/home", headers={"host": home}).status_code == 200
        answer = signed_in(consumer).get("/home", headers={"host": away})
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in")


def test_a_code_of_one_brand_opens_no_door_of_the_other(shops, sandbox_world):
    for asked, typed, signs_in in (("localhost", HOST, False), (HOST, "localhost", False), (HOST, HOST, True)):
        client, told = Client(), f"{uuid.uuid4().hex}@people.example"
        for shop in shops:
            get_or_create_consumer(channel="email", destination=told, market=shop.market, at=now(), brand=shop.brand_id)
        assert client.post("/sign-in", {"contact": told}, headers={"host": asked})["Location"].startswith("/sign-in/code")
        client.post("/sign-in/code", {"code": "111111"}, headers={"host": typed})
        assert (sessions.CONSUMER in client.session) == signs_in


def test_a_checkout_is_not_there_at_another_brands_host_and_takes_none_of_its_consumers(shops):
    ours, theirs = shops
    checkout = open_checkout(merchant=theirs, draft=CheckoutDraft(**_draft(theirs)), at=now())
    client = Client()
    assert client.get(f"/checkout/{checkout.public_id}", headers={"host": HOST}).status_code == 200
    assert client.get(f"/checkout/{checkout.public_id}", headers={"host": "localhost"}).status_code == 404
    with pytest.raises(NotFound):
        identify(checkout_id=checkout.id, consumer=consumer_of("main", ours.market), at=now())
    checkout.refresh_from_db()
    assert checkout.consumer_id is None


def _draft(shop):
    urls = {"confirmation": "https://shop.example/done", "cancel": "https://shop.example/"}
    return {"amount": Money(22_900, shop.currency), "merchant_reference": "one", "urls": urls}


def test_a_key_works_at_its_brands_host_only(shops):
    for shop, home, away in ((shops[0], "localhost", HOST), (shops[1], HOST, "localhost")):
        key = {"Authorization": f"Bearer {make_key(shop)}"}
        assert Client().get("/api/v1/orders", headers={**key, "host": home}).status_code == 200
        refused = Client().get("/api/v1/orders", headers={**key, "host": away})
        assert (refused.status_code, refused.json()["code"]) == (401, "key_not_valid")


def test_a_team_works_at_its_brands_host_only(shops):
    user = join_team(shops[1], "team@shop.example", "owner").user
    assert list_memberships(user, "main") == []
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/merchant/", headers={"host": HOST}).status_code == 200
    assert client.get("/merchant/", headers={"host": "localhost"}).status_code == 403


def test_letters_speak_as_the_readers_brand(shops):
    for shop, other in (shops, shops[::-1]):
        speaker, stranger = get_brand(shop.brand_id), get_brand(other.brand_id)
        consumer = consumer_of(shop.brand_id, shop.market)
        user = join_team(shop, f"{shop.brand_id}@shop.example", "owner").user
        queue_for_consumer(
            consumer=consumer, kind="identity_refused", subject=consumer.public_id, context={"decision": "", "order": ""}, at=now()
        )
        queue_for_users(
            users=[user], kind="shop_reopened", subject="x", context={"merchant": shop.public_id}, at=now(), brand=shop.brand_id
        )
        sent = [one for one in Message.objects.filter(channel="email") if one.consumer == consumer or one.user == user]
        assert len(sent) == 2
        for message in sent:
            named = load_named([message])
            mail, letter = _mail(message, named, ()), compose_letter(message, named)
            assert mail.from_email == f"{speaker.name} <{speaker.mail_address}>"
            for text in (letter.text, letter.html):
                assert " · ".join(speaker.legal_lines) in unescape(text)
                assert speaker.base_url in text
                assert not any(name.lower() in text.lower() for name in (stranger.name, stranger.mail_address, stranger.support_email))


@pytest.mark.parametrize("path", ["/", "/sign-in", "/merchant/sign-in", "/api/docs/", "/nowhere"])
def test_pages_name_their_own_brand_and_not_the_other(bank, path):
    for host, own, other in ((HOST, "Fjordbank", "kvart"), ("localhost", "kvart", "fjord")):
        text = Client().get(path, headers={"host": host}).content.decode()
        assert own in text
        assert other not in text.lower()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/merchant/sign-in", "/docs/"])
def test_the_foot_of_a_page_says_who_lends_under_whom_in_its_language(bank, path):
    texts = {"da": {"supervision": "Under tilsyn af Finanstilsynet", "legal": "Indskud er dækket."}}
    change_brand(code="bank", changes={"texts": texts}, actor="test", at=now())
    for language, said in (("en", BANK["supervision"]), ("da", "Under tilsyn af Finanstilsynet")):
        text = Client().get(path, headers={"host": HOST, "accept-language": language}).content.decode()
        assert "\u00a0· ".join([BANK["legal_name"], BANK["register_number"], BANK["address"], said]) in text
        assert ("Indskud er dækket." in text) == (language == "da")


def test_the_icon_is_the_brands_own_drawing(bank):
    drawn = {host: Client().get("/theme/1d4f91.svg", headers={"host": host}).content.decode() for host in (HOST, "localhost")}
    assert ("M0 12l9-12 9 12z" in drawn[HOST], "M0 12l9-12 9 12z" in drawn["localhost"]) == (True, False)


def test_one_person_who_buys_as_a_customer_of_both_has_one_exposure(shops, buy):
    ours, theirs = shops[0], open_shop(name="Across", brand="bank")
    email = "anna+approve@people.example"
    first, second = buy.whole(ours, 20_000, email=email), buy.whole(theirs, 15_000, email=email)
    one, other = Consumer.objects.get(pk=first.consumer_id), Consumer.objects.get(pk=second.consumer_id)
    assert (one.brand_id, other.brand_id) == ("main", "bank")
    assert one.holder_id == other.holder_id
    assert [line.used_minor for line in CreditLine.objects.filter(consumer__in=[one, other]).order_by("used_minor")] == [15_000, 20_000]
    for consumer, host, own, elsewhere in ((one, "localhost", first, second), (other, HOST, second, first)):
        assert [found.exposure_minor for found in list_spending(consumer, now().date(), of_brand_only=True)] == [35_000]
        name = get_brand("main" if consumer == other else "bank").name.lower()
        for path in ("/home", "/purchases", "/limit"):
            text = signed_in(consumer).get(path, headers={"host": host}).content.decode()
            assert (elsewhere.public_id in text, elsewhere.merchant.name in text, name in text.lower()) == (False, False, False)
        assert signed_in(consumer).get(f"/purchases/{own.public_id}", headers={"host": host}).status_code == 200
        assert signed_in(consumer).get(f"/purchases/{elsewhere.public_id}", headers={"host": host}).status_code == 404


def test_a_limit_in_a_currency_of_another_brand_alone_is_not_shown(shops):
    ours, theirs = (consumer_of(shop.brand_id, shop.market) for shop in shops)
    Consumer.objects.filter(pk=theirs.pk).update(person=ours)
    for consumer, currency in ((ours, "USD"), (Consumer.objects.get(pk=theirs.pk), "DKK")):
        amounts = {"limit_minor": 100_000, "order_limit_minor": 100_000, "used_minor": 50_000}
        with unguarded():
            CreditLine.objects.create(consumer=consumer, currency=currency, decided_at=now(), **amounts)
    theirs.refresh_from_db()
    [shown] = list_spending(theirs, now().date(), of_brand_only=True)
    assert shown.line.currency == "DKK"
    assert shown.exposure_minor > 50_000
    assert len(list_spending(theirs, now().date())) == 2


def test_a_problem_leads_to_its_own_brand_and_names_no_other(shops):
    for shop, host, other in ((shops[0], "localhost", "fjord"), (shops[1], HOST, "kvart")):
        speaker = get_brand(shop.brand_id)
        key = {"Authorization": f"Bearer {make_key(shop)}", "host": host}
        told = [Client().get("/api/v1/orders/ord_nothing", headers=key), Client().get("/api/v1/orders", headers={"host": host})]
        told += [Client().post("/api/v1/checkouts", {}, "application/json", headers=key), Client().get("/api/v1/nowhere", headers=key)]
        assert [answer.status_code for answer in told] == [404, 401, 422, 404]
        for answer in told:
            body = answer.json()
            assert body["type"].startswith(f"{speaker.base_url}/docs/integrate#")
            assert body["support"] == speaker.support_email
            assert other not in answer.content.decode().lower()
        page = Client().get("/docs/integrate", headers={"host": host}).content.decode()
        assert f'id="{told[0].json()["type"].partition("#")[2]}"' in page


def test_a_hold_and_its_charge_name_their_brand_on_the_statement(shops, buy):
    theirs = open_shop(name="Across", brand="bank")
    order = buy.whole(theirs, 20_000, email="anna+approve@people.example")
    reference = order.checkout.public_id
    assert [(held["status"], held["description"]) for held in gateway_holds(reference)] == [("held", "Fjordbank")]
    capture_order(order_id=order.id, merchant=theirs, amount_minor=20_000, actor="test", at=now())
    order.refresh_from_db()
    charge_plan_now(plan_id=order.plan_id, at=now())
    charges = Charge.objects.filter(reference=order.plan.public_id)
    assert [one.speaker for one in load_charges([charge.pk for charge in charges])] == [speaker_of("bank")]
    assert (speaker_of("bank").statement, speaker_of("bank").home) == ("Fjordbank", f"http://{HOST}:8000")
    [reported] = [one for one in gateway_charges() if one["reference"] == order.plan.public_id]
    assert reported["description"] == "Fjordbank"


def gateway_holds(reference):
    return gateways.connect("sandbox", Cards)._must("GET", f"/authorizations?reference={reference}")["data"]


def gateway_charges():
    return gateways.connect("sandbox", Cards)._must("GET", "/charges?limit=100")["data"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Fjordbank", "Fjordbank"), ("Bæk & Søn's", "Baek & Sons"), ("Größe*Bank der Länder und Städte", "GrosseBank der Lander")],
)
def test_a_name_is_written_as_statements_can_show_it(name, shown):
    assert statement_name(name) == shown


def account_of(brand: str, *capabilities: Capability) -> providers.Account:
    code = f"{brand or 'shared'}-account"
    return providers.Account(code=code, provider="sandbox", capabilities=frozenset(capabilities), brand=brand, priority=1)


def test_an_account_of_a_brand_is_used_for_it_and_one_of_none_for_all_others(shops):
    asked = (Capability.CARDS, Capability.PULLS, Capability.PAYOUTS)
    providers.keep([account_of("bank", *asked), account_of("", *asked)])
    for capability in asked:
        told = {"subject": "x", "amount": Money(1, "DKK"), "market": "DK", "at": now()}
        found = [route(capability, brand=brand, **told).account for brand in ("bank", "main")]
        assert found == ["bank-account", "shared-account"]
    assert {account.code for account in providers.in_use(Capability.CARDS)} >= {"bank-account", "shared-account"}


def test_cards_identity_reports_and_codes_are_asked_of_the_accounts_of_the_brand(shops, buy, monkeypatch):
    asked = []
    for module, name in ((gateways.providers, "first"), (gateways.providers, "in_order")):
        whole = getattr(module, name)

        def note(capability, whole=whole, **how):
            asked.append((capability, how.get("brand", "")))
            return whole(capability, **how)

        monkeypatch.setattr(module, name, note)
    buy.whole(open_shop(name="Across", brand="bank"), 20_000, email="anna+approve@people.example")
    wanted = {Capability.CARDS, Capability.IDENTITY, Capability.BUREAU}
    assert {(capability, "bank") for capability in wanted} <= set(asked)
    assert {brand for capability, brand in asked if capability in wanted} == {"bank"}
    asked.clear()
    Client().post("/sign-in", {"contact": "bo@people.example"}, headers={"host": HOST})
    assert (Capability.CODES, "bank") in asked


@pytest.fixture
def both(shops, buy):
    """One person as a customer of both brands, with a purchase in each."""
    email = "anna+approve@people.example"
    first, second = buy.whole(shops[0], 20_000, email=email), buy.whole(open_shop(name="Across", brand="bank"), 15_000, email=email)
    return Consumer.objects.get(pk=first.consumer_id), Consumer.objects.get(pk=second.consumer_id), first, second


def changes_told(consumer) -> int:
    return OutboxEvent.objects.filter(name__in=(LimitChanged.NAME, LimitLowered.NAME), payload__consumer=consumer.public_id).count()


def test_a_limit_that_moves_by_a_purchase_with_one_brand_is_not_told_in_the_other(both, buy):
    one, other, _first, _second = both
    line = CreditLine.objects.get(consumer=one)
    with unguarded():
        CreditLine.objects.filter(consumer__in=[one, other]).update(limit_minor=line.limit_minor + 5_000)
    told = {consumer: changes_told(consumer) for consumer in (one, other)}
    decide(consumer=other, reference="chk_again", amount=Money(1_000, line.currency), at=now())
    assert {consumer: changes_told(consumer) - count for consumer, count in told.items()} == {one: 0, other: 1}
    moved = {change.line.consumer_id: change.reason for change in LimitChange.objects.filter(before_minor=line.limit_minor + 5_000)}
    assert (moved[one.pk], moved[other.pk]) == ("looked_again", "file_weakened")
    page = signed_in(one).get("/limit", headers={"host": "localhost"}).content.decode()
    assert "We looked at your limit again" in page
    assert "latest application" not in page


def test_what_is_late_with_one_brand_refuses_in_the_other_without_naming_it(both):
    one, other, first, _second = both
    late(first)
    for consumer, code, says in ((one, "overdue_with_us", True), (other, "overdue_elsewhere", False)):
        history, elsewhere = history_of(consumer)
        decision = decide(
            consumer=consumer, reference=f"chk_{code}", amount=Money(1_000, "USD"), history=history, elsewhere=elsewhere, at=now()
        )
        assert (decision.outcome, decision.reasons[0]) == ("decline", code)
        host = HOST if consumer == other else "localhost"
        page = signed_in(consumer).get("/limit", headers={"host": host}).content.decode()
        assert ("An installment of an earlier purchase is overdue." in page) == says
        assert ("New purchases wait until" in page) == says
        assert ("A payment on other credit of yours is overdue." in page) != says
        assert first.merchant.name not in page or consumer == one


def late(order):
    """Make an installment of an order overdue."""
    capture_order(order_id=order.id, merchant=order.merchant, amount_minor=order.amount_minor, actor="test", at=now())
    order.refresh_from_db()
    with unguarded():
        order.plan.installments.filter(number=2).update(status=InstallmentStatus.OVERDUE)
