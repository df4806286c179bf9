"""Routes: who is told of proposals of a kind by mail and has them on the work list; a route gives nobody a right."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from controls import services
from controls.models import Proposal, Route
from controls.routing import named_by, routes, waiting_proposals
from core import relay
from core.clock import wall
from core.errors import Forbidden, Invalid
from notifications.models import Message
from tests.operators import make_operator, telling
from tests.shops import AT, open_shop

pytestmark = pytest.mark.django_db
KIND = "merchants.terms"


@pytest.fixture
def people():
    rights = {"anna": ["propose_shop"], "bo": ["approve_shop"], "cy": ["approve_shop"], "lea": ["assign_task"]}
    return {name: make_operator(f"{name}@kvart.example", name=name.title(), may=may) for name, may in rights.items()}


def route(people, *names, roles=(), by="lea"):
    keys = [str(people[name].pk) for name in names]
    return services.set_route(kind=KIND, people=keys, roles=roles, reason="Terms are Bo's", user=people[by], at=AT)


def propose(user) -> Proposal:
    told = {"kind": KIND, "subject": open_shop().public_id, "after": {"fee_bps": 350}, "reason": "agreed in writing"}
    return services.propose(**told, starts_on=None, user=user, at=wall())


def told_people():
    relay.drain()
    return {str(one.user) for one in Message.objects.filter(kind="change_proposed").select_related("user")}


def lists(people):
    return {name for name, user in people.items() if waiting_proposals(user, wall().date()).exists()}


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_without_a_route_all_who_may_decide_are_told(people):
    propose(people["anna"])
    assert told_people() == {"Bo", "Cy"}
    assert lists(people) == {"anna", "bo", "cy"}


def test_those_whom_a_route_names_are_told_and_have_it_on_their_list(people):
    route(people, "bo")
    made = propose(people["anna"])
    assert told_people() == {"Bo"}
    assert lists(people) == {"anna", "bo"}
    # A route takes nobody's right.
    services.approve_proposal(proposal_id=made.pk, user=people["cy"], at=wall())


def test_a_role_is_told(people):
    role = Group.objects.create(name="Pricing")
    with telling(people["cy"]):
        role.permissions.set(Permission.objects.filter(codename="approve_shop"))
        people["cy"].groups.add(role)
    route(people, roles=["Pricing"])
    propose(people["anna"])
    assert told_people() == {"Cy"}
    assert lists(people) == {"anna", "cy"}


def test_who_stands_in_has_it_too(people):
    route(people, "bo")
    today = wall().date()
    told = {"starts_on": today, "ends_on": today, "reason": "holidays"}
    services.note_absence(**told, user=people["bo"], stand_in=str(people["cy"].pk), at=wall())
    propose(people["anna"])
    assert told_people() == {"Cy"}
    assert lists(people) == {"anna", "bo", "cy"}


def test_where_nobody_of_a_route_is_left_all_are_told(people):
    route(people, "bo")
    with telling(people["bo"]):
        people["bo"].is_active = False
        people["bo"].save()
    propose(people["anna"])
    assert told_people() == {"Cy"}
    assert lists(people) == {"anna", "cy"}


def test_a_route_names_who_may_decide_with_a_reason_by_who_gives_tasks(people):
    with pytest.raises(Forbidden):
        route(people, "bo", by="bo")
    with pytest.raises(Invalid) as caught:
        route(people, "anna")
    assert set(caught.value.fields) == {"people"}
    with pytest.raises(Invalid) as caught:
        route(people, roles=["Nobody's"])
    assert set(caught.value.fields) == {"roles"}
    with pytest.raises(Invalid, match="Nothing would change"):
        route(people)
    assert not Route.objects.exists()
    route(people, "bo")
    route(people)
    assert (routes(), Route.objects.count()) == ({}, 2)


def test_reading_routes_takes_three_queries_at_most(people, django_assert_num_queries):
    route(people, "bo", "cy")
    with django_assert_num_queries(3):
        named_by(routes().values(), wall().date())


def test_who_gives_tasks_routes_a_kind_in_the_browser(people):
    client, page = sign_in(people["lea"]), reverse("admin:controls_route_of", args=[KIND])
    assert page in client.get(reverse("admin:controls_route_changelist")).content.decode()
    assert "All who may act on it" in client.get(page).content.decode()
    given = {"people": [str(people["bo"].pk)], "reason": "Terms are Bo's", "once": "k"}
    for _time in range(2):
        client.post(page, given)
    assert Route.objects.get().people == [str(people["bo"].pk)]
    told = client.get(page).content.decode()
    assert "Terms are Bo&#x27;s" in told
    assert sign_in(people["bo"]).post(page, given | {"once": "l"}).status_code == 403
    assert sign_in(people["anna"]).get(page).status_code == 403
    assert Route.objects.count() == 1
