"""Reads of markets; rows that rarely change are cached for a minute in each process."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from core.business_days import is_holiday
from core.clock import local_date
from core.compiled import compiled
from core.errors import NotFound
from core.hours import after_quiet_hours
from core.remembered import Remembered
from markets import rules
from markets.catalog_steps import OF_BRAND
from markets.models import ExchangeRate, Market, MarketSetting

SUNDAY = 7
DOCUMENTS = ("withdrawal.days", "disclosure.standard_information", "disclosure.key_product_information", "disclosure.closed_end")


_markets = Remembered(lambda: {market.code: market for market in Market.objects.order_by("code")}, seconds=60)
_rates = Remembered(lambda: list(ExchangeRate.objects.order_by("date")), seconds=60)
_rows_by_key: dict[str, Remembered[list[MarketSetting]]] = {}


def _rows_of(*keys: str) -> Remembered[list[MarketSetting]]:
    """Return the cache of the settings with some keys of all markets."""
    found = Remembered(lambda: list_rows(keys), seconds=60)
    _rows_by_key.update(dict.fromkeys(keys, found))
    return found


ECONOMY, ECONOMY_WHOLE = "credit.economy_bps", 10_000
"""The setting that scales the computed limits of a market's people, in basis points, and its value where it is not set."""
economy_rows = _rows_of(ECONOMY)

AFFORDABILITY = "affordability"
affordability_rows = _rows_of(AFFORDABILITY)


REGISTERS = ("register.first", "register.second", "register.third")
"""The settings of the registers of payment remarks that decisions ask, in the order in which notices name them."""
register_rows = _rows_of(*REGISTERS)

SCREENING = "screening"
screening_rows = _rows_of(SCREENING)
IDENTITY_LEVELS = "identity.levels"
"""The setting with the amounts from which a purchase needs pictures of a document; without it none does."""
level_rows = _rows_of(IDENTITY_LEVELS)


PARTIAL_CHECK = "credit_check.partial_from_minor"
partial_check_rows = _rows_of(PARTIAL_CHECK)
LATE_FEES, REMINDER_FEES, FEE_CAPS = "fee.late", "fee.reminder", "fee.caps"
"""The settings with the fees that new plans agree on for being late, and with the caps on all fees."""
RETURNED_FEE, RESCHEDULE_FEE = "fee.returned", "fee.reschedule"
"""The settings with the fees for a debit that the bank gives back, and for a date that the person moves; without one there is none."""
SERVICE_FEE = "fee.service"
"""The setting with the most that a product's service fee may be; without it no product may have one."""
FEE_CAPS_OF = {"CA": "fee.caps.CA"}
"""The settings with a state's own caps, by the state's code."""
FEES = (LATE_FEES, REMINDER_FEES, RETURNED_FEE, RESCHEDULE_FEE, FEE_CAPS, *FEE_CAPS_OF.values())
fee_rows = _rows_of(*FEES)
EARLY_REWARD = "reward.early"
"""The setting with the most that early payments may earn; without it they earn nothing."""
reward_rows = _rows_of(EARLY_REWARD)
RETURN_DAYS = "payment.return_days"
"""The setting with the days for which payments wait for goods on their way back."""
return_rows = _rows_of(RETURN_DAYS)
PAYMENT_ORDER = "payment.order"
"""The setting with the order of the twelve buckets that a free payment fills; without it the usual order counts."""
order_rows = _rows_of(PAYMENT_ORDER)
STAGE_DAYS = "provisions.stage_days"
"""The setting with the days past due from which on a plan is in stage 2 and 3 of expected losses."""
CONTACT_HOURS, HOURS = "contact.hours", (time(8), time(21))
"""The setting with the hours in which people of a market are contacted, and the hours where it is not set (12 CFR 1006.6(b)(1))."""
contact_rows = _rows_of(CONTACT_HOURS)
CONTACT_CALLS = "contact.calls"
"""The setting with how often a late person of a market is called about a debt."""
call_rows = _rows_of(CONTACT_CALLS)
SCRIPTS = {"en": "script.en", "da": "script.da", "sv": "script.sv", "de": "script.de"}
"""The settings with what an operator says on a call to a late person, by language."""
script_rows = _rows_of(*SCRIPTS.values())
LETTERS = ("letter.1", "letter.2", "letter.3", "letter.4", "letter.5", "letter.6")
"""The settings with the letters that operators send to late people of a market."""
letter_rows = _rows_of(*LETTERS)
SETTLEMENTS = {
    "late": "settlement.late",
    "long_late": "settlement.long_late",
    "charged_off": "settlement.charged_off",
}
"""The settings with what one operator may settle a plan for: late by up to 90 days, for longer, and given up."""
settlement_rows = _rows_of(*SETTLEMENTS.values())
COMPLAINTS = "complaints"
"""The setting with who answers complaints of late people of a market, and where these go who do not agree."""
complaint_rows = _rows_of(COMPLAINTS)
HELP_REFUSED = "hardship.refused"
"""The setting with what follows when a person of a market is refused help with payments."""
refused_rows = _rows_of(HELP_REFUSED)
RESPITE = "hardship.respite"
"""The setting with the breathing spaces that the law of a market gives to who cannot pay; without it there are none."""
respite_rows = _rows_of(RESPITE)
DEBT_ADVICE = "debt_advice"
"""The setting with who gives free debt advice to people of a market."""
advice_rows = _rows_of(DEBT_ADVICE)
CONTACT_MESSAGES, CONTACT_QUIET = "contact.messages", "contact.quiet"
"""The settings with how often a late person is asked to pay by messages, and with the days on which nobody is asked."""
message_rows = _rows_of(CONTACT_MESSAGES)
quiet_rows = _rows_of(CONTACT_QUIET)
STEPS = "reminder.steps"
STEPS_OF = {
    "self": "reminder.steps.self",
    "light": "reminder.steps.light",
    "firm": "reminder.steps.firm",
    "call": "reminder.steps.call",
    "high": "reminder.steps.high",
    "loyal": "reminder.steps.loyal",
}
"""The settings of reminders after a due date, and those of people of some needs and classes by their code: the first that is set counts."""
step_rows: Remembered[list[MarketSetting]] = Remembered(lambda: _rows_from(STEPS), seconds=60)
"""Those settings of all markets, also those of one brand, whose key has the brand's code after an `@`."""
_rows_by_key.update(dict.fromkeys((STEPS, *STEPS_OF.values()), step_rows))
LATE_NOTICES = {"arrears": "notice.arrears", "default": "notice.default", "hand_over": "notice.hand_over"}
"""The settings of the notices that the law demands while a plan is late, by kind."""
notice_rows = _rows_of(*LATE_NOTICES.values())


def forget() -> None:
    """Clear this process's cache of markets and exchange rates."""
    _markets.forget()
    _rates.forget()


def forget_rows(key: str) -> None:
    """Clear this process's cache of the settings with a key, if it keeps them."""
    base = key.partition(OF_BRAND)[0]
    if base in _rows_by_key:
        _rows_by_key[base].forget()


def get_market(code: str) -> Market:
    """Return a market by its country code, from the cache; NotFound if the product is not offered there."""
    market = _markets().get(code)
    if market is None:
        raise NotFound("There is no such market.", code="markets.unknown")
    return market


def currency_of(code: str) -> str:
    """Return the currency of a market; NotFound."""
    return get_market(code).currency


def list_markets() -> list[Market]:
    """Return all markets by code."""
    return list(_markets().values())


@compiled
def _settings(market_code: str, key: str, on: date) -> QuerySet[MarketSetting]:
    in_force = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return MarketSetting.objects.filter(in_force, market_id=market_code, key=key).order_by("-valid_from")


@compiled
def _for_documents(market_code: str, on: date) -> QuerySet[MarketSetting]:
    in_force = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return MarketSetting.objects.filter(in_force, market_id=market_code, key__in=DOCUMENTS).order_by("valid_from")


def document_settings(market_code: str, on: date) -> dict[str, Any]:
    """Return a market's settings about the documents of a credit, in force on a date, by key; one query."""
    return {setting.key: setting.value for setting in _for_documents(market_code, on)}


def find_setting(market_code: str, key: str, on: date) -> MarketSetting | None:
    """Return the setting of a market in force on a date, or None."""
    return _settings.first(market_code, key, on)


def settings_in_force(market_code: str, keys: Collection[str], on: date) -> dict[str, Any]:
    """Return the values of some settings of a market in force on a date, by key; one query."""
    return {key: setting.value for key, setting in rows_in_force(market_code, keys, on).items()}


def rows_in_force(market_code: str, keys: Collection[str], on: date) -> dict[str, MarketSetting]:
    """Return some settings of a market in force on a date, with their sources and first days, by key; one query."""
    in_force = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    found = MarketSetting.objects.filter(in_force, market_id=market_code, key__in=keys).order_by("valid_from")
    return {setting.key: setting for setting in found}


def economy_bps(market_code: str, on: date) -> int:
    """Return the share of each computed limit that a market gives on a date, in basis points; from the cache."""
    found = _in_force(economy_rows(), market_code, on)
    return found.value if found else ECONOMY_WHOLE


def find_partial_check(market_code: str, on: date) -> MarketSetting | None:
    """Return from which debt on a market asks for a partial credit check on a date, or None; from the cache."""
    return _in_force(partial_check_rows(), market_code, on)


def contact_hours(market_code: str, on: date) -> tuple[time, time]:
    """Return from when until when people of a market are contacted on a date, by their own clock; from the cache."""
    found = _in_force(contact_rows(), market_code, on)
    return (time.fromisoformat(found.value["from"]), time.fromisoformat(found.value["to"])) if found else HOURS


def find_calls(market_code: str, on: date) -> MarketSetting | None:
    """Return how often a late person of a market is called about a debt on a date, or None where it is not set; from the cache."""
    return _in_force(call_rows(), market_code, on)


def find_script(market_code: str, language: str, on: date) -> tuple[str, dict[str, str]]:
    """Return what is said on a call to a late person of a market on a date, in a language, else in any other that the market has.

    The language comes first, then `identity`, `disclosure` and `rights`; empty where the market has none. From the cache.
    """
    rows = script_rows()
    for code in (language, *(one for one in SCRIPTS if one != language)):
        mine = [row for row in rows if row.key == SCRIPTS.get(code)]
        if found := _in_force(mine, market_code, on):
            return code, dict(found.value)
    return "", {}


def list_letters(market_code: str, on: date) -> list[MarketSetting]:
    """Return the letters that operators send to late people of a market on a date, in order; from the cache."""
    found = (_in_force([row for row in letter_rows() if row.key == key], market_code, on) for key in LETTERS)
    return [row for row in found if row is not None]


def find_complaints(market_code: str, on: date) -> dict[str, Any]:
    """Return who answers complaints of a market (`team`), within how many `days`, and the `body` outside with its `site`; else empty.

    From the cache.
    """
    found = _in_force(complaint_rows(), market_code, on)
    return dict(found.value) if found else {}


def find_settlement(market_code: str, stage: str, on: date) -> dict[str, int]:
    """Return what one operator may settle plans of a market for at a stage (a key of `SETTLEMENTS`) on a date; empty where nothing is set.

    `least_bps` of what is open, in `most_parts` payments at most; the person accepts it within `days`. From the cache.
    """
    found = _in_force([row for row in settlement_rows() if row.key == SETTLEMENTS[stage]], market_code, on)
    return dict(found.value) if found else {}


def find_respite(market_code: str, on: date) -> dict[str, Any]:
    """Return the days of a market's breathing spaces: `days`, `after_days` (after a crisis), `hold_days` (with an adviser), `review_days`.

    In the United Kingdom 60 days, for a mental health crisis as long as its treatment and 30 days after it, with a review by the adviser
    between day 20 and 30 (Debt Respite Scheme (Breathing Space Moratorium and Mental Health Crisis Moratorium) Regulations 2020,
    SI 2020/1311, regulations 26 to 34), and 30 days while a plan is made with an adviser (FCA Handbook, CONC 7.3.11R and 7.3.12G).
    Empty where it is not set; from the cache.
    """
    found = _in_force(respite_rows(), market_code, on)
    return dict(found.value) if found else {}


def find_help_refused(market_code: str, on: date) -> dict[str, Any]:
    """Return for how many days (`hold_days`) nothing follows in a market after help was refused, and the `body` outside with its `site`.

    Empty where it is not set; from the cache.
    """
    found = _in_force(refused_rows(), market_code, on)
    return dict(found.value) if found else {}


def find_debt_advice(market_code: str, on: date) -> dict[str, str]:
    """Return who gives people of a market free debt advice on a date: `name`, `site` and, if known, `phone`; empty where it is not set.

    From the cache.
    """
    found = _in_force(advice_rows(), market_code, on)
    return dict(found.value) if found else {}


def find_messages(market_code: str, on: date) -> MarketSetting | None:
    """Return how often a late person of a market is asked to pay by messages on a date, or None for no limit; from the cache."""
    return _in_force(message_rows(), market_code, on)


def is_quiet(market_code: str, on: date) -> bool:
    """Return whether a day is one on which nobody of a market is asked to pay; from the cache."""
    found = _in_force(quiet_rows(), market_code, on)
    if found is None:
        return False
    quiet: dict[str, bool] = found.value
    return (quiet["sundays"] and on.isoweekday() == SUNDAY) or (quiet["holidays"] and is_holiday(on, market_code))


def asked_from(market_code: str, zone: str, at: datetime) -> datetime:
    """Return from when on a person of a market may be asked to pay, by the hours and quiet days at their place; from the cache."""
    return after_quiet_hours(at, zone, contact_hours(market_code, local_date(at, zone)), partial(is_quiet, market_code))


def find_steps(market_code: str, segments: Collection[str], on: date, *, brand: str = "") -> MarketSetting | None:
    """Return how who is late is reminded in a market on a date, by the first of some segments that has steps of its own; from the cache.

    Segments are a person's need and classes, by the codes of `STEPS_OF`, whose order counts. Those of the person's brand come before those
    of all brands, for each segment.
    """
    wanted = [*(key for code, key in STEPS_OF.items() if code in segments), STEPS]
    keys = [one for key in wanted for one in ([f"{key}{OF_BRAND}{brand}", key] if brand else [key])]
    found = (_in_force([row for row in step_rows() if row.key == key], market_code, on) for key in keys)
    return next((row for row in found if row is not None), None)


def find_late_notice(market_code: str, kind: str, on: date) -> MarketSetting | None:
    """Return the notice of a kind that a market's law demands while a plan is late on a date, or None; from the cache."""
    return _in_force([row for row in notice_rows() if row.key == LATE_NOTICES[kind]], market_code, on)


def find_affordability(market_code: str, on: date) -> MarketSetting | None:
    """Return what a market's law asks for about affordability on a date, or None; from the cache."""
    return _in_force(affordability_rows(), market_code, on)


def list_registers(market_code: str, on: date) -> list[MarketSetting]:
    """Return the registers of payment remarks that a market's decisions ask on a date, in their order; from the cache."""
    rows = [row for row in register_rows() if row.market_id == market_code]
    found = (_in_force([row for row in rows if row.key == key], market_code, on) for key in REGISTERS) if rows else ()
    return [row for row in found if row is not None]


def find_screening(market_code: str, on: date) -> MarketSetting | None:
    """Return how often a market's people are screened against lists on a date, or None if nothing asks for it; from the cache."""
    return _in_force(screening_rows(), market_code, on)


def find_identity_levels(market_code: str, on: date) -> MarketSetting | None:
    """Return from which amounts a market's purchases need pictures of a document on a date, or None if none does; from the cache."""
    return _in_force(level_rows(), market_code, on)


def find_fee_setting(market_code: str, key: str, on: date) -> MarketSetting | None:
    """Return one of a market's settings about fees in force on a date, or None; from the cache."""
    return _in_force([row for row in fee_rows() if row.key == key], market_code, on)


def find_early_reward(market_code: str, on: date) -> MarketSetting | None:
    """Return the most that a market's early payments may earn on a date, or None if they earn nothing; from the cache."""
    return _in_force(reward_rows(), market_code, on)


def find_return_days(market_code: str, on: date) -> int | None:
    """Return for how many days payments of a market wait for a return as of a date, or None where it is not set; from the cache."""
    found = _in_force(return_rows(), market_code, on)
    return int(found.value) if found else None


def find_order(market_code: str, on: date) -> MarketSetting | None:
    """Return the order in which free payments fill buckets in a market on a date, or None for the usual one; from the cache."""
    return _in_force(order_rows(), market_code, on)


def list_screening(on: date) -> list[MarketSetting]:
    """Return how often people are screened in each market where something asks for it on a date; from the cache."""
    rows = screening_rows()
    found = (_in_force(rows, code, on) for code in sorted({row.market_id for row in rows}))
    return [row for row in found if row is not None]


def _in_force(rows: Sequence[MarketSetting], market_code: str, on: date) -> MarketSetting | None:
    """Return the newest of some rows of one key that is in force in a market on a date; `rows` are in the order of `list_rows`."""
    for row in reversed(rows):
        if row.market_id == market_code and row.valid_from <= on and (row.valid_to is None or row.valid_to > on):
            return row
    return None


def list_in_force(key: str, day_of: Callable[[str], date]) -> list[MarketSetting]:
    """Return the settings with a key that are in force, one of each market that has one on its day (`day_of`); one query."""
    rows = list_rows([key])
    found = [_in_force(rows, market, day_of(market)) for market in sorted({row.market_id for row in rows})]
    return [row for row in found if row is not None]


def list_rows(keys: Collection[str]) -> list[MarketSetting]:
    """Return the settings with some keys of all markets, by market, earliest first; one query."""
    return list(MarketSetting.objects.filter(key__in=keys).order_by("market_id", "valid_from", "id"))


def _rows_from(beginning: str) -> list[MarketSetting]:
    return list(MarketSetting.objects.filter(key__startswith=beginning).order_by("market_id", "valid_from", "id"))


def list_settings(market_code: str, key: str = "") -> list[MarketSetting]:
    """Return the settings of a market, of all keys or of one, sorted by key, latest first; one query."""
    found = MarketSetting.objects.filter(market_id=market_code, **({"key": key} if key else {}))
    return list(found.order_by("key", "-valid_from"))


def list_currencies() -> list[str]:
    """Return the currencies of all markets, each once, sorted; from the cache."""
    return sorted({market.currency for market in list_markets()})


def list_rate_dates() -> list[date]:
    """Return the dates that have rates, oldest first."""
    return sorted({rate.date for rate in _rates()})


def factors_to(currency: str, on: date) -> dict[str, Decimal]:
    """Return the factor from each currency's minor units to those of one currency, by the newest rates on a date; from the cache.

    For a date before the first rates, the first rates count.
    """
    rates = _rates()
    known = {rate.currency: rate.per_euro_e8 for rate in reversed(rates)}
    known |= {rate.currency: rate.per_euro_e8 for rate in rates if rate.date <= on}
    return rules.factors_to(currency, known)
