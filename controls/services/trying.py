"""Trials: evaluate a version of rules for past cases, and count what it would have changed."""

import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from controls.errors import AlreadyProposed, Decided
from controls.kinds import Person
from controls.models import RuleCase, RuleTrial, RuleVersion
from controls.queries import cases_of, get_rules, lock_trial
from controls.rule_kinds import Consequence, RuleKind, get_rule_kind
from controls.rules.sets import Place, RuleSet
from controls.rules.trials import Told, add_case, empty_counts
from controls.services.ruling import MAY_PROPOSE, rules_of
from controls.states import RULES_PROPOSABLE, TRIAL_OPEN, RuleStatus
from core.db import unit, wait_lock
from core.errors import require
from core.money import exponent

log = logging.getLogger("bnpl.controls")
LOOKS_BACK = timedelta(days=365)
CHUNK = 2_000
BUDGET_S = 15.0
"""The time after which a worker leaves the rest of a trial to the timer's next run, in seconds."""


def start_trial(*, kind: str, number: int, user: Person, at: datetime, since: datetime | None = None) -> RuleTrial:
    """Start a trial of a version on the cases since a moment, by default of the last 12 months; a worker does it.

    AlreadyProposed while a trial of this version is running; Decided for a version that was given up.
    """
    require(user, MAY_PROPOSE)
    with unit():
        wait_lock(f"trial {kind}")
        version = get_rules(kind, number)
        if version.status not in (*RULES_PROPOSABLE, RuleStatus.LIVE):
            raise Decided("This version was given up.")
        if version.trials.filter(status__in=TRIAL_OPEN).exists():
            raise AlreadyProposed("A trial of this version goes on already.")
        begins = since or at - LOOKS_BACK
        made = RuleTrial(
            version=version,
            revision=version.revision,
            since=begins,
            until=at,
            started_by=str(user.pk),
            started_at=at,
            whole=cases_of(kind, begins, at).count(),
            found=empty_counts(),
        )
        made.save(force_insert=True)
    return made


def run_trials(*, at: datetime) -> int:
    """Continue the waiting trials, oldest first, for some seconds; return how many cases were evaluated. Run by a timer.

    Each chunk of cases is a commit of its own, so that a killed worker loses at most one.
    """
    stop, asked = time.monotonic() + BUDGET_S, 0
    for key in RuleTrial.objects.filter(status__in=TRIAL_OPEN).order_by("started_at").values_list("id", flat=True):
        while time.monotonic() < stop:
            done = _run_chunk(key, at)
            asked += done
            if not done:
                break
    return asked


def _run_chunk(key: uuid.UUID, at: datetime) -> int:
    try:
        with unit():
            trial = RuleTrial.objects.select_related("version").filter(id=key, status__in=TRIAL_OPEN)
            found = trial.select_for_update(skip_locked=True, of=("self",)).first()
            return _ask_chunk(found, at) if found else 0
    except Exception:
        log.exception("a trial of rules failed: %s", key)
        with unit():
            failed = lock_trial(key)
            failed.fail()
            failed.ended_at = at
            failed.save(update_fields=["status", "ended_at"])
        return 0


def _ask_chunk(trial: RuleTrial, at: datetime) -> int:
    """Evaluate a locked trial's rules for the next cases; return their number."""
    version, counts = trial.version, trial.found
    if version.revision != trial.revision:
        raise RuntimeError("the draft changed while it was tried")
    cases = _next_cases(trial, version)
    if cases:
        trial.run()
        _count(counts, cases, rules_of(version), get_rule_kind(version.kind))
        trial.asked += len(cases)
        counts["last"] = [cases[-1].at.isoformat(), str(cases[-1].id)]
    else:
        trial.finish()
        trial.ended_at = at
    trial.save(update_fields=["status", "asked", "found", "ended_at"])
    return len(cases)


def _next_cases(trial: RuleTrial, version: RuleVersion) -> list[RuleCase]:
    cases = cases_of(version.kind, trial.since, trial.until)
    if last := trial.found.get("last"):
        # A row comparison, so that the index on time is used.
        cases = cases.extra(where=["(at, id) > (%s::timestamptz, %s::uuid)"], params=last)
    return list(cases[:CHUNK])


def _count(counts: dict[str, Any], cases: Sequence[RuleCase], rules: RuleSet, kind: RuleKind) -> None:
    lost: Mapping[str, Consequence] = kind.consequences([case.subject for case in cases])
    for case in cases:
        place = Place(case.brand, case.market, case.merchant, tuple(case.groups), case.on)
        answer = rules.ask(case.facts, place, exponent=exponent(case.currency))
        # From the findings, because older rows have the outcome without its values.
        before = kind.without_usual(kind.gravest_kept(case.findings) if case.findings else case.outcome)
        after = kind.without_usual(kind.gravest(answer.findings))
        worths = _worths(kind, case, before, after)
        told = Told(
            subject=case.subject,
            before=before,
            after=after,
            amount_minor=case.amount_minor,
            lost_minor=lost.get(case.subject, Consequence()).lost_minor,
            currency=case.currency,
            segments=_segments(case, kind),
            worth_minor=None if worths is None or before == after else worths[1] - worths[0],
            sums_minor=worths if kind.sums_title else None,
            idle=("", kind.idle),
        )
        add_case(counts, told, answer, kind.compared)


def _segments(case: RuleCase, kind: RuleKind) -> dict[str, str]:
    group = ", ".join(case.groups)
    places = {"brand": case.brand, "market": case.market, "merchant": case.merchant, "group": group, "month": f"{case.on:%Y-%m}"}
    return places | {name: str(case.facts.get(name, "")) for name in kind.segment_facts}


def _worths(kind: RuleKind, case: RuleCase, before: str, after: str) -> tuple[int, int] | None:
    """Return what the outcomes before and now set, in minor units; None if not known, or if nothing asks for it."""
    if not kind.worth_title or (before == after and not kind.sums_title):
        return None
    was, now = (kind.worth_minor(case.facts, outcome, exponent(case.currency)) for outcome in (before, after))
    return None if was is None or now is None else (was, now)
