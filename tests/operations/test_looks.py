"""Every page of the back office that shows somebody's personal data keeps that an operator saw it, and no other page does."""

import re
from html import unescape

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts import services as people
from accounts.models import Consumer, Look
from checkout import services as checkouts
from notifications.services import queue_for_consumer
from payments.models import Break, Charge
from tests.cast import NOW
from tests.operators import make_boss

pytestmark = pytest.mark.django_db
ABOUT = {"looks"}
"""Pages about one person that need not name them; that somebody looked is kept all the same."""
MOST_ROWS = 3
"""How many rows of a table are opened."""


@pytest.fixture
def boss(client):
    """A browser of somebody who may see everything."""
    client.force_login(make_boss())
    return client


@pytest.fixture
def world(buy, merchant, settle_charge, boss):
    """A person with an order of each kind, a request, a letter, a refund, and a row of most tables."""
    first = buy(merchant, 22_900, merchant_reference="LAMP-77")
    checkouts.capture_order(order_id=first.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    settle_charge(first)
    checkouts.refund_order(order_id=first.id, merchant=merchant, amount_minor=20_000, reason="Broken", actor="key:test", at=NOW)
    held = buy(merchant, 12_900, email="frida+fraud_hold@people.example")
    person = first.consumer
    people.open_request(consumer=person, kind="copy", text="A copy, please", at=NOW)
    about = {"order": first.public_id, "merchant": merchant.public_id}
    queue_for_consumer(consumer=person, kind="order_canceled", subject="x", context=about, at=NOW)
    charge = Charge.objects.order_by("id").first()
    more = {"gateway": charge.gateway, "amount_minor": charge.amount_minor, "currency": charge.currency, "opened_at": NOW}
    Break.objects.create(kind="charge_reversed", subject=charge.public_id, reference=first.plan.public_id, **more)
    return [person, held.consumer]


def secrets(person: Consumer) -> set[str]:
    """Return the texts by which somebody is known."""
    phone = re.sub(r"\D", "", person.phone or "")
    known = {person.name, person.email, person.address.get("line1", ""), phone[-8:], (person.birth_date or "")}
    return {text for text in known if text and len(text) > 4}


def pages() -> list[str]:
    """Return the addresses of all lists, of some rows of each table, and of the pages beside them."""
    found = [reverse("admin:index"), reverse("admin:ledger_account_trial"), reverse("admin:accounts_consumer_find")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        for key in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:MOST_ROWS]:
            found += [reverse(f"{name}_change", args=[key]), *_acts(name, key)]
    return found


def _acts(name: str, key: object) -> list[str]:
    """Return the further pages of a row that are read with its key alone."""
    found = []
    for act in {str(one) for one in get_resolver().namespace_dict["admin"][1].reverse_dict if isinstance(one, str)}:
        if act.startswith(name.removeprefix("admin:") + "_") and not act.endswith(("_change", "_changelist", "_add", "_delete")):
            try:
                found.append(reverse(f"admin:{act}", args=[key]))
            except NoReverseMatch:
                continue
    return found


def test_each_page_that_shows_somebody_keeps_the_look_and_no_other_does(world, boss):
    known = {person.pk: secrets(person) for person in world}
    shared = set.intersection(*known.values())
    known = {key: texts - shared for key, texts in known.items()}
    assert all(known.values())
    seen: set[str] = set()
    wrong: list[tuple[str, list[str], list[tuple[str, object]]]] = []
    for address in pages():
        before = Look.objects.count()
        answer = boss.get(address)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        said = unescape(answer.content.decode())
        shown: set[object] = {key for key, texts in known.items() if any(text in said for text in texts)}
        made = list(Look.objects.order_by("id")[before:].values_list("page", "consumer"))
        kept = {key for page, key in made if key in shown or page not in ABOUT}
        if kept != shown:
            wrong.append((address, [text for key in shown - kept for text in known[key] if text in said], made))
        seen |= {address.split("/")[3] for _ in shown}
    assert wrong == []
    assert {"order", "consumer", "orderreview", "consumerrequest", "break", "plan", "charge"} <= seen


def test_a_table_without_a_page_shows_nobody():
    """Tables that hold personal data are seen only through the pages above."""
    assert not {apps.get_model("accounts", "NamePart"), apps.get_model("accounts", "OnboardingStep")} & set(admin.site._registry)
