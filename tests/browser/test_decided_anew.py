"""Two long ways in the browser: a refused person asks a human and buys, and a table of the laboratory becomes what decides."""

import numpy as np
import pytest
from django.urls import reverse
from django.utils.translation import override

from accounts.models import ConsumerRequest
from checkout.models import Order
from controls.models import Proposal
from core.tasks import run_timer
from credit.cases import FACTS
from credit.models import Decision
from credit.reasons import sentences
from credit.scoring import roles_of_credit
from learning.models import ModelVersion, RoleChange, Training
from tests.browser.test_german import CARD, WORKS, give
from tests.browser.test_walk_checkout import FORMS, enter, go_on
from tests.browser.test_working_day import DESK, PHONE, Desk, open_desk
from tests.learning.conftest import few_trees
from tests.operators import make_operator
from tests.reports.test_laboratory import TIMER, here

__all__ = ["few_trees", "here", "open_desk"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DETAILS = {
    "name": "Ann Example",
    "birth_date": "1990-05-31",
    "line1": "1 Main St",
    "city": "New York",
    "postal_code": "10001",
    "region": "NY",
}
STAFF = {
    "clara": ["answer_request", "view_consumerrequest", "propose_limit"],
    "rita": ["propose_rules", "view_decision"],
    "paul": ["approve_rules"],
}


@pytest.fixture
def staff(db) -> None:
    for name, may in STAFF.items():
        make_operator(f"{name}@kvart.example", name=name.title(), may=may)


def come_to_decision(page, address: str, to: str, then: str) -> None:
    """Open a checkout as a new person, and tell who one is; the page with a form follows."""
    page.goto(address)
    enter(page, to, "details")
    give(page, DETAILS)
    go_on(page, then)


def buy(page) -> None:
    """Choose the first plan, save a card, and agree."""
    go_on(page, "card")
    go_on(page)
    page.wait_for_url("**/gateway/cards/*")
    give(page, CARD | {"number": WORKS})
    page.locator("form button.main").click()
    page.locator(FORMS["agree"]).wait_for(state="attached")
    go_on(page)
    page.wait_for_url("**/?from=shop&checkout=*")


@pytest.mark.parametrize(("language", "size", "amount"), [("en", DESK, "229.00"), ("de", PHONE, "229,00")])
def test_a_refused_person_reads_why_asks_a_human_and_buys(page, open_desk, staff, platform, shop_checkout, email, language, size, amount):
    page.context.add_cookies([{"name": "bnpl_language", "value": language, "url": platform}])
    checkout = shop_checkout()
    address = f"{platform}/checkout/{checkout.public_id}"
    come_to_decision(page, address, email("+decline"), "leave")
    refused = Decision.objects.get()
    with override(language):
        main, *_others = sentences(refused.reasons)
    assert page.locator("html").get_attribute("lang").startswith(language)
    assert page.locator("p.reason").inner_text() == main

    page.locator("a[href*='/requests/new/review']").click()
    page.locator("textarea[name=text]").fill("I earn more since May")
    with page.expect_navigation():
        page.locator(".card-act button").click()
    asked = ConsumerRequest.objects.get()

    clara = open_desk("clara@kvart.example", language, size)
    shown = clara.go(reverse("admin:accounts_consumerrequest_change", args=[asked.pk]))
    assert all(told in shown for told in ("I earn more since May", main))
    clara.send("/overrule/", amount=amount, why="figures_proven", note="Pay slips")
    asked.refresh_from_db()
    assert asked.status == "answered"

    page.goto(f"{platform}/requests/{asked.public_id}")
    page.locator(f"a[href*='/checkout/{checkout.public_id}']").first.click()
    page.locator(".checkout-foot .btn").wait_for()
    if page.locator(FORMS["plan"]).count() == 0:
        go_on(page, "plan")
    buy(page)
    order = Order.objects.get(checkout=checkout)
    assert (order.status, order.decision.reasons) == ("authorized", ["approved_by_people"])


def table_of_cases(rows: int = 1_000) -> bytes:
    """Made-up cases with the facts of decisions: late payments and gambling say something, and few showed their bank."""
    dice = np.random.default_rng(4)
    late, share = dice.poisson(0.6, rows), dice.random(rows).round(3)
    bank = dice.random(rows) < 0.3
    odds = -4.6 + 2.2 * late + np.where(bank, 2 * share, 0)
    bad = (dice.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)
    cells = {name: list(map(str, dice.integers(0, 50, rows))) for name in FACTS}
    cells |= {
        "delinquencies_24m": list(map(str, late)),
        "gambling_share": [str(one) if seen else "" for one, seen in zip(share, bank, strict=True)],
    }
    lines = [",".join([*cells, "bad"]), *(",".join(row) for row in zip(*cells.values(), map(str, bad), strict=True))]
    return "\n".join(lines).encode()


def _press(desk: Desk, selector: str) -> str:
    with desk.page.expect_navigation():
        desk.page.locator(selector).first.click()
    return desk.look()


def _train(rita: Desk) -> Training:
    """Upload a table, choose its target, and train; the page says when it is done."""
    rita.go(reverse("admin:learning_training_changelist"))
    rita.page.set_input_files("[name=table]", {"name": "cases.csv", "mimeType": "text/csv", "buffer": table_of_cases()})
    _press(rita, ".desk-form:has([name=table]) button[type=submit]")
    rita.page.fill("[name=name]", "lab")
    rita.page.select_option("[name=target]", "bad")
    assert "1,000" in _press(rita, "button[value=check]")
    _press(rita, "button[value=train]")
    run_timer(TIMER)
    # The page shows by itself that it is done.
    rita.page.locator("a.desk-button[href*='/modelversion/']").wait_for()
    return Training.objects.get()


def _read_and_propose(rita: Desk, training: Training) -> None:
    version = ModelVersion.objects.get()
    report = _press(rita, f"a[href$='{reverse('admin:learning_modelversion_change', args=[version.pk])}']")
    assert all(told in report for told in ("ROC curve", "Table put there by", "Rita"))
    rita.go(reverse("admin:learning_training_change", args=[training.pk]))
    rita.page.select_option("[name=model]", "boosted")
    rita.page.select_option("[name=role]", "champion")
    rita.page.fill("[name=reason]", "Better than the points")
    _press(rita, "button[value=propose]")


def test_a_table_becomes_what_decides_by_two_people(page, open_desk, staff, platform, shop_checkout, email, few_trees, here):
    rita, paul = open_desk("rita@kvart.example", "en", DESK), open_desk("paul@kvart.example", "de", PHONE)
    training = _train(rita)
    _read_and_propose(rita, training)
    made = Proposal.objects.get()
    assert "lab 1" in paul.go(reverse("admin:controls_proposal_change", args=[made.pk]))
    paul.send("/decide/", button="button[value=approve]")
    paul.send("/decide/")
    role = RoleChange.objects.get()
    assert (str(role.version), role.kind, role.role) == ("lab 1", "boosted", "champion")
    # Other processes use it within seconds; this one has just read that there was none.
    roles_of_credit.forget()

    come_to_decision(page, f"{platform}/checkout/{shop_checkout().public_id}", email("+approve"), "plan")
    decision = Decision.objects.get()
    assert (decision.outcome, decision.inputs["risk"]["decides"]) == ("approve", "champion")
    assert "lab 1" in rita.go(reverse("admin:credit_decision_change", args=[decision.pk]))
    buy(page)
    assert Order.objects.get().status == "authorized"
