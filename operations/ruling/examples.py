"""Examples of a draft: a case with some facts, and its expected outcome."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from controls.models import RuleVersion
from controls.rule_kinds import RuleKind, name_kept, name_shown
from controls.rules.facts import Fact, FactType
from controls.telling import currency_in
from core.money import exponent
from operations.ruling.forming import unit_of
from operations.ruling.places import options
from operations.ruling.typed import PLACES, value_fault
from operations.ruling.values import keep_value, write_kept


def _decimals(market: str) -> int:
    currency = currency_in(market)
    return exponent(currency) if currency else 2


def typed_of(kind: RuleKind, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a saved example as values of its form."""
    place = {name: str((kept.get("place") or {}).get(name, "")) for name in PLACES}
    decimals = _decimals(place["market"])
    facts = {
        name: write_kept(value, kind.terms.facts[name], decimals)
        for name, value in (kept.get("facts") or {}).items()
        if name in kind.terms.facts
    }
    return {
        "name": name_shown(str(kept.get("name", ""))),
        "place": place,
        "facts": facts,
        "expects": list(kept.get("expects", [])),
        "faults": {},
    }


def read_post(post: QueryDict) -> dict[str, Any]:
    """Return the submitted values of a form."""
    given = {name.removeprefix("fact-"): str(value).strip() for name, value in post.items() if name.startswith("fact-")}
    place = {name: post.get(name, "").strip() for name in PLACES}
    return {
        "name": post.get("name", "").strip(),
        "place": place,
        "facts": {name: value for name, value in given.items() if value},
        "expects": post.getlist("expects"),
        "faults": {},
    }


def example_of(kind: RuleKind, typed: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON of an example; errors are written into `faults`, by fact."""
    facts, decimals = {}, _decimals(typed["place"]["market"])
    for name, text in typed["facts"].items():
        fact = kind.terms.facts.get(name)
        if fact is None:
            continue
        try:
            facts[name] = keep_value(text, fact, decimals)
        except ValueError:
            typed["faults"][name] = value_fault(fact)
    if not typed["name"]:
        typed["faults"]["name"] = _("Give it a name.")
    expects = [one for one in typed["expects"] if one in kind.outcomes]
    return {
        "name": name_kept(typed["name"][:120]),
        "place": {name: value for name, value in typed["place"].items() if value},
        "facts": facts,
        "expects": expects,
    }


def form_of(kind: RuleKind, version: RuleVersion, typed: dict[str, Any]) -> dict[str, Any]:
    """Return the content of the page of an example's form."""
    offered = options()
    labels = {"brand": _("Brand"), "market": _("Market"), "merchant": _("Shop"), "group": _("Customer group")}
    return {
        "kind": kind,
        "version": version,
        "typed": typed,
        "facts": [_fact(fact, typed) for fact in kind.facts],
        "outcomes": [{"value": name, "title": one.title, "chosen": name in typed["expects"]} for name, one in kind.outcomes.items()],
        "places": [
            {
                "name": name,
                "label": labels[name],
                "options": [{"value": value, "title": title, "chosen": value == typed["place"][name]} for value, title in offered[name]],
            }
            for name in PLACES
        ],
    }


def _fact(fact: Fact, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field of a fact; one of known values is chosen, and one that is not known any more is still offered."""
    value = typed["facts"].get(fact.name, "")
    known = dict(fact.choices) if fact.type == FactType.TEXT else {}
    if known and value:
        known.setdefault(value, value)
    return {
        "name": fact.name,
        "title": fact.title,
        "unit": unit_of(fact),
        "value": value,
        "options": list(known.items()),
        "fault": typed["faults"].get(fact.name, ""),
        "yes_or_no": fact.type == FactType.YES,
    }
