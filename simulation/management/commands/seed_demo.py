"""`manage.py seed_demo`: the demo's people and shops, and a little history, once."""

import gc
import json
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts import services as accounts
from accounts.models import User
from brands.models import DEFAULT
from core import clock, roles
from core.db import unit
from markets.models import Market
from merchants import services as merchants
from merchants.models import Membership, Merchant
from operations.roles import ROLES
from plans.states import PlanStatus
from reports.funnel.services import count_days
from reports.margins.services import count_margins
from simulation import collecting, early, labeled, offering, overruling, ring, risk, ruling, second_brand, sources, wandering

PASSWORD = "demo-password"  # noqa: S105  (a public demo)
SHOPS: list[dict[str, Any]] = [
    {
        "slug": "nordlys",
        "owner": "Nora Lindqvist",
        "market": "US",
        "account": "000123456789",
        "profile": {
            "name": "Nordlys Lamps",
            "legal_name": "Nordlys Lamps LLC",
            "category": "lamps",
            "brand_color": "#1f5f8b",
            "support_email": "hello@nordlys.example",
            "checkout_text": "Made by hand in Portland. Returns within 30 days.",
        },
    },
    {
        "slug": "trailhead",
        "owner": "Jonas Holm",
        "market": "DK",
        "account": "DK5000400440116243",
        "profile": {
            "name": "Trailhead Outdoor",
            "legal_name": "Trailhead Outdoor ApS",
            "category": "outdoor gear",
            "brand_color": "#8a4b12",
            "support_email": "hej@trailhead.example",
            "checkout_text": "Lavet til den lange vej rundt. 60 dage til at fortryde.",
        },
    },
]
OPERATORS = [
    ("olivia@kvart.example", "Olivia Brandt", ("Operator", "Approver", "Finance", "Lead")),
    ("oscar@kvart.example", "Oscar Lund", ("Operator", "Approver", "Finance")),
    ("vera@kvart.example", "Vera Holm", ("Viewer",)),
    ("rita@kvart.example", "Rita Sand", ("Risk",)),
    ("frida@kvart.example", "Frida Berg", ("Fraud analyst",)),
    ("mona@kvart.example", "Mona Lind", ("Money laundering officer",)),
    ("idun@kvart.example", "Idun Falk", ("Administrator",)),
    ("anna@kvart.example", "Anna Sommer", ("Auditor",)),
]
"""Two who can do all of the daily work, including the second person's part; one who may only look; one who writes rules; one for fraud, and
one for money laundering; one who manages operators and sees no money; one auditor."""
ADMINS = (("admin@kvart.example", "Ada Nordin"), ("second@kvart.example", "Sven Dahl"))
"""Two with all permissions: one proposes the roles of others, the other decides."""
HISTORY_DAYS = 30


class Command(BaseCommand):
    """Makes two brands, shops with keys and owners, operators of each role, and simulates some consumers through weeks."""

    help = "Seed the demo; does nothing where it was seeded before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the number of consumers with a history."""
        parser.add_argument("--consumers", type=int, default=56)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed once; people and keys are saved in `seed.json` beside the data."""
        if not settings.SANDBOX:
            raise CommandError("The demo is seeded in a sandbox only.")
        path: Path = settings.VAR_DIR / "seed.json"
        if path.exists() and Merchant.objects.exists():
            return
        # Much is made and kept here: to look so often for what could be thrown away takes longer.
        gc.set_threshold(100_000, 20, 20)
        beside: AbstractContextManager[risk.Learning] = risk.learning_models() if options["consumers"] else nullcontext({})
        with beside as learning:
            self._seed(path, options["consumers"], learning, clock.now())

    def _seed(self, path: Path, consumers: int, learning: risk.Learning, at: datetime) -> None:
        # In the running product two people give operators their rights.
        with roles.as_owner(), unit():
            began = at - timedelta(days=collecting.DAYS_BEFORE + 1)
            # The first shop alone is as old as the oldest debt: a statement is made for each day of a shop.
            later = at - timedelta(days=early.DAYS_BEFORE + 1)
            shops = [_shop(shop, began if shop is SHOPS[0] else later) for shop in SHOPS]
            seed = {"merchants": shops, "operators": _operators(at)}
            second_brand.make_second_brand(at=began)
            sources.make_accounts(at=began)
            shop = _shop(second_brand.SHOP, at, brand=second_brand.CODE)
            ruling.make_rules(at=began)
        seed["consumers"], seed["brands"] = [], [second_brand.describe(shop, [])]
        _write(path, seed)
        if consumers:
            # Before anybody is decided on, so that decisions have what the models say.
            risk.make_models(learning, proposer=_key("rita@kvart.example"), approver=_key("oscar@kvart.example"), at=began)
            lamps = Merchant.objects.get(slug=SHOPS[0]["slug"])
            collecting.let_people_owe(lamps, at=at)
            early.let_early_people_buy(lamps, at=at)
            agency = collecting.place_debts(lamps, at=at - timedelta(days=early.DAYS_AFTER - 1))
            call_command("simulate", consumers=consumers, days=HISTORY_DAYS, seed=7, past=True, stdout=self.stdout)
            merchant = Merchant.objects.get(brand_id=second_brand.CODE)
            seed["brands"] = [second_brand.describe(shop, second_brand.let_people_buy(merchant, at=clock.now()))]
            collecting.let_it_collect(agency, at=clock.now())
            ruling.let_a_rule_hold(lamps, at=clock.now())
            ring.let_a_ring_buy(lamps, at=clock.now())
            labeled.label_purchases(lamps, User.objects.get(email="frida@kvart.example"), at=clock.now())
            offering.let_counter_offers_be_made(lamps, at=clock.now())
            sources.let_people_show_their_bank(at=clock.now())
            wandering.let_people_wander(lamps, at=clock.now())
            overruling.let_a_refusal_be_overruled(User.objects.get(email="olivia@kvart.example"), at=clock.now())
        ruling.start_next(at=clock.now())
        count_margins(at=clock.now())
        count_days(at=clock.now(), days=wandering.DAYS + 2)
        _write(path, seed | {"consumers": _consumers()})


def _write(path: Path, seed: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(seed, indent=1))
    beside.replace(path)


def _shop(shop: dict[str, Any], at: datetime, *, brand: str = DEFAULT) -> dict[str, Any]:
    market = Market.objects.get(code=shop["market"])
    merchant = merchants.create_merchant(
        slug=shop["slug"],
        market=market,
        payout_destination=shop["account"],
        origins=[settings.SHOP_URL],
        brand=brand,
        **shop["profile"],
        at=at,
    )
    _, secret = merchants.create_api_key(merchant=merchant, kind="secret", name="Demo shop", actor="demo", at=at)
    _, publishable = merchants.create_api_key(merchant=merchant, kind="publishable", name="Demo shop widget", actor="demo", at=at)
    email = f"owner@{shop['slug']}.example"
    owner = User.objects.create_user(email, PASSWORD, name=shop["owner"])
    Membership.objects.create(user=owner, merchant=merchant, role="owner", added_at=at)
    return {
        "name": merchant.name,
        "slug": merchant.slug,
        "currency": merchant.currency,
        "secret_key": secret,
        "publishable_key": publishable,
        "login": {"email": email, "password": PASSWORD},
    }


def _operators(at: datetime) -> list[dict[str, Any]]:
    """Make operators with the roles of every installation, and two superusers; return them with their passwords."""
    accounts.set_roles(roles=ROLES, actor="demo", at=at)
    groups = {group.name: group for group in Group.objects.all()}
    for email, name, given in OPERATORS:
        accounts.make_operator(email=email, password=PASSWORD, name=name, groups=[groups[role] for role in given], actor="demo", at=at)
    for email, name in ADMINS:
        accounts.make_operator(email=email, password=PASSWORD, name=name, may_all=True, actor="demo", at=at)
    people: list[dict[str, Any]] = [{"email": email, "password": PASSWORD, "roles": list(roles)} for email, _, roles in OPERATORS]
    people[2:2] = [{"email": email, "password": PASSWORD, "superuser": True} for email, _ in ADMINS]
    return people


def _key(email: str) -> str:
    """Return the key of an operator."""
    return str(User.objects.get(email=email).pk)


def _consumers() -> list[dict[str, str]]:
    """Return some consumers of the first brand with open payments, so that each of their pages shows something."""
    from plans.models import Plan

    plans = Plan.objects.filter(status=PlanStatus.ACTIVE, consumer__brand_id=DEFAULT).select_related("consumer").order_by("-id")[:40]
    return [{"email": email} for email in dict.fromkeys(plan.consumer.email for plan in plans)][:5]
