"""A copy of a consumer's stored data, as a file: their right in every market (GDPR, art. 15 and 20; other laws are similar)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, gettext_noop

from accounts.desk import looks_to_tell
from accounts.models import (
    Block,
    ClassChange,
    Consent,
    Consumer,
    ConsumerChange,
    ConsumerRequest,
    ContactChange,
    Device,
    IdentityCheck,
    IdentityProof,
    Login,
    Note,
    OnboardingStep,
    Passkey,
    SupportFlag,
)
from checkout.models import ShownOffer
from collection.models import AgencyComplaint, Complaint, Trace
from controls.services import Reading, note_reading
from core.readable import readable
from credit.deciders import was_by_people
from credit.models import DOUBTED, Approval, BankAccess, CreditLine, Decision, Declaration, Inquiry, LimitChange, LimitReview
from fraud.models import AccountAct, Assessment
from fraud.states import ActKind
from notifications.models import Message, Notice
from payments.models import Authorization, CardSetup, CardTry, Charge, Dispute, PaymentMethod, Refund, Transfer
from plans.models import Budget, FeeCredit
from portals.consumer.account.copied_plans import baskets, collecting, purchases, row, rows
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
MOVED = "public_id reference amount_minor currency status created_at settled_at"
HOW_TO_READ = (
    gettext_noop("Names that end in _minor are amounts in the smallest unit of their currency: 5725 in USD is 57.25 dollars."),
    gettext_noop("Names that end in _bps are hundredths of a percent. Times are in UTC. null means that there is nothing."),
    gettext_noop("public_id is a row's own mark; reference is the mark of what it belongs to, such as a purchase or its plan."),
)
SECTIONS = {
    "you": gettext_noop("Who you are and how we reach you"),
    "changes": gettext_noop("What changed in your account, and when"),
    "classes": gettext_noop("The groups of customers that you were put in, and when"),
    "blocks": gettext_noop("When new purchases were stopped by people here"),
    "notes": gettext_noop("What people here noted about you"),
    "looks": gettext_noop("When people here looked at your data, and on which page"),
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
    "card_tries": gettext_noop("When you began to add a card or bank account, and when a bank said no"),
    "purchases": gettext_noop("Your purchases, with agreements, payments due and all that changed"),
    "baskets": gettext_noop("What you looked at paying later and did not buy"),
    "payments": gettext_noop("What was taken from your cards and accounts, or tried"),
    "money_held": gettext_noop("What was held on your cards"),
    "money_back": gettext_noop("What went back to your cards and accounts"),
    "disputes": gettext_noop("Payments that you questioned at your bank"),
    "fee_credits": gettext_noop("What you earned towards fees by paying early"),
    "transfers": gettext_noop("Money back that we paid, or want to pay, to a bank account of yours"),
    "notices": gettext_noop("Notices of refusals and lower limits, word for word as we sent them"),
    "messages": gettext_noop("What we wrote to you"),
    "letters": gettext_noop("Letters that a person here sent you, and notices that we printed and posted"),
    "calls": gettext_noop("When we called you about what is late"),
    "agencies": gettext_noop("When an agency contacted you, as it told us"),
    "reminders": gettext_noop("How we reminded you of late payments, and how much of it we thought you need"),
    "stopped_channels": gettext_noop("Ways by which you are not asked to pay what is late"),
    "standstills": gettext_noop("Times in which nobody asks you to pay"),
    "links_to_pay": gettext_noop("Links to pay that you were sent during a call"),
    "promises": gettext_noop("What you promised to pay, and what came of it"),
    "settlements": gettext_noop("What we offered to take instead of all that was open"),
    "returns": gettext_noop("What you told us that you sent back"),
    "situation": gettext_noop("What you told us of your situation, with your consent"),
    "found_out": gettext_noop("What we found out about how to reach you, and where"),
    "complaints": gettext_noop("Complaints about collecting that you made to us or to an agency, and the answers"),
    "passkeys": gettext_noop("Your passkeys, without the keys themselves"),
    "logins": gettext_noop("Accounts at other companies that sign you in, without their names for you"),
    "contact_changes": gettext_noop("Changes of your e-mail address or number, with the old and the new one"),
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
    """Return all stored data of a consumer's account, by section; some eighty statements, however much it is."""
    told = _who(consumer) | _judged(consumer) | _moved(consumer) | _said(consumer) | collecting(consumer)
    told |= {"purchases": purchases(consumer), "baskets": baskets(consumer)}
    return {name: told[name] for name in SECTIONS}


def _who(consumer: Consumer) -> dict[str, Any]:
    """Return who they are, and what was noted and looked at."""
    mine = {"consumer": consumer}
    return {
        "you": row(consumer, YOU) | {"market": consumer.market_id},
        "changes": [
            *rows(OnboardingStep.objects.filter(**mine).order_by("id"), "step at"),
            *rows(ConsumerChange.objects.filter(**mine).order_by("id"), "subject change at"),
        ],
        "classes": rows(ClassChange.objects.filter(**mine).order_by("id"), "public_id axis before value at"),
        # Why is left out: it may say what somebody is suspected of.
        "blocks": rows(Block.objects.filter(**mine).order_by("id"), "public_id blocked_at lifted_at"),
        "notes": rows(Note.objects.filter(**mine).order_by("id"), "public_id text at"),
        "looks": rows(looks_to_tell(consumer), "page at"),
        "consents": rows(Consent.objects.filter(**mine).order_by("id"), "kind version language given how reference at"),
        "identity_checks": rows(IdentityCheck.objects.filter(**mine).order_by("id"), CHECK),
        "identity_pictures": rows(
            IdentityProof.objects.filter(**mine).order_by("id"),
            "public_id level document status reasons evidence note sent_at decided_at ends_on",
        ),
    }


def _judged(consumer: Consumer) -> dict[str, Any]:
    """Return what was asked and decided about their money and trust."""
    mine = {"consumer": consumer}
    lines = CreditLine.objects.filter(**mine)
    return {
        "credit_reports": rows(
            # A decision may rest on a report about another account of the person with the same brand.
            Inquiry.objects.filter(Q(**mine) | Q(pk__in=Decision.objects.filter(**mine).values("inquiry"))).order_by("id"),
            "provider purpose check_kind currency data review asked_at answered_at",
        ),
        "bank_accounts": [_bank(one) for one in BankAccess.objects.filter(**mine).order_by("id")],
        "income_and_costs": [
            *rows(Declaration.objects.filter(**mine).order_by("id"), "currency figures reference is_raised at"),
            *rows(Budget.objects.filter(**mine).order_by("id"), "public_id figures living_minor at"),
        ],
        "decisions": _decisions(consumer),
        "plans_shown": rows(ShownOffer.objects.filter(checkout__consumer=consumer).order_by("id"), "amount_minor starts_on plans at"),
        "approvals": rows(Approval.objects.filter(**mine).order_by("id"), "public_id currency amount_minor why note until at"),
        "fraud_assessments": rows(Assessment.objects.filter(**mine).order_by("id"), ASSESSMENT),
        "sign_ins": rows(AccountAct.objects.filter(**mine, kind=ActKind.SIGN_IN).order_by("id"), SIGN_IN),
        "limits": rows(lines.order_by("id"), "currency limit_minor own_minor own_at order_limit_minor used_minor decided_at"),
        "limit_changes": rows(LimitChange.objects.filter(line__in=lines).order_by("id"), "before_minor after_minor reason at"),
        "limit_reviews": rows(
            LimitReview.objects.filter(line__in=lines).order_by("id"), "public_id before_minor limit_minor score why reasons look at"
        ),
    }


def _moved(consumer: Consumer) -> dict[str, Any]:
    """Return their cards and accounts, and the money that moved by them."""
    mine, methods = {"consumer": consumer}, {"payment_method__consumer": consumer}
    return {
        "cards": rows(PaymentMethod.objects.filter(**mine).order_by("id"), "kind shown created_at removed_at"),
        "card_tries": [
            *rows(CardSetup.objects.filter(**mine).order_by("id"), "public_id kind created_at"),
            *rows(CardTry.objects.filter(**mine).order_by("id"), "at"),
        ],
        "payments": rows(
            Charge.objects.filter(**methods).order_by("id"),
            "public_id reference amount_minor currency status failure created_at",
        ),
        "money_held": rows(Authorization.objects.filter(**methods).order_by("id"), MOVED),
        "money_back": rows(Refund.objects.filter(**methods).order_by("id"), MOVED),
        "disputes": rows(
            Dispute.objects.filter(charge__payment_method__consumer=consumer).order_by("id"),
            "public_id reference amount_minor currency reason status opened_at closed_at",
        ),
        "fee_credits": rows(
            FeeCredit.objects.filter(**mine).order_by("id"), "public_id currency amount_minor used_minor returned_minor until at"
        ),
        "transfers": rows(Transfer.objects.filter(**mine).order_by("id"), "public_id holder account status created_at sent_at closed_at"),
    }


def _said(consumer: Consumer) -> dict[str, Any]:
    """Return what was written and said between them and us, and how they sign in."""
    mine = {"consumer": consumer}
    return {
        "notices": rows(
            Notice.objects.filter(**mine).order_by("id"), "public_id kind subject paper seal versions by_people decided_at at keep_until"
        ),
        "messages": rows(Message.objects.filter(**mine).order_by("id"), "kind channel context facts status at sent_at read_at"),
        "situation": rows(SupportFlag.objects.filter(**mine).order_by("id"), "public_id told recorded_by at review_on"),
        "found_out": rows(Trace.objects.filter(**mine).order_by("id"), "public_id kind source found state noted_at ended_at"),
        "complaints": [
            *rows(Complaint.objects.filter(**mine).order_by("id"), "public_id about made_at answer ended_at"),
            *rows(AgencyComplaint.objects.filter(**mine).order_by("id"), "public_id about at"),
        ],
        "passkeys": rows(Passkey.objects.filter(**mine).order_by("id"), "public_id host device made_at used_at ended_at"),
        "logins": rows(Login.objects.filter(**mine).order_by("id"), "public_id company made_at used_at"),
        "contact_changes": rows(
            ContactChange.objects.filter(**mine).order_by("id"), "public_id channel former contact status asked_at due_at ended_at"
        ),
        "devices": rows(Device.objects.filter(**mine).order_by("id"), "public_id name address first_at last_at ended_at"),
        "requests": rows(
            ConsumerRequest.objects.filter(**mine).order_by("id"),
            "public_id kind reference text status due_date asked_at outcome answer answered_at",
        ),
    }


def _bank(one: BankAccess) -> dict[str, Any]:
    """Return a reading of bank accounts; why they are doubted is left out, because it can tell that somebody else showed them."""
    told = row(one, "public_id reference currency provider figures holders watches started_at read_at ended_at")
    return told | {"holder": "doubted" if one.holder in DOUBTED else one.holder}


def _decisions(consumer: Consumer) -> list[dict[str, Any]]:
    """Return the decisions with who made each (`decided_by`), and when people approved a refused purchase after all (`overruled_at`)."""
    found = Decision.objects.filter(consumer=consumer).select_related("approval").order_by("id")
    return [
        row(one, "public_id reference currency amount_minor outcome limit_minor order_limit_minor score reasons at")
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
