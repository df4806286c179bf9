"""The matrix of roles: each page and act of the back office by each role."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.services import set_roles
from core.db import execute
from operations.roles import ROLES
from tests.operators import AT, make_operator, telling
from tests.shops import open_shop

BY = {"actor": "install", "at": AT}
EVERYBODY = {"Viewer", "Operator", "Approver", "Finance", "Lead", "Risk"}
LISTS = {
    "accounts_consumer": EVERYBODY,
    "checkout_order": EVERYBODY,
    "checkout_orderreview": EVERYBODY,
    "merchants_merchant": EVERYBODY,
    "controls_proposal": EVERYBODY,
    "plans_product": EVERYBODY,
    "markets_market": EVERYBODY,
    "brands_brand": EVERYBODY,
    "plans_chargeoff": {"Finance", "Lead", "Approver"},
    "payments_charge": {"Finance", "Lead", "Operator"},
    "payments_break": {"Finance", "Lead", "Operator"},
    "merchants_settlement": {"Finance", "Lead"},
    "ledger_entry": {"Finance", "Lead"},
    "accounts_consumerrequest": {"Operator", "Lead"},
    "core_delivery": {"Operator", "Lead", "Administrator"},
    "accounts_user": {"Administrator"},
    "core_provideraccount": {"Administrator"},
}
ACTS = {
    "merchants_merchant_add": {"Lead"},
    "merchants_merchant_suspend": {"Operator"},
    "merchants_merchant_account": {"Operator"},
    "accounts_user_add": {"Administrator"},
}
RIGHTS = {
    "checkout.prepare_review": {"Operator"},
    "checkout.decide_review": {"Approver"},
    "accounts.answer_request": {"Operator"},
    "payments.handle_break": {"Finance"},
    "plans.propose_chargeoff": {"Finance"},
    "plans.confirm_chargeoff": {"Approver"},
    "controls.propose_shop": {"Operator"},
    "controls.approve_shop": {"Approver"},
    "controls.propose_offer": {"Finance"},
    "controls.approve_offer": {"Approver"},
    "controls.assign_task": {"Lead"},
    "brands.add_brand": {"Lead"},
    "brands.change_brand": {"Lead"},
    "controls.propose_brand": {"Lead"},
    "controls.approve_brand": {"Approver"},
    "accounts.change_user": {"Administrator"},
}


@pytest.fixture
def roles(db):
    set_roles(roles=ROLES, **BY)


def member(role: str):
    user = make_operator(f"{role.lower()}@kvart.example")
    with telling(user):
        user.groups.add(Group.objects.get(name=role))
    return user


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_its_pages_and_no_others(roles, role):
    user, shop, client = member(role), open_shop(), Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    lists = {name: client.get(reverse(f"admin:{name}_changelist")).status_code for name in LISTS}
    assert lists == {name: 200 if role in may else 403 for name, may in LISTS.items()}
    for name, may in ACTS.items():
        path = reverse(f"admin:{name}", args=[] if name.endswith("_add") else [shop.pk])
        assert client.post(path, {}).status_code == (200 if role in may else 403), name
    assert {right for right, may in RIGHTS.items() if user.has_perm(right)} == {right for right, may in RIGHTS.items() if role in may}


def test_every_permission_of_a_role_exists_and_no_role_proposes_and_decides(roles):
    for name, codes in ROLES.items():
        found = Permission.objects.filter(group__name=name).select_related("content_type")
        assert {f"{one.content_type.app_label}.{one.codename}" for one in found} == set(codes), name
    for pair in (
        ("propose_shop", "approve_shop"),
        ("propose_brand", "approve_brand"),
        ("propose_offer", "approve_offer"),
        ("prepare_review", "decide_review"),
    ):
        assert not any({one.split(".")[1] for one in codes} >= set(pair) for codes in ROLES.values())


def test_roles_are_brought_up_to_date_with_the_history_of_their_members(roles):
    user = member("Viewer")
    assert set_roles(roles=ROLES, **BY) == 0
    assert set_roles(roles={"Viewer": ("checkout.view_order",)}, **BY) == 1
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    newest = user.changes.order_by("-number").first()
    assert (newest.after["permissions"], newest.actor) == (["checkout.view_order"], "install")
