"""A copy of a consumer's stored data, as a file: their right in every market (GDPR, art. 15 and 20; other laws are similar)."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, gettext_noop

from accounts.models import (
    Consent,
    Consumer,
    ConsumerChange,
    ConsumerRequest,
    Device,
    IdentityCheck,
    IdentityProof,
    Login,
    Passkey,
    SupportFlag,
)
from checkout.models import Order, ShownOffer
from checkout.queries import refunds_by_order
from collection.models import AgencyComplaint, AgencyContact, Call, CaseLetter, Complaint, Promise, Settlement, Trace
from controls.services import Reading, note_reading
from core.readable import readable
from credit.deciders import was_by_people
from credit.models import DOUBTED, Approval, BankAccess, CreditLine, Decision, Declaration, Inquiry, LimitChange, LimitReview
from fraud.models import AccountAct, Assessment
from fraud.states import ActKind
from notifications.models import Message, Notice, PaperLetter
from payments.models import Charge, PaymentMethod, Transfer
from plans.models import Budget, GoodsReturn, Hardship, ReliefPaper
from plans.queries import list_installments
from portals.consumer.frame import Visitor, show
from portals.consumer.security.confirming import confirmed_page

YOU = "public_id name birth_date address email phone locale time_zone identity created_at"
# Screening results are left out: they would warn the very people whom screening is meant to find.
CHECK = "provider result at"
# That a purchase was assessed automatically, and the result (GDPR, art. 15(1)(h)). The signals and rules are left out: they would teach
# people how to avoid them (recital 63), and what they say about others with the same device or address is not this person's data.
ASSESSMENT = "subject moment verdict proved_at at"
# Of sign-ins, when and from where. What rules read from them is left out, as with assessments, and so are mistyped codes, which may be a
# stranger's.
SIGN_IN = "at internet zone"
INSTALLMENT = (
    "number due_date principal_minor interest_minor fees_minor paid_principal_minor paid_interest_minor refunded_minor status paid_at"
)
RELIEF = "public_id kind days count reason lasts can_pay at"
ORDER = "public_id merchant_reference amount_minor currency status created_at authorized_at captured_minor refunded_minor"
HOW_TO_READ = (
    gettext_noop("Names that end in _minor are amounts in the smallest unit of their currency: 5725 in USD is 57.25 dollars."),
    gettext_noop("Names that end in _bps are hundredths of a percent. Times are in UTC. null means that there is nothing."),
    gettext_noop("public_id is a row's own mark; reference is the mark of what it belongs to, such as a purchase or its plan."),
)
SECTIONS = {
    "you": gettext_noop("Who you are and how we reach you"),
    "changes": gettext_noop("What changed in your account, and when"),
    "consents": gettext_noop("What you agreed to"),
    "identity_checks": gettext_noop("Checks of who you are"),
    "identity_pictures": gettext_noop("Pictures of documents that you sent to prove who you are, and what came of them"),
    "credit_reports": gettext_noop("What a credit bureau told us about you"),
    "bank_accounts": gettext_noop("What your bank accounts showed, in figures; no single movement is kept"),
    "income_and_costs": gettext_noop("What you told us of your income and costs"),
    "decisions": gettext_noop("What we decided about your purchases, why, and what we looked at"),
    "plans_shown": gettext_noop("The plans that you were shown, with their prices"),
    "approvals": gettext_noop("What a person approved in spite of a refusal"),
    "fraud_assessments": gettext_noop("Checks of your purchases for fraud"),
    "sign_ins": gettext_noop("When you signed in"),
    "limits": gettext_noop("Your spending limits"),
    "limit_changes": gettext_noop("How your spending limits changed"),
    "limit_reviews": gettext_noop("Daily reviews that changed your spending limits, with what they used"),
    "cards": gettext_noop("Your cards and bank accounts"),
    "purchases": gettext_noop("Your purchases, with agreements and payments due"),
    "payments": gettext_noop("What was taken from your cards and accounts, or tried"),
    "transfers": gettext_noop("Money back that we paid, or want to pay, to a bank account of yours"),
    "notices": gettext_noop("Notices of refusals and lower limits, word for word as we sent them"),
    "messages": gettext_noop("What we wrote to you"),
    "letters": gettext_noop("Letters that a person here sent you, and notices that we printed and posted"),
    "calls": gettext_noop("When we called you about what is late"),
    "agencies": gettext_noop("When an agency contacted you, as it told us"),
    "promises": gettext_noop("What you promised to pay, and what came of it"),
    "settlements": gettext_noop("What we offered to take instead of all that was open"),
    "returns": gettext_noop("What you told us that you sent back"),
    "situation": gettext_noop("What you told us of your situation, with your consent"),
    "found_out": gettext_noop("What we found out about how to reach you, and where"),
    "complaints": gettext_noop("Complaints about collecting that you made to us or to an agency, and the answers"),
    "passkeys": gettext_noop("Your passkeys, without the keys themselves"),
    "logins": gettext_noop("Accounts at other companies that sign you in, without their names for you"),
    "devices": gettext_noop("The browsers in which you signed in"),
    "requests": gettext_noop("What you asked us, and the answers"),
}


@confirmed_page("privacy", methods=("GET",))
def copy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Return the copy as a file, with the product's own field names; it begins with what they mean, in the reader's language."""
    note_reading(reading=Reading.DATA_COPIED, about=[visitor.consumer.public_id], at=visitor.at)
    dumps = {"indent": 2, "ensure_ascii": False}
    meaning = {"how_to_read": [*map(gettext, HOW_TO_READ)], "sections": {name: gettext(told) for name, told in SECTIONS.items()}}
    response = JsonResponse(meaning | everything(visitor.consumer) | {"made_at": visitor.at}, json_dumps_params=dumps)
    response["Content-Disposition"] = f'attachment; filename="your-data-{visitor.today.isoformat()}.json"'
    return response


@confirmed_page("privacy", methods=("GET",))
def copy_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Return the copy as a page to read, which is one file without anything from elsewhere."""
    note_reading(reading=Reading.DATA_COPIED, about=[visitor.consumer.public_id], at=visitor.at)
    told = json.loads(json.dumps(everything(visitor.consumer), cls=DjangoJSONEncoder))
    sections = [
        (gettext(SECTIONS[name]), [_to_read(row) for row in (rows if isinstance(rows, list) else [rows])]) for name, rows in told.items()
    ]
    response = show(request, visitor, "account/copy", "profile", {"sections": sections})
    response["Content-Disposition"] = f'attachment; filename="your-data-{visitor.today.isoformat()}.html"'
    return response


def _to_read(row: dict[str, Any]) -> str:
    return readable(row, str(row.get("currency") or ""))


def everything(consumer: Consumer) -> dict[str, Any]:
    """Return all stored data of a consumer's account, by section; some forty statements, however much it is."""
    mine = {"consumer": consumer}
    lines = CreditLine.objects.filter(**mine)
    return {
        "you": _row(consumer, YOU) | {"market": consumer.market_id},
        "changes": _rows(ConsumerChange.objects.filter(**mine).order_by("id"), "subject change at"),
        "consents": _rows(Consent.objects.filter(**mine).order_by("id"), "kind version language given how reference at"),
        "identity_checks": _rows(IdentityCheck.objects.filter(**mine).order_by("id"), CHECK),
        "identity_pictures": _rows(
            IdentityProof.objects.filter(**mine).order_by("id"),
            "public_id level document status reasons evidence note sent_at decided_at ends_on",
        ),
        "credit_reports": _rows(
            # A decision may rest on a report about another account of the person with the same brand.
            Inquiry.objects.filter(Q(**mine) | Q(pk__in=Decision.objects.filter(**mine).values("inquiry"))).order_by("id"),
            "provider purpose check_kind currency data review asked_at answered_at",
        ),
        "bank_accounts": [_bank(one) for one in BankAccess.objects.filter(**mine).order_by("id")],
        "income_and_costs": [
            *_rows(Declaration.objects.filter(**mine).order_by("id"), "currency figures reference is_raised at"),
            *_rows(Budget.objects.filter(**mine).order_by("id"), "public_id figures living_minor at"),
        ],
        "decisions": _decisions(consumer),
        "plans_shown": _rows(ShownOffer.objects.filter(checkout__consumer=consumer).order_by("id"), "amount_minor starts_on plans at"),
        "approvals": _rows(Approval.objects.filter(**mine).order_by("id"), "public_id currency amount_minor why note until at"),
        "fraud_assessments": _rows(Assessment.objects.filter(**mine).order_by("id"), ASSESSMENT),
        "sign_ins": _rows(AccountAct.objects.filter(**mine, kind=ActKind.SIGN_IN).order_by("id"), SIGN_IN),
        "limits": _rows(lines.order_by("id"), "currency limit_minor own_minor own_at order_limit_minor used_minor decided_at"),
        "limit_changes": _rows(LimitChange.objects.filter(line__in=lines).order_by("id"), "before_minor after_minor reason at"),
        "limit_reviews": _rows(
            LimitReview.objects.filter(line__in=lines).order_by("id"), "public_id before_minor limit_minor score why reasons look at"
        ),
        "cards": _rows(PaymentMethod.objects.filter(**mine).order_by("id"), "kind shown created_at removed_at"),
        "purchases": _purchases(consumer),
        "payments": _rows(
            Charge.objects.filter(payment_method__consumer=consumer).order_by("id"),
            "public_id reference amount_minor currency status failure created_at",
        ),
        "transfers": _rows(Transfer.objects.filter(**mine).order_by("id"), "public_id holder account status created_at sent_at closed_at"),
        "notices": _rows(
            Notice.objects.filter(**mine).order_by("id"), "public_id kind subject paper seal versions by_people decided_at at keep_until"
        ),
        "messages": _rows(Message.objects.filter(**mine).order_by("id"), "kind channel context facts status at sent_at read_at"),
        **_collecting(consumer),
        "situation": _rows(SupportFlag.objects.filter(**mine).order_by("id"), "public_id told recorded_by at review_on"),
        "found_out": _rows(Trace.objects.filter(**mine).order_by("id"), "public_id kind source found state noted_at ended_at"),
        "complaints": [
            *_rows(Complaint.objects.filter(**mine).order_by("id"), "public_id about made_at answer ended_at"),
            *_rows(AgencyComplaint.objects.filter(**mine).order_by("id"), "public_id about at"),
        ],
        "passkeys": _rows(Passkey.objects.filter(**mine).order_by("id"), "public_id host device made_at used_at ended_at"),
        "logins": _rows(Login.objects.filter(**mine).order_by("id"), "public_id company made_at used_at"),
        "devices": _rows(Device.objects.filter(**mine).order_by("id"), "public_id name address first_at last_at ended_at"),
        "requests": _rows(
            ConsumerRequest.objects.filter(**mine).order_by("id"),
            "public_id kind reference text status due_date asked_at outcome answer answered_at",
        ),
    }


def _collecting(consumer: Consumer) -> dict[str, Any]:
    """Return what was done about late payments and returns; operators are left out, as everywhere."""
    mine, plans = {"consumer": consumer}, {"plan__consumer": consumer}
    posted = PaperLetter.objects.filter(**mine).select_related("late_notice").order_by("id")
    contacts = AgencyContact.objects.filter(placement__plan__consumer=consumer).select_related("agency").order_by("id")
    promised = "public_id amount_minor pay_on paid_minor status made_at decided_at"
    settled = "public_id open_minor amount_minor parts until status accepted_at paid_minor made_at decided_at"
    return {
        "letters": [
            *_rows(CaseLetter.objects.filter(**mine).order_by("id"), "public_id words sent_at"),
            *(_row(one, "public_id at printed_at posted_at") | {"notice": one.late_notice.public_id} for one in posted),
        ],
        "calls": _rows(Call.objects.filter(**mine).order_by("id"), "public_id begun_at ended_at outcome"),
        "agencies": [_row(one, "public_id channel outcome at") | {"agency": one.agency.name} for one in contacts],
        "promises": _rows(Promise.objects.filter(**plans).order_by("id"), promised),
        "settlements": _rows(Settlement.objects.filter(**mine).order_by("id"), settled),
        "returns": _rows(
            GoodsReturn.objects.filter(**plans).order_by("id"), "public_id tracking amount_minor until at ended_at ended_by denial"
        ),
    }


def _bank(one: BankAccess) -> dict[str, Any]:
    """Return a reading of bank accounts; why they are doubted is left out, because it can tell that somebody else showed them."""
    told = _row(one, "public_id reference currency provider figures holders watches started_at read_at ended_at")
    return told | {"holder": "doubted" if one.holder in DOUBTED else one.holder}


def _decisions(consumer: Consumer) -> list[dict[str, Any]]:
    """Return the decisions with who made each (`decided_by`), and when people approved a refused purchase after all (`overruled_at`)."""
    found = Decision.objects.filter(consumer=consumer).select_related("approval").order_by("id")
    return [
        _row(one, "public_id reference currency amount_minor outcome limit_minor order_limit_minor score reasons at")
        | {
            "inputs": _inputs(one.inputs),
            "decided_by": "people" if was_by_people(one) else "computer",
            "overruled_at": _overruled_at(one),
        }
        for one in found
    ]


def _inputs(inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a decision used; of the assessment of fraud what it said, and not the rules, which would show how to evade them."""
    found = dict(inputs or {})
    if safety := found.get("safety"):
        found["safety"] = {name: safety[name] for name in ("assessment", "says")}
    return found


def _overruled_at(decision: Decision) -> datetime | None:
    approval: Approval | None = getattr(decision, "approval", None)
    return approval.at if approval else None


def _purchases(consumer: Consumer) -> list[dict[str, Any]]:
    orders = list(Order.objects.filter(consumer=consumer).select_related("merchant", "checkout", "plan__product").order_by("id"))
    rows = list_installments([order.plan_id for order in orders]) if orders else {}
    refunds = refunds_by_order([order.pk for order in orders])
    eased = _by_plan(Hardship.objects.filter(plan__consumer=consumer))
    papers = _by_plan(ReliefPaper.objects.filter(consumer=consumer))
    return [
        _row(order, ORDER)
        | {
            "shop": order.merchant.name,
            "items": order.checkout.items,
            "told_by_shop": order.checkout.customer,
            "noted_by_shop": order.checkout.metadata,
            "plan": order.plan.product.code,
            "apr_bps": order.plan.apr_bps,
            "agreement": order.plan.agreement,
            "installments": _rows(rows[order.plan_id], INSTALLMENT),
            "relief": _rows(eased.get(order.plan_id, ()), RELIEF),
            "new_payment_plans": _rows(papers.get(order.plan_id, ()), "paper at"),
            "refunds": _rows(refunds.get(order.pk, ()), "amount_minor reason at"),
        }
        for order in orders
    ]


def _by_plan(found: QuerySet[Any]) -> dict[uuid.UUID, list[Any]]:
    """Return rows about plans by plan, oldest first; one query."""
    told: dict[uuid.UUID, list[Any]] = {}
    for one in found.order_by("id"):
        told.setdefault(one.plan_id, []).append(one)
    return told


def _rows(found: Iterable[Model], names: str) -> list[dict[str, Any]]:
    return [_row(one, names) for one in found]


def _row(one: Model, names: str) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names.split()}
