"""Held orders by route: by rule, who is told by mail and has them marked on the work list, and who hears at the last step."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from checkout import services as checkouts
from checkout.models import Order
from checkout.routing import ESCALATED, operators_for
from controls import services
from controls.models import Route
from core import clock, relay
from core.errors import Invalid
from core.models import OutboxEvent
from notifications.models import Message
from operations.sources import HeldOrders, Pick
from tests.operators import make_operator, telling
from tests.shops import AT

pytestmark = pytest.mark.django_db
BUILT_IN = "order_limit"
"""Orders above the limit are held for this, without any rule of an operator."""


@pytest.fixture
def people(db):
    rights = {name: ["view_orderreview", "prepare_review", "decide_review"] for name in ("bo", "cy", "dan")}
    rights |= {"lea": ["assign_task"], "paul": ["approve_rules"], "rita": ["propose_rules"]}
    return {name: make_operator(f"{name}@kvart.example", name=name.title(), may=may) for name, may in rights.items()}


def route(people, matter, *names, roles=()):
    keys = [str(people[name].pk) for name in names]
    return services.set_route(kind=matter, people=keys, roles=roles, reason="Theirs", user=people["lea"], at=AT)


def hold(buy, merchant, email="hal+approve@people.example", amount=120_000, **more) -> Order:
    order = buy.finish(buy.open(merchant, amount, **more), email).order
    assert order.status == "pending_review"
    return order


def told(kind) -> set[str]:
    relay.drain()
    return {str(one.user) for one in Message.objects.filter(kind=kind).select_related("user")}


def part(order, share: float):
    return order.created_at + (order.expires_at - order.created_at) * share


def marked(user) -> list[tuple[str, bool]]:
    return [(task.name, task.told) for task in HeldOrders().list(user, Pick(), at=clock.now(), limit=50)]


def publish_hold(people, key):
    rule = {"id": key, "name": "Phones", "when": "'phones' in categories", "then": {"outcome": "hold", "reason": "resold"}}
    made = services.start_draft(kind="orders", user=people["rita"], at=AT)
    content = {"rules": [rule], "examples": []}
    services.change_draft(kind="orders", number=made.number, revision=0, content=content, user=people["rita"], at=AT)
    proposal = services.propose_rules(kind="orders", number=made.number, reason="x", starts_on=None, user=people["rita"], at=AT)
    services.approve_proposal(proposal_id=proposal, user=people["paul"], at=AT)


def test_without_a_route_all_who_may_act_are_told(buy, merchant, people):
    hold(buy, merchant)
    assert told("hold_opened") == {"Bo", "Cy", "Dan"}


def test_those_whom_the_route_of_its_rule_names_are_told_at_once(buy, merchant, people):
    publish_hold(people, "phones")
    route(people, "orders:phones", "cy")
    phones = [{"name": "Phone", "quantity": 1, "unit_amount": 20_000, "amount": 20_000, "category": "phones"}]
    order = hold(buy, merchant, amount=20_000, items=phones)
    assert order.review.held_by == ["orders:phones"]
    assert told("hold_opened") == {"Cy"}


def test_an_order_that_two_rules_hold_is_told_to_those_of_both(buy, merchant, people):
    publish_hold(people, "phones")
    route(people, "orders:phones", "cy")
    route(people, BUILT_IN, "dan")
    phones = [{"name": "Phone", "quantity": 1, "unit_amount": 120_000, "amount": 120_000, "category": "phones"}]
    hold(buy, merchant, items=phones)
    assert told("hold_opened") == {"Cy", "Dan"}


def test_a_route_takes_nobodys_right_and_the_second_person_is_found(buy, merchant, people):
    route(people, BUILT_IN, "bo")
    order = hold(buy, merchant)
    checkouts.prepare_review(review_id=order.review.id, user=people["bo"], recommendation="approve", note="Known", at=AT)
    assert told("hold_prepared") == {"Cy", "Dan"}
    checkouts.approve_review(review_id=order.review.id, user=people["dan"], seen=1, reason="Fine", at=AT)


def test_what_a_version_before_wrote_under_an_earlier_name_is_heard_too(buy, merchant, people):
    order = hold(buy, merchant)
    checkouts.prepare_review(review_id=order.review.id, user=people["bo"], recommendation="approve", note="Known", at=AT)
    assert told("hold_prepared") == {"Cy", "Dan"}
    count = Message.objects.filter(kind="hold_prepared").count()
    payload = {"order": order.public_id, "merchant": merchant.public_id}
    OutboxEvent.objects.create(name="checkout.hold_prepared", payload=payload, at=AT + timedelta(minutes=1))
    assert told("hold_prepared") == {"Cy", "Dan"}
    assert Message.objects.filter(kind="hold_prepared").count() == 2 * count


def test_the_last_step_goes_to_a_role_of_its_own_once_and_stays_quiet_when_decided(buy, merchant, people):
    role = Group.objects.create(name="Night desk")
    with telling(people["dan"]):
        role.permissions.set(Permission.objects.filter(codename="decide_review"))
        people["dan"].groups.add(role)
    route(people, BUILT_IN, "bo")
    route(people, ESCALATED, roles=["Night desk"])
    late, decided = hold(buy, merchant), hold(buy, merchant, "ida+approve@people.example")
    for share, users in ((0.5, {"Bo"}), (0.5, {"Bo"}), (0.8, {"Bo", "Dan"}), (0.9, {"Bo", "Dan"})):
        checkouts.press_reviews(at=part(late, share))
        assert told("hold_delayed") == users
    assert Message.objects.filter(kind="hold_delayed", user=people["dan"]).count() == 2
    assert Message.objects.filter(kind="hold_delayed", user=people["bo"]).count() == 4
    checkouts.prepare_review(review_id=decided.review.id, user=people["bo"], recommendation="reject", note="Odd", at=part(late, 0.9))
    checkouts.reject_review(review_id=decided.review.id, user=people["cy"], seen=1, reason="Odd", at=part(late, 0.9))
    checkouts.press_reviews(at=part(late, 0.95))
    relay.drain()
    assert Message.objects.filter(kind="hold_delayed").count() == 6


def test_who_is_away_is_not_told_and_who_stands_in_is(buy, merchant, people):
    today = clock.wall().date()
    route(people, BUILT_IN, "bo")
    order = hold(buy, merchant)
    absence = {"starts_on": today, "ends_on": today + timedelta(days=1), "reason": "holidays", "stand_in": str(people["cy"].pk)}
    with telling(people["bo"]), telling(people["cy"]):
        for name in ("bo", "cy"):
            people[name].user_permissions.add(Permission.objects.get(codename="approve_rules"))
    services.note_absence(**absence, user=type(people["bo"]).objects.get(pk=people["bo"].pk), at=clock.wall())
    assert operators_for(order.review, today) == {str(people[name].pk) for name in ("bo", "cy")}


def test_the_work_list_marks_what_is_sent_to_the_reader_and_hides_nothing(buy, merchant, people):
    first, second = hold(buy, merchant), hold(buy, merchant, "ida+approve@people.example")
    names = [first.merchant_reference, second.merchant_reference]
    assert marked(people["bo"]) == [(name, False) for name in names]
    route(people, BUILT_IN, "bo")
    assert marked(people["bo"]) == [(name, True) for name in names]
    assert marked(people["cy"]) == [(name, False) for name in names]
    checkouts.press_reviews(at=part(first, 0.9))
    route(people, ESCALATED, "cy")
    assert marked(people["cy"]) == [(name, True) for name in names]
    client = Client()
    client.force_login(people["cy"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:index")).content.decode().count("Sent to you") == 2


def test_the_marks_take_the_same_queries_for_any_number(buy, merchant, people, django_assert_max_num_queries):
    route(people, BUILT_IN, "bo")
    for name in ("hal", "ida", "joe"):
        hold(buy, merchant, f"{name}+approve@people.example")
    with django_assert_max_num_queries(7):
        assert len(marked(people["bo"])) == 3


def test_who_gives_tasks_routes_a_rule_in_the_browser(people):
    client, page = Client(), reverse("admin:controls_route_of", args=[BUILT_IN])
    client.force_login(people["lea"], backend="django.contrib.auth.backends.ModelBackend")
    listed = client.get(reverse("admin:controls_route_changelist")).content.decode()
    assert page in listed
    assert reverse("admin:controls_route_of", args=[ESCALATED]) in listed
    client.post(page, {"people": [str(people["bo"].pk)], "reason": "Bo knows them", "once": "k"})
    assert (Route.objects.get().kind, Route.objects.get().people) == (BUILT_IN, [str(people["bo"].pk)])
    assert client.get(reverse("admin:controls_route_of", args=["orders:gone"])).status_code == 404


def test_nobody_is_named_who_may_not_act_on_held_orders(people):
    with pytest.raises(Invalid) as caught:
        route(people, BUILT_IN, "rita")
    assert set(caught.value.fields) == {"people"}
    assert not Route.objects.exists()


def test_the_page_of_rules_leads_to_who_is_told_of_each(people):
    publish_hold(people, "phones")
    client, page = Client(), reverse("admin:controls_rules", args=["orders"])
    client.force_login(people["paul"], backend="django.contrib.auth.backends.ModelBackend")
    assert reverse("admin:controls_route_of", args=["orders:phones"]) in client.get(page).content.decode()
