"""The matrix of roles: each page and act of the back office by each role."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import resolve, reverse

from accounts.services import set_roles
from bnpl.env import ROOT
from core.db import execute
from operations.roles import ROLES
from tests.operators import AT, make_operator, telling
from tests.shops import open_shop

BY = {"actor": "install", "at": AT}
EVERYBODY = {"Viewer", "Operator", "Approver", "Finance", "Lead", "Risk", "Fraud analyst", "Auditor"}
LISTS = {
    "accounts_consumer": EVERYBODY,
    "checkout_order": EVERYBODY,
    "checkout_orderreview": EVERYBODY,
    "merchants_merchant": EVERYBODY,
    "controls_proposal": EVERYBODY | {"Administrator", "Money laundering officer"},
    "plans_product": EVERYBODY,
    "markets_market": EVERYBODY,
    "brands_brand": EVERYBODY,
    "plans_chargeoff": {"Finance", "Lead", "Approver"},
    "collection_agency": {"Finance", "Lead", "Approver"},
    "plans_debtsale": {"Finance", "Lead", "Approver"},
    "plans_disasterarea": {"Operator", "Approver"},
    "payments_charge": {"Finance", "Lead", "Operator", "Approver"},
    "payments_break": {"Finance", "Lead", "Operator"},
    "merchants_settlement": {"Finance", "Lead"},
    "ledger_entry": {"Finance", "Lead"},
    "accounts_consumerrequest": {"Operator", "Lead"},
    "core_delivery": {"Operator", "Lead", "Administrator"},
    "accounts_user": {"Administrator", "Auditor"},
    "auth_group": {"Administrator"},
    "core_provideraccount": {"Administrator"},
    "core_tableday": {"Administrator"},
    "collection_rolledday": {"Finance", "Risk"},
    "collection_case": {"Operator", "Approver"},
    "collection_closedday": {"Finance", "Lead", "Administrator"},
    "reports_margin": {"Finance", "Risk"},
    "reports_funnelday": {"Lead", "Risk"},
    "reports_provisionmonth": {"Finance"},
    "checkout_checkout": EVERYBODY,
    "plans_plan": EVERYBODY,
    "brands_brandchange": {"Lead", "Auditor"},
    "controls_auditrow": {"Auditor", "Money laundering auditor"},
    "fraud_fraudcase": {"Fraud analyst", "Approver", "Risk"},
    "fraud_listentry": {"Fraud analyst", "Approver"},
    "fraud_launderingalert": {"Money laundering officer"},
    "accounts_screeningmatch": {"Money laundering officer"},
    "accounts_identityproof": {"Operator"},
    "accounts_publishedlist": {"Money laundering officer"},
    "controls_assignment": {"Lead"},
    "controls_absence": {"Approver", "Lead"},
    "controls_route": {"Approver", "Lead"},
    "credit_creditline": {"Operator"},
    "controls_ruleversion": {"Approver", "Risk", "Fraud analyst", "Money laundering officer"},
    "learning_modelversion": {"Approver", "Risk", "Fraud analyst", "Money laundering officer"},
    "learning_training": {"Approver", "Risk", "Fraud analyst", "Money laundering officer"},
    "accounts_customerclass": {"Risk"},
    "controls_settingchange": {"Approver", "Administrator", "Auditor"},
    "credit_decision": {"Operator", "Approver", "Risk", "Fraud analyst"},
    "ledger_account": {"Finance", "Lead"},
    "payments_cardtry": {"Operator"},
    "payments_dispute": {"Finance", "Lead", "Fraud analyst"},
    "payments_payout": {"Finance", "Lead", "Approver"},
    "payments_authorization": {"Finance", "Lead", "Approver"},
    "payments_refund": {"Finance", "Lead", "Approver"},
    # Only superusers.
    "axes_accessattempt": set(),
    "markets_exchangerate": set(),
}
ADDED = {
    "controls_absence": {"Approver", "Lead"},
    "accounts_user": {"Administrator"},
    "brands_brand": {"Lead"},
    "fraud_listentry": {"Fraud analyst"},
    "merchants_merchant": {"Lead"},
    "plans_product": {"Finance"},
}
"""The roles that may open the page to add a row, by model; the page of providers leads to a form of its own."""
FOR_ALL = {
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "jsi18n",
    "view_on_site",
    "autocomplete",
    "app_list",
    "search",
}
"""Pages of the admin site itself, which show no rows or are open to everybody who works there."""
ACTS = {
    "merchants_merchant_add": {"Lead"},
    "merchants_merchant_suspend": {"Operator"},
    "merchants_merchant_account": {"Operator"},
    "accounts_user_add": {"Administrator"},
}
RIGHTS = {
    "checkout.prepare_review": {"Operator", "Fraud analyst"},
    "checkout.decide_review": {"Approver"},
    "fraud.add_listentry": {"Fraud analyst"},
    "controls.propose_list": {"Fraud analyst"},
    "controls.approve_list": {"Approver"},
    "fraud.view_shoprisk": {"Fraud analyst", "Risk"},
    "fraud.put_label": {"Approver", "Fraud analyst"},
    "accounts.answer_request": {"Operator"},
    "accounts.note_support": {"Operator"},
    "payments.handle_break": {"Finance"},
    "plans.propose_chargeoff": {"Finance"},
    "plans.propose_debtsale": {"Finance"},
    "collection.manage_agency": {"Finance"},
    "plans.confirm_debtsale": {"Approver"},
    "collection.confirm_agencymoney": {"Approver"},
    "plans.confirm_chargeoff": {"Approver"},
    "controls.propose_shop": {"Operator"},
    "controls.approve_shop": {"Approver"},
    "controls.propose_offer": {"Finance"},
    "controls.approve_offer": {"Approver"},
    "controls.assign_task": {"Lead"},
    "brands.add_brand": {"Lead"},
    "brands.change_brand": {"Lead"},
    "controls.propose_movement": {"Finance"},
    "controls.approve_movement": {"Approver"},
    "controls.propose_refund": {"Operator"},
    "plans.rearrange_plan": {"Operator"},
    "plans.waive_fees": {"Operator"},
    "controls.approve_refund": {"Approver"},
    "controls.propose_access": {"Administrator"},
    "controls.approve_access": {"Lead"},
    "controls.propose_keys": {"Administrator"},
    "controls.approve_keys": {"Approver"},
    "controls.propose_rules": {"Risk", "Money laundering officer"},
    "fraud.handle_laundering": {"Money laundering officer"},
    "fraud.audit_laundering": {"Money laundering auditor"},
    "controls.approve_rules": {"Approver"},
    "controls.propose_brand": {"Lead"},
    "controls.approve_brand": {"Approver"},
    "accounts.change_user": {"Administrator"},
    "controls.view_auditrow": {"Auditor", "Money laundering auditor"},
}


@pytest.fixture
def roles(db):
    set_roles(roles=ROLES, **BY)


def member(role: str):
    user = make_operator(f"{role.lower().replace(' ', '.')}@kvart.example")
    with telling(user):
        user.groups.add(Group.objects.get(name=role))
    return user


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_its_acts_and_no_others(roles, role):
    user, shop, client = member(role), open_shop(), Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for name, may in ACTS.items():
        path = reverse(f"admin:{name}", args=[] if name.endswith("_add") else [shop.pk])
        assert client.post(path, {}).status_code == (200 if role in may else 403), name
    assert {right for right, may in RIGHTS.items() if user.has_perm(right)} == {right for right, may in RIGHTS.items() if role in may}


@pytest.mark.parametrize("role", ROLES)
def test_every_list_of_the_back_office_is_in_the_matrix(roles, role):
    known = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    client = Client()
    client.force_login(member(role), backend="django.contrib.auth.backends.ModelBackend")
    lists = {name: client.get(reverse(f"admin:{name}_changelist")).status_code for name in known}
    assert lists == {name: 200 if role in may else 403 for name, may in LISTS.items()}
    opened = {name for name in known if client.get(reverse(f"admin:{name}_add")).status_code == 200}
    assert opened == {name for name, may in ADDED.items() if role in may}


@pytest.mark.parametrize("role", ROLES)
def test_a_held_order_and_its_documents_name_the_buyer_to_those_who_may_see_people(roles, buy, merchant, role):
    order, client = buy(merchant, 120_000), Client()
    client.force_login(member(role), backend="django.contrib.auth.backends.ModelBackend")
    sees, looks = role in {"Operator", "Approver", "Lead", "Risk", "Fraud analyst"}, role in LISTS["checkout_orderreview"]
    for page in ("orderreview_change", order.review.pk), ("order_change", order.pk):
        answer = client.get(reverse(f"admin:checkout_{page[0]}", args=[page[1]]))
        assert answer.status_code == (200 if looks else 403)
        words = answer.content.decode()
        assert (order.consumer.name in words, order.consumer.public_id in words, ".pdf" in words) == (sees, looks and not sees, sees)
    assert client.get(reverse("admin:checkout_order_paper", args=[order.pk, "agreement"])).status_code == (200 if sees else 403)


def addresses() -> list[tuple[str, str]]:
    """Return the name and an address of every page and act of the back office; addresses of a row use a key that no row has."""
    stand_ins = {"uuid": "01a22517-1771-78f3-a9d8-c7c7cd8a5068", "int": "1", "str": "DK", "path": "1", "slug": "main"}
    found: list[tuple[str, str]] = []

    def walk(patterns, before: str) -> None:
        for one in patterns:
            path = before + re.sub(r"<(\w+):\w+>", lambda kind: stand_ins[kind[1]], str(one.pattern).lstrip("^"))
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, path)
            elif one.name and one.name not in FOR_ALL:
                found.append((one.name, path))

    walk(admin.site.urls[0], "/admin/")
    return found


def test_each_item_of_the_menu_leads_to_a_page_that_the_menu_marks_as_it(roles):
    client, items = Client(), re.compile(r'<li><a href="([^"]*)"[^>]*?( aria-current="page")?><span class="material')
    user = make_operator("all@kvart.example")
    with telling(user):
        user.groups.set(Group.objects.all())
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    menu = [link for link, _ in items.findall(client.get(reverse("admin:index")).content.decode())]
    assert len(menu) > 25
    assert all(resolve(urlsplit(link).path) for link in menu)
    below = [link for link in menu if "/fraud/" in link or "/ledger/account/" in link]
    marked = {link: [at for at, here in items.findall(client.get(link).content.decode()) if here] for link in below}
    assert marked == {link: [link] for link in below}


def test_nobody_without_a_role_reaches_any_page_or_act(roles):
    client = Client()
    client.force_login(make_operator("nobody@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    tried = addresses()
    assert len(tried) > 100
    answers = [(name, getattr(client, how)(path)) for name, path in tried for how in ("get", "post")]
    # For a row that does not exist, the site redirects to its first page.
    back = reverse("admin:index")
    reached = [
        (name, one.status_code) for name, one in answers if one.status_code not in {403, 404, 405} and one.headers.get("Location") != back
    ]
    assert not reached, reached


def test_every_permission_of_a_role_exists_and_no_role_proposes_and_decides(roles):
    for name, codes in ROLES.items():
        found = Permission.objects.filter(group__name=name).select_related("content_type")
        assert {f"{one.content_type.app_label}.{one.codename}" for one in found} == set(codes), name
    for pair in (
        ("propose_shop", "approve_shop"),
        ("propose_brand", "approve_brand"),
        ("propose_offer", "approve_offer"),
        ("propose_movement", "approve_movement"),
        ("propose_refund", "approve_refund"),
        ("propose_list", "approve_list"),
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


def test_the_guide_names_every_role():
    guide = (ROOT / "docs/guides/operator.md").read_text()
    table = guide.partition("\n## Roles\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| ([A-Z][\w ]+) \|", table, re.MULTILINE)) == sorted(ROLES)
