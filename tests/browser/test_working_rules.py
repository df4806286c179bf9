"""A rule's whole way in the back office, from drop-downs to an order that it holds. English on a desk, Danish on a phone."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.services import make_operator, set_roles
from checkout.models import Order
from controls import services
from controls.models import Proposal, RuleTrial
from controls.queries import find_rules
from core import clock
from core.ids import public_id, uuid7
from operations.roles import ROLES
from tests.browser.test_working_day import DESK, PASSWORD, PHONE, Desk, open_desk
from tests.controls.test_ruling import KIND
from tests.controls.test_trying import case

__all__ = ["open_desk"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAID = {
    "en": ("the largest quantity of one item is at least 3", "Hold for two people", "A rule of the operators"),
    "da": ("det største antal af én vare er mindst 3", "Tilbagehold til to personer", "En regel fra medarbejderne"),
}


@pytest.fixture
def staff(db):
    at = clock.now()
    set_roles(roles=ROLES, actor="test", at=at)
    groups = {group.name: group for group in Group.objects.all()}
    for name, roles in {"rita": ["Risk"], "paul": ["Operator", "Approver"]}.items():
        given = [groups[one] for one in roles]
        make_operator(email=f"{name}@kvart.example", password=PASSWORD, name=name.title(), groups=given, actor="test", at=at)


def _press(desk: Desk, selector: str) -> str:
    with desk.page.expect_navigation():
        desk.page.locator(selector).first.click()
    return desk.look()


def _write(rita: Desk, words: str, language: str) -> None:
    """Write a rule with drop-downs; it is said in words as one chooses, and again as text and back."""
    page = rita.page
    rita.go(reverse("admin:controls_ruleversion_changelist"))
    _press(rita, f"a[href$='{reverse('admin:controls_rules', args=[KIND])}']")
    _press(rita, "form[action$='/start/'] button")
    _press(rita, "a[href$='/new/rule/']")
    page.fill("[name=name]", "Three of one thing")
    page.select_option("[name=test-fact-0]", "most_pieces")
    page.select_option("[name=test-operator-0]", "at_least")
    page.fill("[name=test-value-0]", "3")
    page.select_option("[name=then-reason]", "resold")
    page.wait_for_function("text => document.getElementById('rule-told').innerText.includes(text)", arg=words)
    assert page.locator("[name=test-operator-0] option[value=contains]").evaluate("node => node.hidden")
    assert words in _press(rita, "button[value=as-text]")
    assert page.input_value("textarea[name=when]") == "most_pieces >= 3"
    page.fill("textarea[name=when]", "most_pieces >= 3 && most_piec")
    page.wait_for_function("() => document.querySelector('#rule-told mark')?.innerText === 'm'")
    page.focus("textarea[name=when]")
    page.keyboard.press("End")
    page.locator("[data-completions] button").first.click()
    assert page.input_value("textarea[name=when]") == "most_pieces >= 3 && most_pieces"
    page.fill("textarea[name=when]", "most_pieces >= 3")
    _press(rita, "button[value=as-choices]")
    assert page.input_value("[name=test-value-0]") == "3"
    assert words in _press(rita, "button[value=save]")


def _try_and_propose(rita: Desk, held: str) -> None:
    _press(rita, "form[action$='/try/'] button")
    while services.run_trials(at=clock.now()):
        pass
    assert RuleTrial.objects.get().status == "finished"
    assert held in rita.go(reverse("admin:controls_rules_trial", args=[RuleTrial.objects.get().pk]))
    _press(rita, ".desk-kicker a")
    _press(rita, "a[href$='/propose/']")
    rita.page.fill("[name=reason]", "Phones are sold again")
    _press(rita, ".desk-form:has([name=reason]) button[type=submit]")


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("da", PHONE)])
def test_a_rule_from_drop_downs_to_an_order_that_it_holds(open_desk, staff, buy, merchant, email, language, size):
    words, held, reason = SAID[language]
    now = clock.now()
    for number in range(4):
        case(number, at=now, on=now.date(), pieces=1 + number, subject=public_id(Order.PREFIX, uuid7())).save()
    rita, paul = (open_desk(f"{name}@kvart.example", language, size) for name in ("rita", "paul"))
    _write(rita, words, language)
    _try_and_propose(rita, held)
    proposal = Proposal.objects.get()
    paul.go(reverse("admin:controls_proposal_change", args=[proposal.pk]))
    assert words in _press(paul, f"a[href$='{reverse('admin:controls_rules_proposed', args=[proposal.pk])}']")
    paul.go(reverse("admin:controls_proposal_change", args=[proposal.pk]))
    paul.send("/decide/", button="button[value=approve]")
    _press(paul, "button[name=confirmed]")
    assert find_rules(KIND).number == 1
    phones = [{"name": "Phone", "quantity": 3, "unit_amount": 10_000, "amount": 30_000, "category": "phones"}]
    order = buy.finish(buy.open(merchant, 30_000, items=phones), email("+approve")).order
    shown = paul.go(reverse("admin:checkout_orderreview_change", args=[order.review.pk]))
    assert (reason in shown, words in shown) == (True, True)
    assert "Three of one thing" in _press(paul, f"a[href$='{reverse('admin:controls_rules_version', args=[KIND, 1])}']")
