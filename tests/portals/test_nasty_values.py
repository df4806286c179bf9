"""Every address with every parameter that the product knows, filled with what breaks software: no answer is a 500."""

import itertools
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django import forms
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from bnpl.env import ROOT
from core.api.serializers import StrictSerializer
from tests.operators import make_boss
from tests.portals.merchant.conftest import join
from tests.shops import make_key

# As they stand in an address: percent-encoded bytes.
UNSTORABLE = ["%00", "a%00b", "%ED%A0%80", "%FF%FE", "%F4%90%80%80"]
NASTY = [
    *("9999-12-31", "0001-01-01", "2026-02-30", "9999-12-31T23:59:59", "24%3A61", "-1", "0", "9" * 40, "9223372036854775808", "1e999"),
    *("NaN", "-Infinity", "%D9%A3", "%C2%B2", "%F0%9D%9F%98", "%E2%80%AE", "%27", "%25", "%5B%5D", "%7B%7D", "..%2F..%2F", "%0D%0AX", ""),
    *("a" * 3000, "ord_" + "z" * 60, "1.99999999999999999", "99999999999999.x", "before.x", "after.-1", "None", "true", "%5C"),
]


def parameters() -> list[str]:
    """Return the names that any page reads: from the code, forms, calls of the API, and lists of the back office."""
    found: set[str] = {"from", "to", "o", "p", "q", "e", "all", "_popup", "_to_field", "_changelist_filters"}
    for folder in ("portals", "core", "checkout", "accounts", "bnpl", "collection", "merchants", "webhooks", "payments"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"(?:GET|POST)(?:\.get(?:list)?\(|\[)\"([a-z_]+)\"", path.read_text()))
    get_resolver().url_patterns  # noqa: B018  (which loads every page and call)
    todo: list[type] = [StrictSerializer, forms.Form]
    while todo:
        form = todo.pop()
        todo += form.__subclasses__()
        found |= set(getattr(form, "_declared_fields", {})) | set(getattr(form, "base_fields", {}))
    for model_admin in admin.site._registry.values():
        for told in model_admin.list_filter:
            name = told[0] if isinstance(told, tuple) else getattr(told, "parameter_name", told)
            if isinstance(name, str):
                found |= {name, f"{name}__exact", f"{name}__id__exact"} | {
                    f"{name}_{side}_{part}" for side in ("from", "to") for part in (0, 1)
                }
    return sorted(found)


PARAMETERS = parameters()


def addresses(patterns=None, before: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every address of the product as a template, and the names of its parts."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + re.sub(r"^\^|\\Z|\$", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            named = re.sub(
                r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)+|\([^)]*\)\??", lambda found: f"{{{found[1] or found[2] or 'rest'}}}", route
            )
            yield "/" + named, tuple(re.findall(r"{(\w+)}", named))


ADDRESSES = sorted(set(addresses()))
ROOMS = ("merchant/", "admin/", "api/", "checkout/", "")
BIG = ("merchant/", "admin/")


def room_of(path: str) -> str:
    return next(room for room in ROOMS if path.startswith(f"/{room}"))


@pytest.fixture
def people(buy, merchant, at):
    """A signed-in browser for each room, and what stands for the parts of addresses that lead to something."""
    order = buy(merchant, 22_900, at)
    shop, office, person, machine = (Client(raise_request_exception=False) for _ in range(4))
    shop.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    office.force_login(make_boss("root@kvart.example", "x"), backend="django.contrib.auth.backends.ModelBackend")
    session = person.session
    session["consumer"], session["consumer_since"] = order.consumer.public_id, at.isoformat()
    session.save()
    person.cookies["bnpl_session"] = session.session_key
    machine = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {make_key(merchant)}"})
    real = {"order_id": order.public_id, "checkout_id": order.checkout.public_id, "object_id": str(order.pk), "name": "sandbox"}
    return {"merchant/": shop, "admin/": office, "api/": machine, "checkout/": person, "": person}, real


class Asked:
    """Requests to one room, each undone, and those that broke it."""

    def __init__(self, people, room: str) -> None:
        self.browser, self.real = people[0][room], people[1]
        self.broken: list[tuple[str, str]] = []
        self.count = 0

    def send(self, method: str, path: str, body: str = "", content_type: str = "application/x-www-form-urlencoded") -> None:
        self.count += 1
        with transaction.atomic():
            answer = self.browser.generic(method, path, body, content_type=content_type)
            transaction.set_rollback(True)
        if answer.status_code >= 500 and answer.status_code != 503:
            self.broken.append((method, path[:200], body[:200]))

    def fill(self, path: str, parts: tuple[str, ...], nasty: str) -> str:
        return path.format(**{part: self.real.get(part, nasty) for part in parts})


@pytest.mark.parametrize("room", ROOMS)
def test_no_part_of_an_address_breaks_it(people, room):
    asked = Asked(people, room)
    values = [*UNSTORABLE, *filter(None, NASTY)]
    # Many addresses share one way of reading: each gets one of the unstorable values and every so many-eth of the others.
    step = 30 if room in BIG else 10
    for start, (path, parts) in enumerate(each for each in ADDRESSES if room_of(each[0]) == room and each[1]):
        for nasty in (UNSTORABLE[start % len(UNSTORABLE)], *values[start % step :: step]):
            asked.send("GET", path.format(**dict.fromkeys(parts, nasty)))
    assert asked.broken == []


def mixed(values: list[str], shift: int) -> str:
    return "&".join(f"{quote(name)}={values[(number + shift) % len(values)]}" for number, name in enumerate(PARAMETERS))


@pytest.mark.parametrize("room", ROOMS)
def test_no_parameter_breaks_a_page(people, room):
    asked = Asked(people, room)
    for (path, parts), start in zip([each for each in ADDRESSES if room_of(each[0]) == room], itertools.count()):
        there = asked.fill(path, parts, "1")
        if "sign-out" in path or "logout" in path:
            continue
        step = len(NASTY) if room in BIG else 24
        for shift in range(start % step, len(NASTY), step):
            asked.send("GET", f"{there}?{mixed(NASTY, shift)}")
        nasty = UNSTORABLE[start % len(UNSTORABLE)]
        asked.send("GET", f"{there}?" + "&".join(f"{quote(name)}={nasty}" for name in PARAMETERS))
        asked.send("POST", there, "&".join(f"{quote(name)}={nasty}" for name in PARAMETERS))
        asked.send("POST", there, mixed(NASTY, start))
    assert asked.broken == []


def alone(room: str) -> Iterator[tuple[str, str]]:
    lists = (
        "/merchant/",
        "/merchant/orders",
        "/merchant/orders.csv",
        "/merchant/refunds",
        "/merchant/events",
        "/purchases",
        "/payments",
        "/inbox",
    )
    for path in lists if room == "pages" else ():
        yield from ((path, name) for name in ("from", "to", "status", "q", "before", "after", "days", "state"))


def test_no_single_filter_of_a_list_breaks_it(people):
    shop, person = Asked(people, "merchant/"), Asked(people, "")
    for path, name in alone("pages"):
        for nasty in ("%00", "9999-12-31", "0001-01-01", "9" * 40, "%C2%B2", "1e999"):
            (shop if path.startswith("/merchant") else person).send("GET", f"{path}?{name}={nasty}")
    assert (shop.broken, person.broken) == ([], [])


def test_no_filter_of_the_back_office_breaks_it(people):
    asked = Asked(people, "admin/")
    for model, model_admin in admin.site._registry.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        told = [told[0] if isinstance(told, tuple) else getattr(told, "parameter_name", told) for told in model_admin.list_filter]
        names = [
            name
            for field in told
            if isinstance(field, str)
            for name in (field, f"{field}__exact", f"{field}_from_0", f"{field}_to_0", f"{field}__id__exact")
        ]
        for nasty in ("%00", "9999-12-31", "0001-01-01", "9" * 40, "after.%C2%B2"):
            asked.send("GET", f"{path}?" + "&".join(f"{name}={nasty}" for name in names))
            asked.send("GET", f"{path}?q={nasty}&p={nasty}&o={nasty}")
    assert asked.broken == []


DEEP = "[" * 20_000 + "]" * 20_000
BODIES = [
    "\\u0000",
    "\\ud800",
    "9" * 400,
    "1e999",
    DEEP,
    '{"a":' * 20_000 + "1" + "}" * 20_000,
    "NaN",
    '"' + "x" * 300_000 + '"',
    "null",
    "[]",
    "{",
]


def test_no_body_breaks_a_call(people):
    asked = Asked(people, "api/")
    names = [name for name in PARAMETERS if isinstance(name, str)]
    for path, parts in ADDRESSES:
        if room_of(path) == "api/":
            there = asked.fill(path, parts, "1")
            for body in [*BODIES, *(json.dumps(dict.fromkeys(names, value)) for value in (None, -1, 10**30, "\x00", [], {"a": []}, True))]:
                asked.send("POST", there, body, "application/json")
            asked.send("POST", there, '{"amount": "\\ud800", "reason": "\\u0000"}', "application/json")
            asked.send("PATCH", there, '{"metadata": {"\\ud800": 1}}', "application/json")
    assert asked.broken == []
