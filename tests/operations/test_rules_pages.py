"""Rules in the back office: written with drop-downs, tables and points, tried, proposed by one person and agreed on by another."""

import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from checkout.texts import cause_text
from controls import services
from controls.models import Proposal, RuleCase, RuleTrial, RuleVersion
from controls.queries import find_rules, get_rules
from core.clock import now
from tests.api.counting import count_but_the_clock
from tests.controls.test_ruling import KIND, draft, publish, rule
from tests.controls.test_trying import case
from tests.operators import make_operator

BACKEND = "django.contrib.auth.backends.ModelBackend"
ONCE = "a-key-of-one-form-0123456789"

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules", "view_order"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules", "view_proposal"])


def enter(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def desk(rita):
    return enter(rita)


def door(act: str, *args: object) -> str:
    return reverse(f"admin:controls_rules{act}", args=args)


def given(**changes: str) -> dict[str, str]:
    return {
        "name": "Many phones",
        "market": "US",
        "brand": "",
        "merchant": "",
        "mode": "choices",
        "joined": "and",
        "test-fact-0": "most_pieces",
        "test-operator-0": "at_least",
        "test-value-0": "2",
        "test-fact-1": "amount",
        "test-operator-1": "above",
        "test-value-1": "1,000.50",
        "then-outcome": "hold",
        "then-reason": "resold",
        "priority": "10",
        "starts_on": "",
        "ends_on": "",
        "revision": "0",
        "once": ONCE,
        "do": "save",
    } | changes


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode().replace("\xa0", " "))


def test_a_rule_goes_from_drop_downs_to_holding_by_two_people(desk, paul, rita):
    assert door("", KIND) in text_of(desk.get(reverse("admin:controls_ruleversion_changelist")))
    page = desk.post(door("_start", KIND), {"once": "s" + ONCE}, follow=True)
    version = RuleVersion.objects.get(kind=KIND)
    assert (version.number, version.status, page.redirect_chain[-1][0]) == (1, "draft", door("_version", KIND, 1))
    assert desk.post(door("_start", KIND), {"once": "s" + ONCE}).url == door("_version", KIND, 1)
    assert RuleVersion.objects.filter(kind=KIND).count() == 1
    for _press in range(2):
        answer = desk.post(door("_new", KIND, 1, "rule"), given(), follow=True)
    version.refresh_from_db()
    (kept,) = version.content["rules"]
    assert (kept["when"], kept["scope"], kept["priority"]) == ("most_pieces >= 2 && amount > 1000.5", {"market": "US"}, 10)
    page = text_of(answer)
    assert "When the largest quantity of one item is at least 2 and the amount of the order is more than $1,000.50" in page
    assert "United States" in page
    assert "Hold for two people" in page
    words = text_of(desk.get(door("_propose", KIND, 1)))
    assert "Nobody has tried these rules on the past." in words
    for _press in range(2):
        desk.post(door("_propose", KIND, 1), {"reason": "Resale", "starts_on": "", "once": "p" + ONCE})
    proposal = Proposal.objects.get()
    other = enter(paul)
    assert door("_proposed", proposal.pk) in text_of(other.get(reverse("admin:controls_proposal_change", args=[proposal.pk])))
    assert "the largest quantity of one item is at least 2" in text_of(other.get(door("_proposed", proposal.pk)))
    seen = text_of(other.get(reverse("admin:controls_proposal_change", args=[proposal.pk])))
    assert "New rule: " in seen
    assert "the largest quantity of one item is at least 2" in seen
    assert "Fingerprint" not in seen
    decide = reverse("admin:controls_proposal_decide", args=[proposal.pk])
    other.post(decide, {"decision": "approve", "note": "", "confirmed": "1"})
    assert find_rules(KIND).number == 1
    assert "Version 1 holds" in text_of(other.get(door("", KIND)))


def test_the_builder_works_without_scripts(desk, rita):
    draft(rita)
    new = door("_new", KIND, 1, "rule")
    page = text_of(desk.post(new, given(do="add-test")))
    assert 'name="test-fact-2"' in page
    page = text_of(desk.post(new, given(do="drop-test-0")))
    assert ('name="test-fact-1"' in page, 'value="1,000.50"' in page) == (False, True)
    page = text_of(desk.post(new, given(do="as-text")))
    assert "most_pieces &gt;= 2 &amp;&amp; amount &gt; 1000.5</textarea>" in page
    text = {"mode": "text", "when": "most_pieces >= 2 || used > 0.5"}
    page = text_of(desk.post(new, given(do="as-choices", **text)))
    assert ('value="or" checked' in page, 'value="50"' in page) == (True, True)
    page = text_of(desk.post(new, given(do="as-choices", mode="text", when="most_pieces * 2 > pieces")))
    assert "Drop-downs cannot show this condition." in page
    assert "most_pieces * 2 &gt; pieces</textarea>" in page
    assert get_rules(KIND, 1).content["rules"] == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"test-value-0": "two"}, "Enter a number, such as 3."),
        ({"test-fact-0": ""}, "Choose a fact."),
        ({"test-operator-0": "contains"}, "Choose how “the largest quantity of one item” is compared."),
        ({"market": ""}, "has no meaning without a currency"),
        ({"name": ""}, "Give it a name of at most 120 characters."),
        ({"then-reason": ""}, "Choose a reason."),
        ({"then-outcome": "x"}, "Choose what follows."),
        ({"priority": "0"}, "Choose a whole number from 1"),
        ({"brand": "nobody"}, "Choose a brand, a market, a shop or a group that exists."),
        ({"merchant": "mer_x"}, "Choose a brand, a market, a shop or a group that exists."),
        ({"starts_on": "2026-02-30"}, "This is no date."),
        ({"starts_on": "2026-03-01", "ends_on": "2026-02-01"}, "It ends before it begins."),
        ({"mode": "text", "when": "most_pieces > 'two'"}, "does not go with"),
        (
            {"mode": "text", "when": "pieces > 1 &&\n  most_piece > 2"},
            "Line 2, character 3: There is no fact “most_piece”. Do you mean “most_pieces”?",
        ),
        ({"mode": "text", "when": "pieces +"}, "This cannot be read here."),
        ({"mode": "text", "when": "pieces + 1"}, "A condition must be true or false"),
        ({"mode": "text", "when": ""}, "Write a condition."),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(desk, rita, changes, told):
    draft(rita)
    assert told in text_of(desk.post(door("_new", KIND, 1, "rule"), given(revision="1", **changes)))
    assert get_rules(KIND, 1).content["rules"] == []


TABLE = {
    "name": "By plan",
    "column-fact-0": "plan",
    "column-operator-0": "one_of",
    "column-fact-1": "used",
    "column-operator-1": "at_least",
    "row-0": "1",
    "cell-0-0": "pay_in_4, pay_in_30",
    "cell-0-1": "80",
    "row-0-outcome": "hold",
    "row-0-reason": "unusual",
    "row-1": "1",
    "cell-1-0": "",
    "cell-1-1": "95.5",
    "row-1-outcome": "hold",
    "row-1-reason": "other",
}
POINTS = {
    "name": "Points",
    "band-fact-0": "pieces",
    "least-0-0": "2",
    "points-0-0": "5",
    "least-0-1": "10",
    "points-0-1": "20",
    "band-fact-1": "used",
    "least-1-0": "50",
    "points-1-0": "10",
    "step-0": "25",
    "step-then-0-outcome": "hold",
    "step-then-0-reason": "unusual",
}


def test_a_table_and_points_are_typed_as_inputs(desk, rita):
    draft(rita)
    desk.post(door("_new", KIND, 1, "table"), given(revision="1", market="", once="t" + ONCE) | TABLE)
    page = text_of(desk.post(door("_new", KIND, 1, "points"), given(revision="2", market="", once="u" + ONCE) | POINTS, follow=True))
    table, points = get_rules(KIND, 1).content["rules"]
    assert [row["cells"] for row in table["rows"]] == [[["pay_in_4", "pay_in_30"], 0.8], [None, 0.955]]
    assert points["bands"] == [{"fact": "pieces", "bounds": [[2, 5], [10, 20]]}, {"fact": "used", "bounds": [[0.5, 10]]}]
    assert points["steps"] == [{"at_least": 25, "then": {"outcome": "hold", "reason": "unusual"}}]
    for told in (
        "the plan is one of “pay_in_4” and “pay_in_30” and the used share of the limit is at least 80%",
        "from 10: 20",
        "the points are at least 25",
    ):
        assert told in page
    shown = text_of(desk.get(door("_rule", KIND, 1, table["id"])))
    assert ('value="pay_in_4, pay_in_30"' in shown, 'value="95.5"' in shown) == (True, True)
    shown = text_of(desk.post(door("_new", KIND, 1, "table"), given(**TABLE | {"do": "add-column"})))
    assert ('name="cell-1-2"' in shown, 'name="column-fact-2"' in shown) == (True, True)
    shown = text_of(desk.post(door("_new", KIND, 1, "table"), given(**TABLE | {"do": "drop-row-0"})))
    assert ('value="pay_in_4' in shown, 'value="95.5"' in shown) == (False, True)
    for wrong, told in (
        ({"cell-0-1": "much"}, "the used share of the limit: Enter a number, such as 25."),
        ({"row-1-reason": ""}, "Choose a reason."),
        ({"column-operator-1": "contains"}, "Choose a fact, and how it is compared."),
    ):
        assert told in text_of(desk.post(door("_new", KIND, 1, "table"), given(**TABLE | wrong)))
    for wrong, told in (
        ({"points-0-1": "many"}, "whole number of points"),
        ({"step-0": ""}, "Say what follows"),
        ({"least-0-1": "1"}, "from the lowest up"),
    ):
        assert told in text_of(desk.post(door("_new", KIND, 1, "points"), given(**POINTS | wrong)))
    assert len(get_rules(KIND, 1).content["rules"]) == 2


def test_a_rule_is_changed_and_deleted_and_two_who_do_it_at_once_notice(desk, rita):
    draft(rita, rule())
    edit = door("_rule", KIND, 1, "many")
    assert 'value="most_pieces" data-fits' in text_of(desk.get(edit))
    page = text_of(desk.post(edit, given(revision="0", name="Too late")))
    assert ("Somebody changed this draft meanwhile." in page, 'value="Too late"' in page) == (True, True)
    desk.post(edit, given(revision="1", name="Renamed", once="r" + ONCE))
    (kept,) = get_rules(KIND, 1).content["rules"]
    assert (kept["id"], kept["name"]) == ("many", "Renamed")
    delete = door("_delete", KIND, 1, "many")
    page = text_of(desk.post(delete, {"revision": "1", "once": "d" + ONCE}, follow=True))
    assert "Somebody changed this draft meanwhile." in page
    assert desk.get(delete).status_code == 302
    desk.post(delete, {"revision": "2", "once": "e" + ONCE})
    assert get_rules(KIND, 1).content["rules"] == []
    assert desk.get(edit).status_code == 404


def test_names_that_come_with_the_product_are_read_in_the_readers_language_and_kept_in_one(desk, rita):
    """What operators wrote stays as it is, also where the same word has a translation."""
    draft(rita, rule(name="Many cards from one device"), rule(id="own", name="New"))
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    page = text_of(desk.get(door("_version", KIND, 1)))
    assert ("Mange kort fra én enhed" in page, '<h3 class="desk-rule-name">New</h3>' in page) == (True, True)
    edit = door("_rule", KIND, 1, "many")
    assert 'value="Mange kort fra én enhed"' in text_of(desk.get(edit))
    desk.post(edit, given(revision="1", name="Mange kort fra én enhed", **{"test-value-1": "1.000,50"}))
    (kept, _own) = get_rules(KIND, 1).content["rules"]
    assert (kept["name"], kept["priority"], get_rules(KIND, 1).revision) == ("Many cards from one device", 10, 2)
    cause = {"code": "rule", "facts": {"rule": kept["name"], "version": 1}}
    with translation.override("de"):
        assert cause_text(cause) == "Regel „Viele Karten von einem Gerät“ (Fassung 1)"
        assert cause_text({"code": "rule", "facts": {"rule": "New", "version": 1}}) == "Regel „New“ (Fassung 1)"


def test_a_rule_is_checked_as_one_types(desk, rita):
    check = door("_check", KIND, "rule")
    told = text_of(desk.post(check, given(name="")))
    assert "When the largest quantity of one item is at least 2" in told
    told = text_of(desk.post(check, given(mode="text", when="pieces > 1 && nothing")))
    assert ("Line 1, character 15: There is no fact “nothing”." in told, "<mark>n</mark>" in told) == (True, True)
    assert desk.get(check).status_code == 404
    assert desk.post(door("_check", KIND, "poem"), given()).status_code == 404


def test_examples_say_whether_they_come_true(desk, rita):
    draft(rita, rule("most_pieces > 1 && amount > 100", scope={"market": "US"}))
    new = door("_new_example", KIND, 1)
    example = {
        "name": "Two",
        "market": "US",
        "brand": "",
        "merchant": "",
        "fact-most_pieces": "2",
        "fact-amount": "100.50",
        "expects": "hold",
        "do": "save",
    }
    page = text_of(desk.post(new, example | {"revision": "1", "once": ONCE}, follow=True))
    assert "Comes true" in page
    assert get_rules(KIND, 1).content["examples"] == [
        {"name": "Two", "place": {"market": "US"}, "facts": {"most_pieces": 2, "amount": 10_050}, "expects": ["hold"]}
    ]
    edit = door("_example", KIND, 1, 0)
    assert 'value="100.5"' in text_of(desk.get(edit))
    page = text_of(desk.post(edit, example | {"fact-most_pieces": "1", "revision": "2", "once": "2" + ONCE}, follow=True))
    assert ("Does not come true" in page, "expected: Hold for two people, given: Nothing follows" in page) == (True, True)
    refused = text_of(desk.post(door("_propose", KIND, 1), {"reason": "x", "once": "p" + ONCE}))
    assert "Examples of this version do not come true." in refused
    chosen = desk.post(edit, example | {"fact-customer_kind": "business", "fact-plan": "pay_in_4", "do": "look", "revision": "3"})
    assert '<option value="business" selected>' in chosen.content.decode()
    assert '<option value="person">Person</option>' in chosen.content.decode()
    assert "Enter a number, such as 3." in text_of(desk.post(edit, example | {"fact-most_pieces": "two", "revision": "3"}))
    assert "Give it a name." in text_of(desk.post(edit, example | {"name": "", "revision": "3"}))
    desk.post(door("_delete_example", KIND, 1, 0), {"revision": "3", "once": "x" + ONCE})
    assert get_rules(KIND, 1).content["examples"] == []


def test_a_trial_is_seen_and_warns_before_anything_is_proposed(desk, rita, paul, monkeypatch):
    monkeypatch.setattr("checkout.ruling.OrderRules.consequences", lambda self, subjects: {})
    RuleCase.objects.bulk_create([case(number, at=now(), on=now().date(), pieces=number % 2) for number in range(10)])
    draft(rita, rule("most_pieces >= 0"), at=now())
    answers = [desk.post(door("_try", KIND, 1), {"once": "t" + ONCE}) for _press in range(2)]
    trial = RuleTrial.objects.get()
    assert {answer.url for answer in answers} == {door("_trial", trial.pk)}
    answer = desk.get(door("_trial", trial.pk))
    assert ("0 of 10 cases asked." in text_of(answer), answer["Refresh"]) == (True, "2")
    RuleTrial.objects.update(until=now())
    while services.run_trials(at=now()):
        pass
    page = text_of(desk.get(door("_trial", trial.pk)))
    assert "This version would have held every order of these months." in page
    for told in ("Nothing follows → <b>Hold for two people</b>", "$100.00", "Many pieces", "United States"):
        assert told in page
    assert "held for every case" in page
    assert "Refresh" not in desk.get(door("_trial", trial.pk))
    chosen = text_of(desk.get(door("_trial", trial.pk) + "?move=%3Ehold"))
    assert ("All of them" in chosen, chosen.count("<td>ord_")) == (True, 10)
    assert "would have held every order" in text_of(desk.get(door("_propose", KIND, 1)))
    services.propose_rules(kind=KIND, number=1, reason="x", starts_on=None, user=rita, at=now())
    decides, made = enter(paul), Proposal.objects.get().pk
    assert "would have held every order" in text_of(decides.get(door("_proposed", made)))
    assert "would have held every order" in text_of(decides.get(reverse("admin:controls_proposal_change", args=[made])))
    asked = text_of(decides.post(reverse("admin:controls_proposal_decide", args=[made]), {"decision": "approve"}))
    assert ("Approve this change?" in asked, "would have held every order" in asked) == (True, True)


def test_a_version_is_observed_and_its_differences_are_listed(desk, rita, paul):
    publish(rita, paul, rule("most_pieces > 5"))
    beside = draft(rita, rule("most_pieces > 0"))
    for _press in range(2):
        page = text_of(desk.post(door("_observe", KIND, beside.number), {"once": ONCE}, follow=True))
    assert "Observed" in page
    case(1, observed=beside.number, observed_outcome="hold", at=now()).save()
    assert "1 case would have gone another way" in text_of(desk.get(door("", KIND)))
    page = text_of(desk.get(door("_differences", KIND, beside.number)))
    assert ("ord_1" in page, "Hold for two people" in page) == (True, True)
    asked = text_of(desk.post(door("_discard", KIND, beside.number), {"once": "d" + ONCE}))
    assert ("End this version" in asked, get_rules(KIND, beside.number).status) == (True, "shadow")
    desk.post(door("_discard", KIND, beside.number), {"once": "d" + ONCE, "confirmed": "1"})
    assert get_rules(KIND, beside.number).status == "retired"


def test_one_act_goes_back_after_a_question(desk, rita, paul):
    publish(rita, paul, rule())
    publish(rita, paul, rule("most_pieces > 5"))
    other, back = enter(paul), door("_back", KIND, 1)
    assert f'action="{back}"' in text_of(other.get(door("", KIND)))
    assert f'action="{back}"' not in text_of(desk.get(door("", KIND)))
    assert desk.post(back, {"once": ONCE, "confirmed": "1"}).status_code == 403
    asked = text_of(other.post(back, {"once": ONCE}))
    assert ("It holds at once, everywhere within a few seconds." in asked, find_rules(KIND).number) == (True, 2)
    for _press in range(2):
        other.post(back, {"once": ONCE, "confirmed": "1"})
    assert find_rules(KIND).number == 1


def test_only_a_draft_has_forms(desk, rita, paul):
    publish(rita, paul, rule())
    for page in (door("_new", KIND, 1, "rule"), door("_rule", KIND, 1, "many"), door("_new_example", KIND, 1)):
        assert desk.get(page).status_code == 404
        assert desk.post(page, given()).status_code == 404


def test_nobody_sees_or_does_more_than_their_role(desk, rita, paul):
    draft(rita, rule())
    stranger, reader = (
        enter(make_operator("no@kvart.example", may=["view_order"])),
        enter(make_operator("see@kvart.example", may=["view_ruleversion"])),
    )
    seen = [reverse("admin:controls_ruleversion_changelist"), door("", KIND), door("_version", KIND, 1), door("_differences", KIND, 1)]
    for page in seen:
        assert [client.get(page).status_code for client in (stranger, reader, desk, enter(paul))] == [403, 200, 200, 200]
    forms = [
        door("_new", KIND, 1, "rule"),
        door("_rule", KIND, 1, "many"),
        door("_new_example", KIND, 1),
        door("_propose", KIND, 1),
        door("_check", KIND, "rule"),
    ]
    acts = [door(f"_{act}", KIND, 1) for act in ("observe", "discard", "try")] + [door("_start", KIND), door("_delete", KIND, 1, "many")]
    for page in (*forms, *acts):
        assert [client.post(page, given(confirmed="1")).status_code for client in (stranger, reader, enter(paul))] == [403, 403, 403]
    assert (RuleVersion.objects.filter(kind=KIND).count(), get_rules(KIND, 1).revision, get_rules(KIND, 1).status) == (1, 1, "draft")
    menu = reverse("admin:controls_ruleversion_changelist")
    assert (menu in text_of(reader.get(reverse("admin:index"))), menu in text_of(stranger.get(reverse("admin:index")))) == (True, False)


def test_addresses_of_nothing_are_not_found(desk, rita):
    draft(rita, rule())
    for page in (
        door("", "poems"),
        door("_version", KIND, 7),
        door("_version", KIND, 10**30),
        door("_new", KIND, 1, "poem"),
        door("_rule", KIND, 1, "gone"),
        door("_example", KIND, 1, 3),
        door("_trial", uuid.uuid4()),
        door("_proposed", uuid.uuid4()),
        reverse("admin:controls_ruleversion_change", args=["x"]),
    ):
        assert desk.get(page).status_code == 404


def test_queries_do_not_grow_with_versions_and_rules(desk, rita, paul):
    def counts() -> list[int]:
        pages = [reverse("admin:controls_ruleversion_changelist"), door("", KIND), door("_version", KIND, 1)]
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                desk.get(page)
            found.append(count_but_the_clock(asked))
        return found

    publish(rita, paul, rule())
    desk.get(door("", KIND))
    before = counts()
    for number in range(3):
        publish(rita, paul, rule(), rule(f"most_pieces > {number}", id=f"more{number}"))
        draft(rita, rule())
    assert counts() == before


def test_a_held_order_says_which_rule_holds_it_and_when(buy, merchant, rita, paul):
    version = publish(rita, paul, rule("'phones' in categories && most_pieces > 1"))
    phones = [{"name": "Phone", "quantity": 2, "unit_amount": 10_000, "amount": 20_000, "category": "phones"}]
    order = buy.finish(buy.open(merchant, 20_000, items=phones), "hal+approve@people.example").order
    look = enter(make_operator("olga@kvart.example", may=["view_orderreview", "prepare_review", "view_order", "view_person"]))
    page = text_of(look.get(reverse("admin:checkout_orderreview_change", args=[order.review.pk])))
    assert door("_version", KIND, version.number) in page
    assert "When “phones” is among the categories of the goods and the largest quantity of one item is more than 1" in page
    listed = text_of(look.get(reverse("admin:checkout_orderreview_changelist")))
    assert "Rule “Many pieces” (version 1)" in listed


def test_a_trial_of_plans_takes_no_more_queries_for_more_differences(desk, rita, monkeypatch):
    monkeypatch.setattr("checkout.offers.OfferRules.consequences", lambda self, subjects: {})
    then = {"outcome": "withhold", "value": "pay_in_4", "reason": "goods"}
    made = services.start_draft(kind="offers", user=rita, at=now())
    content = {"rules": [{"id": "a", "name": "A", "when": "pieces > 1", "then": then}]}
    services.change_draft(kind="offers", number=made.number, revision=0, content=content, user=rita, at=now())

    def page(count):
        RuleCase.objects.all().delete()
        RuleTrial.objects.all().delete()
        kept = [["x", 0, "withhold", "goods", "pay_in_4"]]
        RuleCase.objects.bulk_create(
            case(number, kind="offers", at=now(), on=now().date(), merchant="", facts={"pieces": number}, findings=kept * (number % 2))
            for number in range(count)
        )
        trial = services.start_trial(kind="offers", number=made.number, user=rita, at=now() + timedelta(seconds=1))
        while services.run_trials(at=now()):
            pass
        with CaptureQueriesContext(connection) as asked:
            text = text_of(desk.get(door("_trial", trial.pk)))
        return text, count_but_the_clock(asked)

    page(2)
    few, many = page(4), page(40)
    assert "Leave out the plan: 4 payments" in many[0]
    assert few[1] == many[1]
