"""Content of the queue of late people, and of the page of a case, as plain values in a constant number of queries."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from accounts.desk import list_notes
from accounts.models import Consumer, ConsumerRequest, User
from accounts.states import RequestStatus
from brands.queries import get_brand
from checkout.models import Order
from collection.arrears import NAMES
from collection.asking import HARDSHIP
from collection.cases import Asked, LatePlan, count_queue, desk_day, list_calls, list_late_of, list_queue, place_words
from collection.contacting import COMPLAINT, complaining, list_stops
from collection.known import advise_on, list_tasks
from collection.models import Call, Case, Complaint, ContactStop, Promise, Task
from collection.reminding import list_late_notices, list_reminders
from collection.services.cases import REVIEW_RESPITE
from collection.states import CaseStatus, PromiseStatus
from core.clock import local_date
from core.formats import country_name
from core.moments import amount_words, day_words, number_words
from core.sentences import translated
from core.unreadable import Unreadable
from markets.catalog import SETTINGS
from markets.queries import SCRIPTS, find_complaints, find_respite, find_script, get_market
from operations.arrears.wording import bucket_words
from operations.choosing import all_brands, all_markets
from operations.late.found import link_facts, trace_facts
from operations.people.person import Person, load_person
from operations.people.timeline import timeline
from operations.wording import names_of, status_of
from plans.models import Hardship, Standstill
from plans.standstill import RESPITE, kinds_of, list_standstills
from plans.texts import late_words, product_name

PAGE, SHOWN = 50, 10


def queue_facts(asked: Asked, number: int, at: datetime, *, names_people: bool) -> dict[str, Any]:
    """Return one page of the queue, with how many cases each bucket has, and what can be asked for."""
    found = list_queue(asked, desk_day(get_market(asked.market), at), first=(number - 1) * PAGE, limit=PAGE + 1)
    advice = advise_on(found[:PAGE], at)
    names = names_of({case.taken_by for case in found if case.taken_by})
    counts = count_queue(asked)
    return {
        "asked": asked,
        "markets": all_markets(),
        "brands": all_brands(),
        "buckets": [(rank, bucket_words(NAMES[rank]), number_words(count)) for rank, count in counts.items()],
        "whole": number_words(sum(counts.values())),
        "cases": [
            {
                "id": case.pk,
                "person": (case.consumer.name if names_people else "") or case.consumer.public_id,
                "bucket": bucket_words(NAMES[case.rank]),
                "days": late_words(case.days),
                "plans": case.plans,
                "amount": " + ".join(amount_words(minor, name) for name, minor in _sums(case)),
                "taken_by": names.get(case.taken_by, ""),
                "advice": advice[case.pk].words,
            }
            for case in found[:PAGE]
        ],
        "people": [case.consumer_id for case in found[:PAGE]],
        "number": number,
        "more": len(found) > PAGE,
    }


def case_facts(case: Case, user: User, at: datetime) -> dict[str, Any]:
    """Return all parts of a case's page."""
    consumer = case.consumer
    late, person = list_late_of(consumer.pk, at), load_person(consumer, local_date(at, consumer.time_zone))
    calls, still = list_calls(consumer.pk, limit=SHOWN), list_standstills(consumer.pk, limit=SHOWN)
    notes = list_notes(consumer.holder_id, limit=SHOWN)
    tasks = list_tasks(case, limit=SHOWN)
    by = {case.taken_by} | {one.begun_by for one in calls} | {one.noted_by for one in still}
    names = names_of(by | {key for one in tasks for key in (one.owner, one.made_by, one.done_by)} - {""})
    stands = next((one for one in still if one.ended_at is None), None)
    under_way = next((one for one in calls if one.ended_at is None), None)
    advice, today = advise_on([case], at)[case.pk], desk_day(consumer.market, at)
    allowed = advice.allowed
    return {
        "case": case,
        "is_open": case.status == CaseStatus.OPEN,
        "status": status_of(case.status),
        "person": person,
        "consumer": consumer,
        "taken_by": names.get(case.taken_by, "") if case.taken_by else "",
        "late": _plans(late),
        "sums": _by_currency(late) or {case.currency: 0},
        "no_call": "" if allowed.refused in {"", "under_way"} else translated(allowed.why_not(consumer.time_zone)),
        "advice": advice.words,
        **_complaint(case, today),
        "tasks": [_task(one, names, today) for one in tasks],
        "today": today,
        "under_way": _call(under_way, names) if under_way else None,
        "phone": consumer.phone if under_way else "",
        "born": _born(consumer) if under_way else "",
        "script": _script(consumer, user, at) if under_way else [],
        "brand": dict(all_brands()).get(consumer.brand_id or "", consumer.brand_id),
        "market": country_name(consumer.market_id),
        "outcomes": Call.OUTCOMES,
        "calls": [_call(one, names) for one in calls if one.ended_at is not None],
        "stands": _stands(stands, names) if stands else None,
        "stood": [_stands(one, names) for one in still if one.ended_at is not None],
        "kinds": kinds_of({}),
        "respites": [one for one in kinds_of(find_respite(consumer.market_id, today)) if one[0] in RESPITE],
        "channels": _channels(consumer),
        "reminded": list_reminders(consumer.pk, limit=SHOWN),
        "notices": list_late_notices([one.plan.pk for one in late], limit=SHOWN),
        "notes": notes,
        "links": link_facts(consumer.pk),
        "traces": trace_facts(consumer.pk),
        "history": timeline(person).rows[:SHOWN],
        "there": place_words(at, consumer.time_zone),
        **_links(person),
    }


def _born(consumer: Consumer) -> str:
    """Return the date of birth, with which the person shows on a call who they are."""
    born = consumer.birth_date
    return day_words(date.fromisoformat(born)) if born and not isinstance(born, Unreadable) else str(born or "–")


def _sums(case: Case) -> list[tuple[str, int]]:
    """Return what was late by currency as of the last closed day."""
    others = sorted(case.late_others.items())
    return [(case.currency, case.late_minor), *others] if case.late_minor or not others else others


def _by_currency(late: Sequence[LatePlan]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in late:
        found[one.plan.currency] += one.late_minor
    return dict(found)


def _plans(late: Sequence[LatePlan]) -> list[dict[str, Any]]:
    keys = [one.plan.pk for one in late]
    orders = {order.plan_id: order for order in Order.objects.filter(plan__in=keys).select_related("merchant")}
    waiting = {one.plan_id: one for one in Promise.objects.filter(plan__in=keys, status=PromiseStatus.WAITING)}
    broken = Counter(Promise.objects.filter(plan__in=keys, status=PromiseStatus.BROKEN).values_list("plan_id", flat=True))
    eased = {one.plan_id: one for one in Hardship.objects.filter(plan__in=keys).order_by("id")}
    return [
        {
            "id": one.plan.pk,
            "name": product_name(one.plan.product),
            "shop": orders[one.plan.pk].merchant.name if one.plan.pk in orders else "",
            "late": late_words(one.days),
            "minor": one.late_minor,
            "currency": one.plan.currency,
            "promise": waiting.get(one.plan.pk),
            "broken": broken[one.plan.pk],
            "relief": eased.get(one.plan.pk),
        }
        for one in late
    ]


def _channels(consumer: Consumer) -> list[dict[str, Any]]:
    """Return each channel, with since when and by whom the person does not want to be asked by it; one query more for names."""
    stops = list_stops(consumer.pk)
    names = names_of({one.stopped_by for one in stops.values() if one.stopped_by != consumer.public_id})
    return [
        {"code": code, "name": name, "stop": stops.get(code), "by": names.get(stops[code].stopped_by, "") if code in stops else ""}
        for code, name in ContactStop.CHANNELS
    ]


def _call(call: Call, names: dict[str, str]) -> dict[str, Any]:
    return {"at": call.begun_at, "by": names[call.begun_by], "outcome": call.get_outcome_display(), "debts": len(call.debts)}


def _script(consumer: Consumer, user: User, at: datetime) -> list[dict[str, str]]:
    """Return what is to be said on the call, in the person's language if the market has it, part by part with its title."""
    code, script = find_script(consumer.market_id, consumer.locale[:2], local_date(at, consumer.time_zone))
    names = {
        "{person}": str(consumer.name),
        "{operator}": user.name or user.email,
        "{company}": get_brand(consumer.brand_id).legal_name.rstrip("."),
    }
    parts = SETTINGS[SCRIPTS[code]].parts if code else {}
    found = []
    for name, part in parts.items():
        words = script[name]
        for mark, value in names.items():
            words = words.replace(mark, value)
        found.append({"title": str(part.title), "words": words, "language": code})
    return found


def _complaint(case: Case, today: date) -> dict[str, Any]:
    """Return the complaint that waits for its answer, if any, and who answers complaints of the market."""
    found = Complaint.objects.filter(consumer=case.consumer_id, ended_at=None).first()
    asked = ConsumerRequest.objects.filter(consumer=case.consumer_id, kind=COMPLAINT, status=RequestStatus.OPEN).first()
    cry = ConsumerRequest.objects.filter(consumer=case.consumer_id, kind=HARDSHIP, status=RequestStatus.OPEN).first()
    return {
        "complaint": found,
        "complaint_asked": asked,
        "complaint_holds": asked is not None and case.consumer_id in complaining([case.consumer_id]),
        "help_asked": cry,
        "complaint_is_due": bool(found and found.answer_by <= today),
        "answers": find_complaints(case.consumer.market_id, today),
    }


def _task(task: Task, names: dict[str, str], today: date) -> dict[str, Any]:
    return {
        "id": task.pk,
        "what": translated(task.what) if task.what == REVIEW_RESPITE else task.what,
        "due_on": task.due_on,
        "is_due": task.done_at is None and task.due_on <= today,
        "owner": names.get(task.owner, ""),
        "done_at": task.done_at,
        "done_by": names.get(task.done_by, ""),
    }


def _stands(one: Standstill, names: dict[str, str]) -> dict[str, Any]:
    told = {"last": one.until, "reference": one.reference, "is_respite": one.kind in RESPITE, "by_day": one.proposal is None}
    return told | {"what": one.get_kind_display(), "by": names[one.noted_by], "at": one.noted_at, "until": one.ended_at}


def _links(person: Person) -> dict[str, Any]:
    page = reverse("admin:accounts_consumer_change", args=[person.consumer.pk])
    return {"person_link": page, "note_link": f"{page}#notes"}
