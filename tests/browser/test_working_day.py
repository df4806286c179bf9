"""An operator's whole working day in the back office, without a shell: in English on a desk, and in Danish on a phone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Consumer, Look, User
from accounts.services import make_operator, set_roles
from checkout import services as checkouts
from checkout.models import Order, OrderReview
from controls.models import Assignment, Proposal
from core import clock, relay
from core.db import unit
from core.models import Delivery, OutboxEvent
from core.outbox import append
from merchants.models import Merchant
from notifications.models import Message
from notifications.services import queue_for_consumer
from operations.roles import ROLES
from plans.events import PlanCompleted
from tests.browser.looking import OUTSIDE, SETTLED
from tests.operators import make_boss

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "demo-password"
DESK, PHONE = {"width": 1280, "height": 850}, {"width": 390, "height": 844}


@dataclass
class Desk:
    """The browser of one operator."""

    page: Any
    platform: str

    def sign_in(self, email: str) -> "Desk":
        """Sign in as a person does."""
        self.go("/admin/login/")
        self.page.fill("[name=username]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/admin/")
        return self

    def go(self, path: str) -> str:
        """Open a page; return its text."""
        answer = self.page.goto(self.platform + path)
        assert answer.status == 200, (path, answer.status)
        return self.look()

    def look(self) -> str:
        """Return the text of the page as it is now; nothing of it lies outside the window."""
        self.page.evaluate(SETTLED)
        assert self.page.evaluate(OUTSIDE) == [], self.page.url
        return str(self.page.inner_text("body"))

    def send(self, action: str, *, button: str = "button[type=submit]", **values: str | bool) -> str:
        """Fill in and send the form with an action, which may be folded; return the text of the page that follows."""
        form = self.page.locator(f"form[action$='{action}']").first
        form.evaluate("(node) => { const fold = node.closest('details'); if (fold) fold.open = true; }")
        for name, value in values.items():
            self._put(form.locator(f"[name='{name}']"), value)
        with self.page.expect_navigation():
            form.locator(button).first.click()
        return self.look()

    def _put(self, field: Any, value: str | bool) -> None:
        kind = field.first.evaluate("(node) => node.type")
        if kind == "radio":
            field.locator(f"xpath=self::*[@value='{value}']").check()
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif kind.startswith("select"):
            field.select_option(value)
        else:
            field.fill(value)


@pytest.fixture
def open_desk(browser, platform) -> Iterator[Callable[..., Desk]]:
    """Give a function that opens an operator's browser, in a language and a window."""
    opened: list[Any] = []
    failed: list[str] = []

    def open_(email: str, language: str, size: dict[str, int]) -> Desk:
        context = browser.new_context(viewport=size, locale="en-US", timezone_id="UTC")
        context.set_default_timeout(30_000)
        context.add_cookies([{"name": "bnpl_language", "value": language, "url": platform}])
        opened.append(context)
        context.on("weberror", lambda error: failed.append(f"{error.page.url if error.page else ''}: {error.error}"))
        return Desk(context.new_page(), platform).sign_in(email)

    yield open_
    for context in opened:
        context.close()
    assert failed == [], "scripts of the back office failed"


@pytest.fixture
def staff(db) -> dict[str, User]:
    """Operators with the roles of every installation for the daily work, and the first one, who may all and gives others their roles."""
    at = clock.now()
    set_roles(roles=ROLES, actor="test", at=at)
    groups = {group.name: group for group in Group.objects.all()}
    has = {
        "olivia": ("Operator", "Approver", "Finance", "Lead"),
        "oscar": ("Operator", "Approver", "Finance"),
    }
    make = lambda name, roles: make_operator(  # noqa: E731
        email=f"{name}@kvart.example", password=PASSWORD, name=name.title(), groups=[groups[one] for one in roles], actor="test", at=at
    )
    for name in ("ada", "eve"):
        make_boss(f"{name}@kvart.example", PASSWORD)
    return {name: make(name, roles) for name, roles in has.items()}


@pytest.fixture
def morning(buy, merchant, settle_charge, email, staff) -> dict[str, Any]:
    """What waits in the morning: a person who calls, three held orders of which one is nearly out of time, an event nobody could hear."""
    at = clock.now()
    bought = buy(merchant, 22_900, at, email=email("+approve"), merchant_reference="LAMP-77")
    checkouts.capture_order(order_id=bought.id, merchant=merchant, amount_minor=None, actor="key:test", at=at)
    settle_charge(bought, at)
    about = {"order": bought.public_id, "merchant": merchant.public_id}
    queue_for_consumer(consumer=bought.consumer, kind="order_canceled", subject="x", context=about, at=at)
    Message.objects.filter(channel="email", consumer=bought.consumer).update(status="sent", sent_at=at)
    held = [
        buy.whole(merchant, 12_900 + number, at, email=email("+fraud_hold"), merchant_reference=f"HELD-{number}") for number in range(3)
    ]
    with unit():
        append(PlanCompleted(plan="pln_x", reference="ord_x"), at=at)
    relay.relay_chunk()
    dead = Delivery.objects.filter(handler__startswith="notifications.", event__name="plans.plan_completed").get()
    Delivery.objects.filter(pk=dead.pk).update(attempts=relay.MAX_ATTEMPTS, error="ValueError('no such plan')", done_at=None)
    return {"order": bought, "held": held, "dead": dead}


def review_of(order: Order) -> OrderReview:
    return OrderReview.objects.get(order=order)


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("da", PHONE)])
def test_a_whole_day_without_a_shell(open_desk, morning, merchant, language, size):
    olivia, oscar = (open_desk(f"{name}@kvart.example", language, size) for name in ("olivia", "oscar"))
    assert olivia.page.locator("html").get_attribute("lang") == language
    _a_person_calls(olivia, morning["order"])
    _held_orders_are_decided(olivia, oscar, morning["held"])
    _an_event_is_tried_again(olivia, morning["dead"])
    _a_shop_begins(olivia, oscar)
    _somebody_new_works_here(*(open_desk(f"{name}@kvart.example", language, size) for name in ("ada", "eve")))
    _the_books_are_looked_at(olivia, morning["order"])


def _a_person_calls(desk: Desk, order: Order) -> None:
    """Find a person by the beginning of their name, explain their plan, write down the call, and send a letter once more."""
    person = order.consumer
    desk.go("/admin/")
    assert person.name in desk.send("/find/", q=person.name[:3].lower())
    desk.page.click(f"a[href*='{person.pk}']")
    said = desk.look()
    assert all(told in said for told in (person.name, person.email, "LAMP-77", "4242"))
    desk.page.locator(f"a[href$='{reverse('admin:plans_plan_change', args=[order.plan_id])}']").first.click()
    assert "4242" in desk.look()
    desk.go(reverse("admin:accounts_consumer_change", args=[person.pk]))
    assert "Called about the plan." in desk.send("/note/", text="Called about the plan.")
    letter = Message.objects.get(consumer=person, channel="email", status="sent")
    desk.send(f"/message/{letter.pk}/")
    assert Message.objects.filter(context__again_of=letter.public_id).count() == 1
    assert set(Look.objects.filter(consumer=person).values_list("page", flat=True)) >= {"find", "person", "plan"}


def _held_orders_are_decided(first: Desk, second: Desk, held: list[Order]) -> None:
    """One is approved by two people, one rejected, and the third is pressed when most of its time has passed."""
    for order, decision in zip(held[:2], ("approve", "reject"), strict=True):
        first.go("/admin/?kind=held&who=free")
        first.send("/next/")
        assert Assignment.objects.filter(kind="held", subject=review_of(order).pk).exists()
        first.send("/prepare/", recommendation=decision, note="Spoke to them.")
        second.go(reverse("admin:checkout_orderreview_change", args=[review_of(order).pk]))
        second.send("/decide/", button=f"button[value={decision}]", reason="It fits.")
        second.send("/decide/")
    assert [review_of(order).status for order in held] == ["approved", "rejected", "waiting"]
    left = review_of(held[2])
    ends = Order.objects.get(pk=held[2].pk).expires_at
    assert ends is not None
    checkouts.press_reviews(at=left.created_at + (ends - left.created_at) * 0.9)
    first.go("/admin/?kind=held")
    assert first.page.locator(".desk-rejected").count() == 1
    assert review_of(held[2]).urgency == 2


def _an_event_is_tried_again(desk: Desk, dead: Delivery) -> None:
    desk.go("/admin/?kind=event")
    desk.page.click(f"a[href$='{reverse('admin:core_delivery_change', args=[dead.pk])}']")
    desk.page.locator("details:has(pre) summary").click()
    assert "no such plan" in desk.look()
    desk.send("/again/")
    dead.refresh_from_db()
    assert dead.attempts < relay.MAX_ATTEMPTS


def _a_shop_begins(first: Desk, second: Desk) -> None:
    """Open a shop with its first owner; its terms and bank account are proposed by one and decided by another."""
    first.go(reverse("admin:merchants_merchant_add"))
    market = first.page.locator("[name=market] option:not([value=''])").first.get_attribute("value")
    shop_form = {"name": "Havens Bikes", "legal_name": "Havens Bikes Inc.", "market": market, "category": "Bikes"}
    first.page.locator("form:has([name=legal_name])").evaluate("(node) => node.setAttribute('action', '#new')")
    first.send("#new", owner_email="owner@havens.example", **shop_form)
    shop = Merchant.objects.get(name="Havens Bikes")
    address = reverse("admin:merchants_merchant_change", args=[shop.pk])
    amount, fee = ("1.50", "3.25") if first.page.locator("html").get_attribute("lang") == "en" else ("1,50", "3,25")
    first.go(address)
    first.send("/terms/", fee=fee, fee_fixed=amount, reason="The contract")
    first.go(address)
    first.send("/account/", payout_destination="acct_havens", reason="A voided check")
    for proposal in Proposal.objects.filter(subject=shop.public_id):
        second.go(reverse("admin:controls_proposal_change", args=[proposal.pk]))
        second.send("/decide/", button="button[value=approve]", note="As agreed")
        second.send("/decide/")
    shop.refresh_from_db()
    assert (shop.fee_bps, shop.fee_fixed_minor, shop.payout_destination) == (325, 150, "acct_havens")
    assert "owner@havens.example" in first.go(address)


def _somebody_new_works_here(desk: Desk, second: Desk) -> None:
    """Somebody is made with a role, to which another person agrees, and is mailed."""
    desk.go(reverse("admin:accounts_user_add"))
    desk.page.fill("[name=email]", "nina@kvart.example")
    desk.page.fill("[name=name]", "Nina Dahl")
    desk.page.locator("[name=is_staff]").check()
    desk.page.locator("[name=groups]").select_option(value=str(Group.objects.get(name="Viewer").pk))
    desk.page.fill("[name=why]", "New at the desk")
    with desk.page.expect_navigation():
        desk.page.locator("[name=_save]").first.click()
    desk.look()
    made = User.objects.get(email="nina@kvart.example")
    assert not made.is_staff
    second.go(reverse("admin:controls_proposal_change", args=[Proposal.objects.get(subject=str(made.pk)).pk]))
    second.send("/decide/", button="button[value=approve]", note="As agreed")
    second.send("/decide/")
    made.refresh_from_db()
    assert [group.name for group in made.groups.all()] == ["Viewer"]
    assert OutboxEvent.objects.filter(name="accounts.password_link_wanted", payload__user=str(made.pk)).exists()


def _the_books_are_looked_at(desk: Desk, order: Order) -> None:
    """The trial balance leads to the accounts that moved, and these to their lines of the day."""
    day = (clock.now() - timedelta(0)).date().isoformat()
    desk.go(f"{reverse('admin:ledger_account_trial')}?day={day}")
    assert desk.page.locator(".desk-approved").count() == 1
    desk.page.locator("a[href*='/of/receivable/']").first.click()
    assert order.plan.public_id in desk.look()
    desk.page.click(f"text={order.plan.public_id}")
    assert order.plan.public_id in desk.look()
    assert Consumer.objects.exists()
