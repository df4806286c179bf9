"""Write, observe, propose, begin and go back to versions of rules, and evaluate rules for cases."""

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from controls.errors import Changed, Decided, Unsigned
from controls.kinds import Person
from controls.models import LONGEST_OUTCOME, Proposal, RuleCase, RuleVersion
from controls.queries import find_case, find_observed, find_rules, get_rules, lock_rules, next_rules_number
from controls.rule_kinds import get_rule_kind, language_of, list_rule_kinds
from controls.rules.choices import unknown_values
from controls.rules.reading import Faults, read_set
from controls.rules.sets import Answer, Finding, Place, RuleSet, failed_examples
from controls.services.proposing import propose
from controls.signing import fits
from controls.states import RULES_PROPOSABLE, ProposalStatus, RuleStatus
from core.db import unit, wait_lock
from core.errors import Invalid, require
from core.money import Money, exponent
from core.remembered import Remembered
from core.sentences import Sentence
from core.writes import fresh_row, insert

log = logging.getLogger("bnpl.controls")
MAY_PROPOSE, MAY_APPROVE = "controls.propose_rules", "controls.approve_rules"
PROPOSED = "controls.rules"
"""The kind of proposal that puts a version in force."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A parsed version: its number and its rules."""

    number: int
    rules: RuleSet


_parsed: dict[tuple[uuid.UUID, int], _Read] = {}
"""The versions that this process has parsed, by key and revision."""


@cache
def _read(kind: str) -> Remembered[tuple[_Read | None, _Read | None]]:
    """Return a kind's version in force, and the observed one. Cached: a new version reaches all processes after some seconds."""
    return Remembered(lambda: (_read_version(find_rules(kind)), _read_version(find_observed(kind))), seconds=5)


def is_in_force(kind: str) -> bool:
    """Return whether a version of a kind's rules is in force; cached as the rules are."""
    return _read(kind)()[0] is not None


def version_in_force(kind: str) -> tuple[int, frozenset[str]]:
    """Return the number of the version of a kind's rules in force and the facts that it reads; 0 and none without. Cached as they are."""
    live = _read(kind)()[0]
    return (live.number, live.rules.uses) if live else (0, frozenset())


def forget_rules() -> None:
    """Clear this process's cache of rules."""
    for kind in list_rule_kinds():
        _read(kind.name).forget()
    rules_then.cache_clear()
    _parsed.clear()


def keep_none() -> None:
    """Cache that there are no rules, until `forget_rules`."""
    for kind in list_rule_kinds():
        _read(kind.name).keep((None, None))
    rules_then.cache_clear()


@dataclass(frozen=True, slots=True)
class Asked:
    """The result of the version in force for a case: its number (0 if none), the gravest outcome, and the rules that held."""

    version: int
    outcome: str
    findings: tuple[Finding, ...]


def ask_rules(*, kind: str, subject: str, facts: Mapping[str, Any], place: Place, amount: Money, at: datetime) -> Asked:
    """Evaluate a kind's rules for a case, and save the case with the result, in the caller's transaction.

    See `consult_rules`.
    """
    asked, case = consult_rules(kind=kind, subject=subject, facts=facts, place=place, amount=amount, at=at)
    insert(case)
    return asked


def consult_rules(
    *, kind: str, subject: str, facts: Mapping[str, Any], place: Place, amount: Money, at: datetime
) -> tuple[Asked, RuleCase]:
    """Evaluate a kind's rules for a case; return the result, and the case, which the caller saves.

    `facts` have the types that the kind declares; None for unknown facts. The observed version is evaluated too, without effect. Cases are
    saved even if no version is in force, for trials of drafts; with what is known, so a fact that is missing from one was unknown.
    """
    chosen = get_rule_kind(kind)
    live, beside = _read(kind)()
    decimals = exponent(amount.currency)
    said = live.rules.ask(facts, place, exponent=decimals) if live else Answer((), ())
    asked = Asked(live.number if live else 0, chosen.gravest(said.findings), said.findings)
    other = beside.rules.ask(facts, place, exponent=decimals) if beside else None
    return asked, fresh_row(
        RuleCase,
        kind=kind,
        subject=subject,
        at=at,
        brand=place.brand,
        market=place.market,
        merchant=place.merchant,
        groups=list(place.groups),
        on=place.on,
        currency=amount.currency,
        amount_minor=amount.minor,
        facts={name: value for name, value in facts.items() if value is not None},
        version=asked.version,
        outcome=asked.outcome[:LONGEST_OUTCOME],
        findings=[kept_finding(one) for one in said.findings],
        observed=beside.number if beside else 0,
        observed_outcome=chosen.gravest(other.findings)[:LONGEST_OUTCOME] if other else "",
    )


def keep_new_case(*, case: RuleCase, but: str) -> None:
    """Save a case if it differs from the last one of its subject in more than the fact `but`, which counts days."""

    def told(one: RuleCase) -> tuple[Any, ...]:
        return one.facts | {but: 0}, one.version, one.observed, one.findings, one.observed_outcome

    last = find_case(case.kind, case.subject)
    if last is None or told(case) != told(last):
        insert(case)


def kept_finding(finding: Finding) -> list[Any]:
    """Return a finding in its stored form: rule, row or points, outcome, reason, value."""
    return [finding.rule, finding.row, finding.then.outcome, finding.then.reason, finding.then.value]


def clear_cases(*, kind: str, subjects: Collection[str], at: datetime) -> int:
    """Delete the facts of cases up to a time, for example of an erased person; outcomes stay. Return the number of cases."""
    return RuleCase.objects.filter(kind=kind, subject__in=subjects, at__lte=at).update(facts={})


def _read_version(version: RuleVersion | None) -> _Read | None:
    """Parse a version for evaluation, once in a process, since to compile its conditions takes many milliseconds.

    A rule about facts that no longer exist is left out with an alarm, each time; the others still apply.
    """
    if version is None:
        return None
    key = version.pk, version.revision
    try:
        if key not in _parsed:
            _parsed[key] = _Read(version.number, rules_of(version))
        return _parsed[key]
    except Faults as faults:
        log.error("rules %s v%s have faults: %s", version.kind, version.number, faults)  # noqa: TRY400
        broken = {int(place.split(".")[1]) for place in faults.by_place if place.startswith("rules.")}
        left = [rule for number, rule in enumerate(version.content["rules"]) if number not in broken]
        return _Read(version.number, _rules(version.kind, {"rules": left}))


@lru_cache(maxsize=32)
def rules_then(kind: str, number: int) -> RuleSet:
    """Return the rules of a version that was in force, cached in this process since such a version never changes; NotFound."""
    found = _read_version(get_rules(kind, number))
    assert found is not None
    return found.rules


def rules_of(version: RuleVersion) -> RuleSet:
    """Parse a version's rules; Faults if they name a fact or an outcome that no longer exists."""
    return _rules(version.kind, version.content)


def _rules(kind: str, content: Mapping[str, Any]) -> RuleSet:
    return read_set(content, get_rule_kind(kind).terms, language_of(kind))


def start_draft(*, kind: str, user: Person, at: datetime, number: int | None = None) -> RuleVersion:
    """Start a draft as a copy of a version, by default the one in force; empty if there is none. Forbidden, NotFound."""
    require(user, MAY_PROPOSE)
    get_rule_kind(kind)
    with unit():
        wait_lock(f"rules {kind}")
        source = get_rules(kind, number) if number else find_rules(kind)
        made = RuleVersion(
            kind=kind,
            number=next_rules_number(kind),
            content=source.content if source else {"rules": [], "examples": []},
            made_by=str(user.pk),
            made_at=at,
            changed_by=str(user.pk),
            changed_at=at,
        )
        made.save(force_insert=True)
    return made


def change_draft(
    *, kind: str, number: int, revision: int, content: Mapping[str, Any], note: str = "", user: Person, at: datetime
) -> RuleVersion:
    """Replace a draft's rules; if the draft was proposed already, it must be proposed again.

    Invalid names the place of each fault; Changed if somebody changed the draft since `revision`; Decided if it is not a draft.
    """
    require(user, MAY_PROPOSE)
    with unit():
        version = lock_rules(kind, number)
        if version.status != RuleStatus.DRAFT:
            raise Decided("This version cannot be changed any more. Start a draft from it.")
        if version.revision != revision:
            raise Changed("Somebody changed this draft meanwhile. Look at it again.")
        _checked(kind, content, at)
        version.content, version.note, version.revision = dict(content), note.strip()[:500], revision + 1
        version.changed_by, version.changed_at = str(user.pk), at
        version.save(update_fields=["content", "note", "revision", "changed_by", "changed_at"])
    return version


def _checked(kind: str, content: Mapping[str, Any], at: datetime) -> RuleSet:
    """Parse and check rules, and what the kind has against them; Invalid names each fault by its place."""
    try:
        found = _rules(kind, content)
    except Faults as faults:
        told: dict[str, str] = {place: fault.sentence for place, fault in faults.by_place.items()}
        raise Invalid("These rules have faults.", code="controls.rules_faulty", fields=told) from None
    if objections := _objections(kind, content, found, at.date()):
        raise Invalid("These rules have faults.", code="controls.rules_faulty", fields=objections)
    return found


def _objections(kind: str, content: Mapping[str, Any], rules: RuleSet, on: date) -> dict[str, str]:
    """Return what a kind has against the results of rules, by place."""
    chosen, found, by_id = get_rule_kind(kind), dict[str, str](), {rule.id: rule for rule in rules.rules}
    for number, kept in enumerate(content.get("rules", [])):
        rule = by_id[kept["id"]]
        for row, line in enumerate(rule.lines):
            place = f"rules.{number}." + (f"rows.{row}" if rule.form == "table" else "when")
            for fact, value in unknown_values(line.when.tree, chosen.terms.facts):
                found.setdefault(place, Sentence("“%(title)s” is never “%(value)s”.", title=fact.title, value=value))
        parts = {"table": "rows", "points": "steps"}
        results = [line.then for line in rule.lines] or [then for _least, then in rule.steps]
        for row, then in enumerate(results):
            place = f"rules.{number}.{parts[rule.form]}.{row}" if rule.form in parts else f"rules.{number}"
            if told := chosen.objection(rule, then, on):
                found[f"{place}.value"] = told
    return found


def examples_that_fail(rules: RuleSet, at: datetime) -> dict[str, str]:
    """Return the failing examples of a set, by name, with a sentence about the actual result."""
    currency_of: Callable[[str], str] = import_string(settings.CURRENCY_OF_MARKET)
    exponents = {
        market: exponent(currency_of(market)) for market in {one.place["market"] for one in rules.examples if "market" in one.place}
    }
    failed = failed_examples(rules, exponents=exponents, on=at.date())
    return {
        example.name: Sentence(
            "expected: %(expected)s, given: %(given)s",
            expected=", ".join(sorted(example.expects)) or "-",
            given=", ".join(sorted(given)) or "-",
        )
        for example, given in failed
    }


def observe_rules(*, kind: str, number: int, user: Person, at: datetime) -> RuleVersion:
    """Observe a draft beside the version in force, without effect; a previously observed version is retired."""
    require(user, MAY_PROPOSE)
    with unit():
        wait_lock(f"rules {kind}")
        version = lock_rules(kind, number)
        if version.status != RuleStatus.DRAFT:
            raise Decided("Only a draft can be observed.")
        _ready(version, at)
        before = find_observed(kind)
        if before is not None:
            _retire(before, at)
        version.observe()
        version.observed_at = at
        version.save(update_fields=["status", "observed_at"])
    forget_rules()
    return version


def discard_draft(*, kind: str, number: int, user: Person, at: datetime) -> RuleVersion:
    """Give a draft up, or stop observing a version."""
    require(user, MAY_PROPOSE)
    with unit():
        version = lock_rules(kind, number)
        if version.status == RuleStatus.SHADOW:
            _retire(version, at)
        elif version.status == RuleStatus.DRAFT:
            version.discard()
            version.ended_at = at
            version.save(update_fields=["status", "ended_at"])
        else:
            raise Decided("Only a draft can be given up.")
    forget_rules()
    return version


def propose_rules(*, kind: str, number: int, reason: str, starts_on: date | None, user: Person, at: datetime) -> uuid.UUID:
    """Propose to put a version in force, at once or from a date; return the proposal's key. Invalid if an example fails."""
    version = get_rules(kind, number)
    _ready(version, at)
    return propose(kind=PROPOSED, subject=kind, after=proposed(version), reason=reason, starts_on=starts_on, user=user, at=at).pk


def proposed(version: RuleVersion) -> dict[str, Any]:
    """Return a version's values in a proposal: its number, and a digest of its rules, which reveals later changes."""
    return {"version": version.number, "digest": hashlib.sha256(json.dumps(version.content, sort_keys=True).encode()).hexdigest()}


def begin_rules(*, kind: str, number: int, by: str, at: datetime) -> RuleVersion:
    """Put a version in force in place of the present one, in the caller's transaction, for the approved proposal `by`.

    A version that was in force before, or that comes with the product, needs no proposal; any other is Unsigned without one.
    """
    wait_lock(f"rules {kind}")
    version = lock_rules(kind, number)
    if version.status not in RULES_PROPOSABLE:
        raise Decided("This version holds already, or was given up.")
    if version.began_at is None and version.content != get_rule_kind(kind).shipped:
        _refuse_unsigned(version, by)
    _ready(version, at)
    before = find_rules(kind)
    if before is not None:
        _retire(before, at)
    version.begin()
    version.began_by, version.began_at, version.ended_at = by, at, None
    version.save(update_fields=["status", "began_by", "began_at", "ended_at"])
    forget_rules()
    return version


def _refuse_unsigned(version: RuleVersion, by: str) -> None:
    """Refuse a version on which no two people agreed, whoever asks for it; Unsigned."""
    agreed = Proposal.objects.filter(kind=PROPOSED, subject=version.kind, status=ProposalStatus.APPROVED, after=proposed(version))
    if not any(f"proposal:{one.public_id}" == by and fits(one) for one in agreed):
        raise Unsigned("Two people have to agree on these rules first.")


def go_back(*, kind: str, number: int, user: Person, at: datetime) -> RuleVersion:
    """Put a version in force again that two people agreed on earlier; one person who may decide about rules is enough."""
    require(user, MAY_APPROVE)
    with unit():
        version = get_rules(kind, number)
        if version.began_at is None or version.status != RuleStatus.RETIRED:
            raise Decided("One can only go back to a version that held before.")
        return begin_rules(kind=kind, number=number, by=str(user.pk), at=at)


def _retire(version: RuleVersion, at: datetime) -> None:
    version.retire()
    version.ended_at = at
    version.save(update_fields=["status", "ended_at"])


def _ready(version: RuleVersion, at: datetime) -> None:
    failed = examples_that_fail(_checked(version.kind, version.content, at), at)
    if failed:
        raise Invalid("Examples of this version do not come true.", code="controls.examples_fail", fields=failed)
