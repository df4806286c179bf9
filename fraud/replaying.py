"""Assessments of fraud made again from their stored signals, by the version of the rules that held then."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from controls.rules.reading import Faults
from controls.rules.sets import Place
from controls.services.ruling import kept_finding, rules_then
from core.db import pages
from core.errors import NotFound
from core.money import exponent
from fraud.models import Assessment
from fraud.ruling import FRAUD
from fraud.states import GRAVITY, Verdict

PAGE = 1_000
Differs = dict[str, tuple[object, object]]


def verdict_of(outcomes: Collection[str], *, met: Collection[str], is_allowed: bool) -> Verdict:
    """Return the gravest outcome of the rules that held, of those that the person has not `met` already, as by entering a code.

    For a value on the allow list, only a refusal counts.
    """
    verdict = max((Verdict(one) for one in outcomes if one not in met), key=GRAVITY.__getitem__, default=Verdict.ALLOW)
    return Verdict.ALLOW if is_allowed and verdict != Verdict.BLOCK else verdict


def asked_at(place: Place, currency: str, *, met: Collection[str], is_allowed: bool) -> dict[str, Any]:
    """Return what an assessment keeps besides its signals, so that it can be made again: where the rules were asked, and what was met."""
    there = {"brand": place.brand, "market": place.market, "merchant": place.merchant, "groups": list(place.groups)}
    return {**there, "on": place.on.isoformat(), "currency": currency, "met": sorted(met), "allowed": is_allowed}


def replay_assessments() -> Iterator[tuple[Assessment, Differs | None]]:
    """Make each assessment again, the oldest first; return what differs, by name, as (stored, now).

    None for one that cannot be made again: its signals went with an erased person, or it is from before they sufficed.
    """
    for page in pages(Assessment.objects.all(), PAGE):
        yield from ((one, _replayed(one)) for one in page)


def _replayed(row: Assessment) -> Differs | None:
    there = row.asked
    if not there or not row.signals:
        return None
    place = Place(there["brand"], there["market"], there["merchant"], tuple(there["groups"]), date.fromisoformat(there["on"]))
    try:
        rules = rules_then(FRAUD, row.version) if row.version else None
        said = rules.ask(row.signals, place, exponent=exponent(there["currency"])).findings if rules else ()
    except (Faults, NotFound) as fault:
        return {"rules": (f"version {row.version}", str(fault))}
    verdict = verdict_of([one.then.outcome for one in said], met=there["met"], is_allowed=there["allowed"])
    pairs: Differs = {"rules": (row.findings, [kept_finding(one) for one in said]), "verdict": (row.verdict, verdict.value)}
    return {name: (stored, now) for name, (stored, now) in pairs.items() if stored != now}
