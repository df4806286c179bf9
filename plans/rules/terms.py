"""Bounds of a product's terms, and the cost caps of a market's law."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.business_days import AS_IS, MODIFIED, NEXT, PREVIOUS
from core.money import MAX_MINOR
from core.sentences import Sentence
from plans.rules.scopes import CLASS_AXES

MOST_PAYMENTS = 60
MOST_DAYS = 366
MOST_RATE_BPS = 10_000
MOST_SERVICE_BPS = 1_000
SHOP_PAYS_MONTHS = (3, 36)
"""The least and the most monthly payments of a product whose interest the shop pays."""
NAME = "name"
NUMBERS: dict[str, tuple[int, int]] = {
    "count": (1, MOST_PAYMENTS),
    "interval_days": (0, MOST_DAYS),
    "rate_bps": (0, MOST_RATE_BPS),
    "shop_rate_bps": (0, MOST_RATE_BPS),
    "service_minor": (0, MAX_MINOR),
    "service_bps": (0, MOST_SERVICE_BPS),
    "service_most_minor": (0, MAX_MINOR),
    "minimum_minor": (1, MAX_MINOR),
    "maximum_minor": (1, MAX_MINOR),
    "position": (0, 99),
    "skipped": (0, 12),
    "deposit_bps": (0, 9_000),
}
"""The numeric terms, each with its smallest and largest value."""
EVERYBODY, BY_RULE = "all", "by_rule"
"""Who is offered a product: everybody for whom the amount fits, or only people to whom a rule of the kind `offers` offers it."""
CHOICES: dict[str, tuple[str, ...]] = {
    "interval": ("biweekly", "monthly", "days"),
    "first": ("now", "later"),
    "remainder": ("last", "first"),
    "refund_rule": ("last_first", "next_first", "pro_rata", "reamortize"),
    "audience": (EVERYBODY, BY_RULE),
    "day_rule": (AS_IS, NEXT, PREVIOUS, MODIFIED),
}
LISTS = ("brands", "shops", "trades", "classes")
"""The terms that say for which purchases a product is meant, each a list of words; an empty one means all."""
MOST_WORDS, LONGEST_WORD = 500, 60
STANDS_FOR = "stands_for"
ADDED: dict[str, Any] = {
    "audience": EVERYBODY,
    "skipped": 0,
    "deposit_bps": 0,
    "shop_rate_bps": 0,
    "service_minor": 0,
    "service_bps": 0,
    "service_most_minor": 0,
    "day_rule": AS_IS,
    STANDS_FOR: "",
    **{name: [] for name in LISTS},
}
"""The terms that proposals from before may lack, with what they meant then."""
TERMS = (
    *(NAME, "count", "interval", "interval_days", "first", "skipped", "day_rule", "rate_bps", "shop_rate_bps"),
    *("service_minor", "service_bps", "service_most_minor", "deposit_bps"),
    *("minimum_minor", "maximum_minor", "remainder", "refund_rule", "position", "audience", *LISTS, STANDS_FOR),
)
"""All terms of a version, in display order."""
_CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")


@dataclass(frozen=True, slots=True)
class Caps:
    """The cost caps of a market's law in basis points: APR, nominal rate, and total cost relative to the amount; None for no cap."""

    apr_bps: int | None = None
    rate_bps: int | None = None
    cost_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The cost of a quote: amount, all cost and the service fee of it in minor units, the amount formatted for people, and the APR."""

    amount: str
    principal_minor: int
    cost_minor: int
    apr_bps: int
    service_minor: int = 0


def is_code(code: str) -> bool:
    """Return whether a text can be a product code: 2 to 20 lowercase letters, digits or underscores."""
    return _CODE.fullmatch(code) is not None


def term_faults(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the terms of a version, by name of the term; empty if it can be offered."""
    found: dict[str, str] = {}
    for name, (least, most) in NUMBERS.items():
        value = terms.get(name)
        if type(value) is not int or not least <= value <= most:
            found[name] = Sentence("must be a number from %(least)s to %(most)s", least=least, most=most)
    for name, values in CHOICES.items():
        if terms.get(name) not in values:
            found[name] = Sentence("is none of the choices")
    found |= {name: Sentence("is no list of words") for name in LISTS if not _is_list(terms.get(name))}
    found |= _scope_faults(terms)
    title = terms.get(NAME)
    if not isinstance(title, str) or title != title.strip() or not 1 <= len(title) <= 60 or not title.isprintable():
        found[NAME] = Sentence("must have 1 to 60 characters")
    return found or _together(terms)


def _is_list(value: Any) -> bool:
    words = value if isinstance(value, list) and len(value) <= MOST_WORDS else [""]
    return all(isinstance(one, str) and one == one.strip() and 1 <= len(one) <= LONGEST_WORD and one.isprintable() for one in words)


def _scope_faults(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with for whom it is meant: another axis of classes, or a product that stands for what cannot be a code."""
    found: dict[str, str] = {}
    classes, other = terms.get("classes"), terms.get(STANDS_FOR)
    if isinstance(classes, list) and any(str(one).partition(":")[0] not in CLASS_AXES for one in classes):
        found["classes"] = Sentence("has a class by which products are not narrowed")
    if not isinstance(other, str) or (other and not is_code(other)):
        found[STANDS_FOR] = Sentence("is none of the choices")
    elif other and not any(terms.get(name) for name in LISTS):
        found[STANDS_FOR] = Sentence("is only for a product that is meant for some purchases alone")
    return found


def _together(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong between terms that are each valid by themselves."""
    found: dict[str, str] = {}
    count, is_single = terms["count"], terms["interval"] == "days"
    if is_single != (count == 1):
        found["count"] = Sentence("is one where it is paid after some days, and more where it is paid every two weeks or every month")
    elif is_single and (terms["interval_days"] < 1 or terms["first"] != "later"):
        found["interval_days"] = Sentence("must be at least one day, with nothing to pay before")
    elif is_single and terms["skipped"]:
        found["skipped"] = Sentence("is only for a product with several payments")
    elif not is_single and terms["interval_days"]:
        found["interval_days"] = Sentence("is only for a product with one payment")
    if terms["minimum_minor"] > terms["maximum_minor"]:
        found["maximum_minor"] = Sentence("is less than the smallest amount")
    elif terms["minimum_minor"] < count:
        found["minimum_minor"] = Sentence("is too little for so many payments")
    found |= _shop_pays(terms) | _service(terms)
    told = {int(number) for number in re.findall(r"\d{1,9}", terms[NAME])}
    if told - {count, terms["interval_days"]}:
        found[NAME] = Sentence("names a number that is neither that of the payments nor that of the days")
    return found


def _shop_pays(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with interest that the shop pays: it takes its consent, so that only named shops sell such a product."""
    least, most = SHOP_PAYS_MONTHS
    if not terms["shop_rate_bps"]:
        return {}
    if terms["rate_bps"]:
        return {"shop_rate_bps": Sentence("is only for a product without interest for the person")}
    if terms["interval"] != "monthly" or not least <= terms["count"] <= most:
        return {"shop_rate_bps": Sentence("is only for %(least)s to %(most)s monthly payments", least=least, most=most)}
    return {} if terms["shops"] else {"shops": Sentence("must name the shops that pay the interest")}


def _service(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a service fee: everybody who may choose the plan is told the same price, so that none is set by risk."""
    if not (terms["service_minor"] or terms["service_bps"]):
        return {"service_most_minor": Sentence("is only for a product with a service fee")} if terms["service_most_minor"] else {}
    if terms["shop_rate_bps"]:
        return {"service_minor": Sentence("is not for a product whose interest the shop pays")}
    if terms["audience"] != EVERYBODY or terms["classes"]:
        return {"service_minor": Sentence("is only for a product that everybody is offered")}
    return {}


def service_faults(most_minor: int | None, has_caps: bool, quotes: Iterable[Figures]) -> dict[str, str]:
    """Return what a market's settings forbid of a service fee: any without `most_minor` or without caps on fees, and one above it."""
    for quote in quotes:
        if not quote.service_minor:
            continue
        if most_minor is None or not has_caps:
            return {"service_minor": Sentence("is not allowed by the settings of the market")}
        if quote.service_minor > most_minor:
            return {"service_minor": Sentence("is more at %(amount)s than the settings of the market allow", amount=quote.amount)}
    return {}


def cap_faults(caps: Caps, rate_bps: int, quotes: Iterable[Figures], percent: Callable[[int], str]) -> dict[str, str]:
    """Return the legal caps that a product would break, by the name of the term, with the first amount at which it breaks them.

    `percent` formats basis points for people.
    """
    if caps.rate_bps is not None and rate_bps > caps.rate_bps:
        return {"rate_bps": Sentence("is above %(most)s, the most that the law of the market permits", most=percent(caps.rate_bps))}
    for quote in quotes:
        facts, term = {"amount": quote.amount}, "service_minor" if quote.service_minor else "rate_bps"
        if caps.apr_bps is not None and quote.apr_bps > caps.apr_bps:
            facts |= {"apr": percent(quote.apr_bps), "most": percent(caps.apr_bps)}
            return {term: Sentence("makes an APR of %(apr)s at %(amount)s; the law of the market permits %(most)s", **facts)}
        if caps.cost_bps is not None and quote.cost_minor * 10_000 > quote.principal_minor * caps.cost_bps:
            facts |= {"most": percent(caps.cost_bps)}
            return {term: Sentence("costs more than %(most)s of the amount at %(amount)s, the most that the law permits", **facts)}
    return {}
