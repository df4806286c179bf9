"""A rule's whole way in the back office: from drop-downs to an order that it holds, its decision, and the figures. Danish, on a phone."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.services import make_operator, set_roles
from checkout.models import Order, OrderReview
from controls import services
from controls.models import Proposal, RuleTrial
from controls.queries import find_rules
from core import clock
from core.ids import public_id, uuid7
from fraud.models import Label
from operations.roles import ROLES
from tests.browser.test_purchase import come_to_agree, heading
from tests.browser.test_working_day import PASSWORD, PHONE, Desk, open_desk
from tests.controls.test_ruling import KIND
from tests.controls.test_trying import case
from tests.operations.test_fraud_desk import link, people

__all__ = ["open_desk"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "det største antal af én vare er mindst 3"


@pytest.fixture
def staff(db):
    at = clock.now()
    set_roles(roles=ROLES, actor="test", at=at)
    groups = {group.name: group for group in Group.objects.all()}
    for name, roles in {"rita": ["Risk"], "paul": ["Operator", "Approver"], "olga": ["Operator"], "frida": ["Fraud analyst"]}.items():
        given = [groups[one] for one in roles]
        make_operator(email=f"{name}@kvart.example", password=PASSWORD, name=name.title(), groups=given, actor="test", at=at)


def _press(desk: Desk, selector: str) -> str:
    with desk.page.expect_navigation():
        desk.page.locator(selector).first.click()
    return desk.look()


def _write(rita: Desk, words: str) -> None:
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


def _decide_by_two(first: Desk, second: Desk, order: Order) -> None:
    """One recommends, the other approves; both see the rule's words."""
    page = reverse("admin:checkout_orderreview_change", args=[order.review.pk])
    for desk in (first, second):
        shown = desk.go(page)
        assert all(text in shown for text in (WORDS, "En regel fra medarbejderne"))
        if desk is first:
            desk.send("/prepare/", recommendation="approve", note="Talt med kunden.")
        else:
            desk.send("/decide/", button="button[value=approve]", reason="Det passer.")
            desk.send("/decide/")
    assert OrderReview.objects.get(pk=order.review.pk).status == "approved"


def _label(frida: Desk, order: Order) -> None:
    """It was fraud after all: its network is read, it is labeled, and the figures say that it was not caught."""
    (other,) = people(1)
    for person in (order.consumer, other):
        link(person, "device:1")
    figures = reverse("admin:fraud_fraudcase_figures")
    page = reverse("admin:checkout_orderreview_change", args=[order.review.pk])
    before = frida.go(figures)
    frida.go(page)
    frida.page.locator("a[href$='/network/']").first.click()
    frida.page.locator("svg.desk-net").wait_for()
    frida.look()
    frida.go(page)
    frida.send("/label/", button="button[value=fraud]", why="Kortet var stjålet.")
    assert Label.objects.get(order=order.public_id).is_fraud
    after = frida.go(figures)
    assert ("0\xa0%" in before, "0\xa0%" in after) == (False, True)


def test_a_rule_from_drop_downs_to_the_figures_of_what_it_held(open_desk, staff, page, platform, shop_checkout, email):
    now = clock.now()
    for number in range(4):
        case(number, at=now, on=now.date(), pieces=1 + number, subject=public_id(Order.PREFIX, uuid7())).save()
    rita, paul, olga, frida = (open_desk(f"{name}@kvart.example", "da", PHONE) for name in ("rita", "paul", "olga", "frida"))
    _write(rita, WORDS)
    _try_and_propose(rita, "Tilbagehold til to personer")
    proposal = Proposal.objects.get()
    paul.go(reverse("admin:controls_proposal_change", args=[proposal.pk]))
    assert WORDS in _press(paul, f"a[href$='{reverse('admin:controls_rules_proposed', args=[proposal.pk])}']")
    paul.go(reverse("admin:controls_proposal_change", args=[proposal.pk]))
    paul.send("/decide/", button="button[value=approve]")
    _press(paul, "button[name=confirmed]")
    assert find_rules(KIND).number == 1
    phones = [{"name": "Phone", "quantity": 3, "unit_amount": 10_000, "amount": 30_000, "category": "phones"}]
    checkout = shop_checkout(30_000, items=phones)
    come_to_agree(page, f"{platform}/checkout/{checkout.public_id}", email("+approve"), "Continue with 4 payments")
    page.get_by_role("button", name="Agree and pay $75.00 when it ships").click()
    heading(page, "A person is checking your purchase")
    order = Order.objects.get(checkout=checkout)
    _decide_by_two(olga, paul, order)
    assert "Three of one thing" in _press(paul, f"a[href$='{reverse('admin:controls_rules_version', args=[KIND, 1])}']")
    _label(frida, order)
