"""The people of a database of many plans, each with a browser or a key of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.models import Consumer, User
from checkout.models import Order
from core import clock
from core.arrays import text_array
from core.crypto import data_keys, remember_key, sealed_fields
from core.db import rows
from core.subject_keys import subject_of
from merchants.models import Merchant, Settlement
from webhooks.models import Endpoint

ROWS = Path(__file__).with_name("rows.sql")
DAYS = 360
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Cast:
    """A large shop with its owner, key and endpoint, a frequent buyer, an operator; and their objects that are requested."""

    machine: Client
    owner: Client
    visitor: Client
    operator: Client
    shop: Merchant
    endpoint: Endpoint
    person: Consumer
    purchase: Order
    day: Settlement
    large_day: Settlement
    start: datetime
    end: datetime


def populate(plans: int) -> Cast:
    """Fill the connected database with this many plans and return its people."""
    from accounts.services import get_or_create_consumer, make_first_operator, update_details
    from markets.models import Market
    from merchants import services as merchants
    from merchants.models import Membership
    from simulation.shopper import details_of
    from webhooks.services import create_endpoint

    end = clock.now()
    start = end - timedelta(days=DAYS)
    market = Market.objects.get(code="US")
    details = {
        "name": "Nordlys",
        "legal_name": "Nordlys LLC",
        "category": "lamps",
        "brand_color": "#1f5f8b",
        "support_email": "hi@nordlys.example",
    }
    shop = merchants.create_merchant(slug="nordlys", market=market, payout_destination="US-nordlys", checkout_text="", **details, at=start)
    _, key = merchants.create_api_key(merchant=shop, kind="secret", name="Shop", actor="bench", at=start)
    endpoint = create_endpoint(merchant=shop, url="https://hooks.nordlys.example/in", at=start, actor="bench")
    owner = User.objects.create_user("owner@nordlys.example", None, name="Owner")
    Membership.objects.create(user=owner, merchant=shop, role="owner", added_at=start)
    operator = make_first_operator(email="ada@operators.example", name="Ada", actor="bench", at=start)
    person = get_or_create_consumer(channel="email", destination="anna@people.example", market=market, at=start)
    person = update_details(consumer=person, **details_of("anna@people.example", market), at=start, actor="bench")
    values = {"plans": plans, "shop": str(shop.id), "person": str(person.id), "endpoint": str(endpoint.id), "start": start}
    rows(ROWS.read_text(), values)
    _seal_like(person)

    statements = Settlement.objects.filter(merchant=shop).order_by("-date")
    return Cast(
        machine=Client(headers={"Authorization": f"Bearer {key}"}),
        owner=_signed_in(owner),
        visitor=_browser(consumer=person.public_id, consumer_since=end.isoformat()),
        operator=_signed_in(operator),
        shop=shop,
        endpoint=endpoint,
        person=person,
        purchase=Order.objects.filter(consumer=person, status="captured").select_related("plan").order_by("-id")[0],
        day=statements[2],
        large_day=statements[1],
        start=start,
        end=end,
    )


def _seal_like(person: Consumer) -> None:
    """Give everybody else the details of one person, encrypted as their own, as pages decrypt them."""
    sealed = sealed_fields(Consumer)
    columns = ", ".join(f"{field.column} = told.{field.column}" for field in sealed)
    named = ", ".join(str(field.column) for field in sealed)
    told = ", ".join(["%s::text[]"] * len(sealed))
    others = list(Consumer.objects.exclude(pk=person.pk).values_list("pk", flat=True))
    for first in range(0, len(others), CHUNK):
        chunk = others[first : first + CHUNK]
        keys = data_keys([subject_of(key) for key in chunk])
        people = [Consumer(pk=key) for key in chunk]
        for one in people:
            remember_key(one, keys[subject_of(one.pk)])
        values = [text_array(field.seal(getattr(person, field.attname), one) for one in people) for field in sealed]
        rows(
            f"UPDATE accounts_consumer c SET {columns} FROM unnest(%s::uuid[], {told}) AS told(id, {named}) WHERE c.id = told.id",
            [chunk, *values],
        )


def _signed_in(user: User) -> Client:
    told = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend"}
    return _browser(**told, **{HASH_SESSION_KEY: user.get_session_auth_hash()})


def _browser(**kept: str) -> Client:
    """Return a browser whose session holds these values."""
    from django.conf import settings

    session = SessionStore()
    session.update(kept)
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client
