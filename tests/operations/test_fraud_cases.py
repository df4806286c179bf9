"""The fraud desk: attempts that need eyes come to a queue, each with its evidence, and are labeled with one click."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Look
from controls.models import AuditRow
from core.ids import public_id, uuid7
from core.money import Money
from fraud import network
from fraud.models import Assessment, FraudCase, Label
from fraud.network.services import put_label
from fraud.network.services.labeling import Sale
from fraud.services import prove
from fraud.states import LabelSource, LinkKind, Verdict
from payments.models import CardSetup, PaymentMethod
from tests.cast import NOW
from tests.fraud.cases import keep_attempt
from tests.operations.test_fraud_desk import people
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
LIST = reverse("admin:fraud_fraudcase_changelist")


@pytest.fixture
def fay(client):
    """A fraud analyst, signed in with this test's browser."""
    user = make_operator("fay@kvart.example", name="Fay Analyst", may=["view_fraudcase", "put_label", "view_person", "view_consumer"])
    client.force_login(user)
    return user


@pytest.fixture
def case(merchant) -> FraudCase:
    return keep_attempt(people(1)[0], merchant, Verdict.BLOCK, rules=["card-testing"], signals={"device_cards_1d": 6})


def page(case, act="change") -> str:
    return reverse(f"admin:fraud_fraudcase_{act}", args=[case.pk])


def say(client, case, word, once="the-same-form-of-a-page", **more):
    return client.post(page(case, "label"), {"label": word, "once": once, **more}, follow=True).content.decode()


def listed(client, **query) -> list[str]:
    return [str(row.pk) for row in client.get(LIST, query).context["cl"].result_list]


def test_what_needs_eyes_is_a_case_and_what_does_not_is_none(merchant):
    one = people(1)[0]
    made = [keep_attempt(one, merchant, verdict) for verdict in (Verdict.HOLD, Verdict.BLOCK, Verdict.STEP_UP)]
    assert keep_attempt(one, merchant, Verdict.ALLOW) is None
    assert keep_attempt(one, merchant, Verdict.ALLOW, signals={"model_risk": 0.29}) is None
    risky = keep_attempt(one, merchant, Verdict.ALLOW, signals={"model_risk": 0.3})
    assert set(FraudCase.objects.all()) == {*made, risky}
    prove(assessment_id=made[2].pk, at=NOW)
    assert set(FraudCase.objects.all()) == {made[0], made[1], risky}
    assert Assessment.objects.get(pk=made[2].pk).proved_at == NOW


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([], "The bank did not confirm the card."),
        ([""], "The bank was asked, and the person has not confirmed the card there."),
        (["", "refused"], "The bank refused to confirm the card."),
    ],
)
def test_a_case_says_what_the_bank_said(merchant, client, fay, answers, told):
    one = people(1)[0]
    asked = keep_attempt(one, merchant, Verdict.CONFIRM, rules=["two-on-a-card"])
    card = PaymentMethod.objects.create(consumer=one, gateway="sandbox", token="pm_1", shown={"last4": "1111"}, created_at=NOW)
    for number, answer in enumerate(answers):
        about = {"consumer": one, "checks": card, "reference": asked.subject, "answer": answer}
        CardSetup.objects.create(**about, gateway="sandbox", gateway_ref=f"seti_{number}", return_path="/", created_at=NOW)
    assert told in client.get(page(asked)).content.decode()


def test_a_case_shows_every_signal_in_words_and_who_shares_what(case, client, fay):
    other = people(1)[0]
    for who in (case.consumer, other):
        network.link(consumer_id=who.pk, things=[(LinkKind.DEVICE, "1" * 32)], at=NOW)
    text = client.get(page(case)).content.decode()
    for said in ("Cards on the device within a day", "Refuse", "$89.00", "None was made", other.name, "Device 1", page(case, "network")):
        assert said in text, said
    assert set(Look.objects.values_list("consumer_id", "page")) == {(who.pk, "fraud_case") for who in (case.consumer, other)}
    assert "Back to the case" in client.get(page(case, "network")).content.decode()


def test_one_click_labels_once_and_is_taken_back_with_its_history(case, client, fay):
    text = say(client, case, "fraud")
    assert "Labeled." in text
    say(client, case, "fraud")
    case.refresh_from_db()
    kept = Label.objects.get()
    assert (kept.is_fraud, kept.order, kept.amount_minor, kept.actor) == (True, case.subject, 8_900, str(fay.pk))
    assert (case.label, case.labeled_at) == ("fraud", kept.at)
    assert network.standing(case.consumer.holder_id).steps == 0
    text = say(client, case, "undo", once="another-form-of-the-page")
    case.refresh_from_db()
    assert (case.label, case.labeled_at) == ("", None)
    assert "ended by Fay Analyst" in text
    assert network.standing(case.consumer.holder_id).steps is None
    acts = AuditRow.objects.filter(act__startswith="fraud.label", actor=str(fay.pk)).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["fraud.labeled_fraud", "fraud.label_ended"]


def test_who_may_only_look_labels_nothing_and_reads_no_name(case, client):
    client.force_login(make_operator("vera@kvart.example", may=["view_fraudcase"]))
    text = client.get(page(case)).content.decode()
    assert (page(case, "label") in text, case.consumer.name in text, case.consumer.public_id in text) == (False, False, True)
    assert client.get(page(case, "network")).status_code == 403
    assert "You may not do this." in say(client, case, "fraud")
    assert not Label.objects.exists()
    client.force_login(make_operator("otto@kvart.example", may=["put_label"]))
    assert {client.get(path).status_code for path in (LIST, page(case))} == {403}


def test_a_banks_label_of_the_order_reaches_every_case_of_its_checkout(merchant):
    one = people(1)[0]
    before = keep_attempt(one, merchant, Verdict.STEP_UP, subject="chk_one")
    held = keep_attempt(one, merchant, Verdict.HOLD, subject="chk_one", order="ord_one")
    other = keep_attempt(one, merchant, Verdict.HOLD, subject="chk_two", order="ord_two")
    sale = Sale("ord_one", merchant.public_id, Money(8_900, "USD"))
    put_label(consumer_id=one.pk, is_fraud=True, source=LabelSource.CHARGEBACK, actor="dispute:d", reason="fraud", sale=sale, at=NOW)
    assert {row.pk: row.label for row in FraudCase.objects.all()} == {before.pk: "fraud", held.pk: "fraud", other.pk: ""}


def test_cases_are_found_by_each_filter(merchant, client, fay):
    from controls.services.shipping import ship_rules

    ship_rules()
    one, two = people(2)
    cards = keep_attempt(one, merchant, Verdict.BLOCK, rules=["card-testing"], amount_minor=10_000)
    held = keep_attempt(two, merchant, Verdict.HOLD, rules=["reseller", "known-fraud"], amount_minor=90_000)
    say(client, cards, "fraud")
    every = [str(held.pk), str(cards.pk)]
    assert listed(client) == every
    assert listed(client, label="open") == [str(held.pk)]
    assert listed(client, label="fraud") == [str(cards.pk)]
    assert listed(client, verdict__exact="block") == [str(cards.pk)]
    assert listed(client, rule="known-fraud") == [str(held.pk)]
    assert listed(client, signal="resold_pieces") == [str(held.pk)]
    assert listed(client, signal="device_cards_1d") == [str(cards.pk)]
    assert listed(client, shop=merchant.name[:4].lower()) == every
    assert listed(client, shop="Nobody") == []
    assert listed(client, amount_from="500") == [str(held.pk)]
    assert listed(client, most_valuable="USD") == [str(held.pk), str(cards.pk)]
    assert listed(client, most_valuable="DKK") == []
    assert listed(client, q=cards.subject) == [str(cards.pk)]
    text = client.get(LIST).content.decode()
    assert "Many cards from one device" in text


def test_pages_of_the_most_valuable_follow_one_another_and_cost_no_more(merchant, client, fay, monkeypatch):
    from operations.fraud.admin import CasePages

    monkeypatch.setattr(CasePages, "list_per_page", 2)
    one = people(1)[0]
    made = [keep_attempt(one, merchant, Verdict.HOLD, amount_minor=minor) for minor in (100, 300, 200, 300, 50)]
    first = client.get(LIST, {"most_valuable": "USD"}).context["cl"]
    second = client.get(LIST + first.older).context["cl"]
    third = client.get(LIST + second.older).context["cl"]
    seen = [row.pk for shown in (first, second, third) for row in shown.result_list]
    assert seen == [made[place].pk for place in (3, 1, 2, 0, 4)]
    assert [row.pk for row in client.get(LIST + third.newer).context["cl"].result_list] == [made[2].pk, made[0].pk]

    def count(path) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return len([one for one in asked if "core_clockoffset" not in one["sql"] and "accounts_look" not in one["sql"]])

    count(LIST)
    lists, pages = count(LIST), count(page(made[0]))
    monkeypatch.setattr(CasePages, "list_per_page", 50)
    for minor in range(8):
        keep_attempt(one, merchant, Verdict.BLOCK, amount_minor=minor + 1)
    assert (count(LIST), count(page(made[0]))) == (lists, pages)


def test_a_label_moves_the_figures_at_once_and_they_cost_no_more(merchant, client, fay):
    from core import clock
    from operations.fraud.figures import figures_of

    now, path = clock.now(), reverse("admin:fraud_fraudcase_figures")
    one = people(1)[0]
    first = keep_attempt(one, merchant, Verdict.BLOCK, rules=["card-testing"], at=now)
    earlier = now - timedelta(minutes=1)
    second = keep_attempt(one, merchant, Verdict.HOLD, rules=["card-testing", "reseller"], at=earlier, amount_minor=500)
    keep_attempt(one, merchant, Verdict.BLOCK, rules=["reseller"], at=now, subject=second.subject, amount_minor=500)
    went_on = public_id("ord", uuid7())
    keep_attempt(one, merchant, Verdict.ALLOW, at=now, order=went_on)
    before = figures_of(now)["whole"]
    assert (before.stopped, before.precision, before.caught, before.hours) == (2, "–", "–", None)
    say(client, first, "fraud")
    say(client, second, "honest", once="another-form-of-the-page")
    sale = Sale(went_on, merchant.public_id, Money(8_900, "USD"))
    put_label(consumer_id=one.pk, is_fraud=True, source=LabelSource.CHARGEBACK, actor="dispute:d", reason="fraud", sale=sale, at=now)
    told = figures_of(clock.now())
    whole, rules = told["whole"], {name: tally for name, tally, _link in told["rules"]}
    assert (whole.fraud, whole.honest, whole.missed, dict(whole.saved)) == (1, 1, 1, {"USD": 8_900})
    assert (whole.precision, whole.caught) == ("50%", "50%")
    assert {name: (tally.stopped, tally.fraud, tally.honest) for name, tally in rules.items()} == {
        "Many cards from one device": (1, 1, 0),
        "Many pieces that are easily resold": (1, 0, 1),
    }
    assert [tally.stopped for _week, tally, _link in told["weeks"]] == [2, *[0] * 11]

    ((shop, tally, link),) = told["shops"]
    assert (shop, tally.stopped, tally.fraud, tally.honest) == (merchant.name, 2, 1, 1)
    assert len(client.get(LIST + link).context["cl"].result_list) == 3

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert "$89.00" in client.get(path).content.decode()
        return len([one for one in asked if "core_clockoffset" not in one["sql"]])

    count()
    few = count()
    for _n in range(5):
        keep_attempt(one, merchant, Verdict.HOLD, rules=["reseller"], at=now)
    assert count() == few
    assert path in client.get(LIST).content.decode()


def test_the_desk_speaks_danish(case, client, fay):
    text = client.get(page(case), headers={"Accept-Language": "da"}).content.decode()
    assert "Afvis" in text
    assert "Bedrageri" in text or "Svindel" in text
