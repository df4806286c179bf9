"""Evaluate the rules about money laundering, raise and decide alerts, and write and file reports of suspicion."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Consumer, ScreeningMatch, User
from accounts.screening import services as lists
from accounts.states import MatchStatus
from controls.rules.sets import Place
from controls.services import clear_cases, consult_rules
from controls.services.ruling import keep_new_case
from core.db import unit, wait_lock
from core.errors import Conflict, Invalid, require
from core.ids import public_id, uuid7
from core.money import Money
from core.sentences import Sentence
from fraud.laundering import goaml
from fraud.laundering.goaml import Header
from fraud.laundering.models import LaunderingAlert, LaunderingLook, LaunderingReport
from fraud.laundering.queries import list_quiet, lock_alert, lock_report
from fraud.laundering.ruling import LAUNDERING, LISTED, LISTED_NAME
from fraud.states import AlertStatus
from markets.queries import factors_to

MAY_HANDLE, MAY_AUDIT = "fraud.handle_laundering", "fraud.audit_laundering"
LONGEST_REASON = 4_000


def raise_alerts(*, consumer: Consumer, facts: Mapping[str, Any], place: Place, at: datetime) -> list[LaunderingAlert]:
    """Evaluate the rules for a person's behavior and raise an alert for each rule that holds; return the new alerts. Safe to repeat.

    `consumer` is the person's first account. A rule raises at most one alert in 30 days, and none while its alert is open.
    """
    amount = Money(facts["amount_30d"], consumer.market.currency)
    with unit():
        wait_lock(f"laundering:{consumer.pk}")
        asked, case = consult_rules(kind=LAUNDERING, subject=consumer.public_id, facts=facts, place=place, amount=amount, at=at)
        keep_new_case(case=case, but="account_days")
        quiet = list_quiet(consumer.pk, at) if asked.findings else set()
        return LaunderingAlert.objects.bulk_create(
            LaunderingAlert(
                consumer=consumer,
                rule=found.rule,
                rule_name=found.name,
                reason=found.then.reason,
                version=asked.version,
                facts=dict(facts),
                currency=amount.currency,
                raised_at=at,
            )
            for found in {one.rule: one for one in asked.findings}.values()
            if found.rule not in quiet
        )


def decide_match(*, match_id: uuid.UUID, outcome: str, reason: str, user: User, at: datetime) -> ScreeningMatch:
    """Decide about a possible match with a list (`accounts.screening.services.decide_match`); a confirmed one raises an alert."""
    with unit():
        match = lists.decide_match(match_id=match_id, outcome=outcome, reason=reason, user=user, at=at)
        if match.status == MatchStatus.CONFIRMED and match.decided_at == at:
            _raise_for_list(match, at)
    return match


def _raise_for_list(match: ScreeningMatch, at: datetime) -> None:
    """Raise an alert about a person whom officers found on a list; none while one is open or recent."""
    consumer = Consumer.objects.select_related("market", "person__market").get(pk=match.consumer_id)
    holder = consumer.person or consumer
    wait_lock(f"laundering:{holder.pk}")
    if LISTED in list_quiet(holder.pk, at):
        return
    LaunderingAlert.objects.create(
        consumer=holder,
        rule=LISTED,
        rule_name=LISTED_NAME,
        reason=match.kind,
        version=0,
        facts={},
        currency=holder.market.currency,
        raised_at=at,
    )


def decide_alert(*, alert_id: uuid.UUID, decision: str, report: Mapping[str, Any] | None, user: User, at: datetime) -> LaunderingAlert:
    """Clear an alert with an explanation, or report the suspicion; `report` then has the reported facts.

    Forbidden for anybody but officers; Invalid without a reason; Conflict if it is already decided.
    """
    require(user, MAY_HANDLE)
    reason = decision.strip()
    if not 10 <= len(reason) <= LONGEST_REASON:
        wrong = Sentence("between %(least)s and %(most)s characters", least=10, most=LONGEST_REASON)
        raise Invalid("Say why.", fields={"decision": wrong})
    with unit():
        alert = lock_alert(alert_id)
        if alert.status != AlertStatus.OPEN:
            raise Conflict("This alert is decided already.", code="laundering.decided")
        if report is None:
            alert.clear()
        else:
            alert.tell()
            alert.report = dict(report)
        alert.decided_by, alert.decided_at, alert.decision = user, at, reason
        alert.save(update_fields=["status", "decided_by", "decided_at", "decision", "report"])
    return alert


def make_report(*, alert_id: uuid.UUID, header: Header, user: User, at: datetime) -> LaunderingReport:
    """Write a version of the report about a reported alert, from the facts at the time of the decision.

    A version after a filed one refers to it as the report that it supplements. Forbidden for anybody but officers; Conflict if the alert is
    not reported; Invalid if the result violates the published schema.
    """
    require(user, MAY_HANDLE)
    with unit():
        alert = lock_alert(alert_id)
        if alert.status != AlertStatus.REPORTED:
            raise Conflict("Decide first to report this suspicion.", code="laundering.not_reported")
        earlier = list(alert.reports.order_by("number"))
        made = LaunderingReport(id=uuid7(), alert=alert, number=len(earlier) + 1, header=asdict(header), made_by=user, made_at=at)
        made.xml = goaml.write(
            header=header,
            told=alert.report,
            reason=alert.decision,
            reference=public_id(LaunderingReport.PREFIX, made.pk),
            earlier=next((one.filed_number for one in reversed(earlier) if one.filed_at), ""),
            currency=alert.currency,
            rates=_rates(alert, at.date()),
            at=at,
        )
        if faults := goaml.list_faults(made.xml):
            raise Invalid(Sentence("The report does not fit the authority's structure: %(fault)s", fault=faults[0][:300]))
        made.save(force_insert=True)
    return made


def _rates(alert: LaunderingAlert, on: date) -> Mapping[str, Decimal]:
    own: dict[str, Any] = alert.report
    foreign = any(one["currency"] != alert.currency for one in own["movements"])
    return factors_to(alert.currency, on) if foreign else {}


def file_report(*, report_id: uuid.UUID, filed_number: str, filed_on: date, user: User, at: datetime) -> LaunderingReport:
    """Record that a report was filed, with the authority's number; after that it never changes.

    Forbidden for anybody but officers; Invalid without a number, or for a future day; Conflict if it is already filed.
    """
    require(user, MAY_HANDLE)
    number = filed_number.strip()
    if not number or len(number) > 80:
        raise Invalid(
            "Give the authority's number.", fields={"filed_number": Sentence("between %(least)s and %(most)s characters", least=1, most=80)}
        )
    if filed_on > at.date():
        raise Invalid("This day is to come.", fields={"filed_on": Sentence("is to come")})
    with unit():
        report = lock_report(report_id)
        if report.filed_at:
            raise Conflict("This report is filed already.", code="laundering.filed")
        report.filed_number, report.filed_on, report.filed_by, report.filed_at = number, filed_on, user, at
        report.save(update_fields=["filed_number", "filed_on", "filed_by", "filed_at"])
    return report


def note_look(*, user: User, alert_id: uuid.UUID | None, at: datetime) -> None:
    """Record in real time that an officer looks at an alert, or at the list; it is not in the log of looks at the person."""
    require(user, MAY_HANDLE)
    LaunderingLook.objects.create(user=user, alert_id=alert_id, at=at)


def forget_behavior(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Delete the facts about the behavior of an erased person in cases of rules, in the caller's transaction; alerts stay."""
    clear_cases(kind=LAUNDERING, subjects=[public_id(Consumer.PREFIX, consumer_id)], at=at)
