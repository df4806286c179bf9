"""The demo's debts: plans that were given up, an agency that collects some of them, and a list for a buyer of the others."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.queries import operators
from checkout import services as checkouts
from checkout.services import CheckoutDraft
from collection import services as collection
from collection.agency_lines import CONTACTS, Remitted, Reported
from collection.models import Agency, Placement
from controls import services as controls
from core import clock
from core.clock import local_date
from core.errors import DomainError
from core.money import Money
from merchants.models import Merchant
from payments.gateways.sandbox import follow_clock
from simulation import shopper
from simulation.lives import EMPTY_CARD
from simulation.world import first_moment

AMOUNTS = (4_500, 6_000, 7_500, 8_900, 12_000, 14_000)
"""What people owe, in cents."""
MOST = 9_000
"""The agency takes debts up to this, the list for a buyer what is more."""
DAYS_BEFORE = 195
"""They buy so many days before now: their payment is late for 120 days when `early` has ended, whose closes of days give it up."""
NOTICE = 7
CALLS, EARLY = 8, 4
"""How many calls the agency reports about each debt, two a week, and which of them came too early in the morning."""
FINANCE, APPROVER = "olivia@kvart.example", "oscar@kvart.example"


def let_people_owe(merchant: Merchant, *, at: datetime) -> int:
    """Let people buy with cards that turn out to be empty, long before `at`; return how many did. No timer runs meanwhile."""
    then = first_moment(at - timedelta(days=DAYS_BEFORE), past=True)
    follow_clock(offset=then - clock.wall())
    bought = sum(_buy(merchant, number, minor, then) for number, minor in enumerate(AMOUNTS, 1))
    follow_clock(offset=clock.offset())
    return bought


def _buy(merchant: Merchant, number: int, minor: int, at: datetime) -> bool:
    item = {"name": "Floor lamp Kyst", "quantity": 1, "unit_amount": minor, "amount": minor}
    urls = {"confirmation": f"https://{merchant.slug}.example/thanks", "cancel": f"https://{merchant.slug}.example/basket"}
    told: dict[str, Any] = {"merchant_reference": f"NL-OWED-{number}", "items": [item], "urls": urls, "capture": "automatic"}
    checkout = checkouts.open_checkout(merchant=merchant, draft=CheckoutDraft(amount=Money(minor, merchant.currency), **told), at=at)
    try:
        email = f"owed{number}+approve@people.example"
        return shopper.complete(checkout=checkout, email=email, product="pay_in_30", card=EMPTY_CARD, at=at).order is not None
    except DomainError:
        return False


def place_debts(merchant: Merchant, *, at: datetime) -> Agency:
    """Make a contract with an agency and place what it takes; list what is more for a buyer."""
    user, market = _operator(FINANCE), merchant.market
    terms: dict[str, Any] = {"rate_bps": 2_500, "notice_days": NOTICE, "least_days": 0, "least_minor": 1_000, "most_minor": MOST}
    agency = collection.add_agency(
        name="Fair Harbor Collections", contact="+1 617 555 0100, help@fairharbor.example", market=market.code, user=user, at=at, **terms
    )
    collection.place_debts(agency_id=agency.pk, user=user, at=at)
    collection.list_debts(
        market=market.code,
        buyer="Pier Road Debt LLC",
        contact="1 Pier Road, Boston, +1 617 555 0111",
        price_bps=800,
        warranty_days=180,
        given_up_until=local_date(at, market.time_zone),
        least_minor=MOST + 1,
        most_minor=10**7,
        causes=("uncollectible", "by_day"),
        user=user,
        at=at,
    )
    return agency


def let_it_collect(agency: Agency, *, at: datetime) -> None:
    """Let the agency report payments, a call too early in the morning among its contacts, and money with a line that nobody can match."""
    user, placed = _operator(FINANCE), list(agency.placements.filter(recalled_at=None).select_related("plan").order_by("id"))
    if len(placed) < 2:
        return
    minors = [placed[0].face_minor, placed[1].face_minor // 2]
    lines = [_paid(one, f"FH-{1001 + place}", minor) for place, (one, minor) in enumerate(zip(placed, minors, strict=False))]
    calls = [(one, call) for one in placed for call in range(CALLS)]
    contacts = [_called(one, number, call, time(6, 15) if number == EARLY else time(10, 30)) for number, (one, call) in enumerate(calls)]
    collection.take_report(agency_id=agency.pk, kind=CONTACTS, lines=contacts, user=user, at=at)
    collection.report_as_operator(agency=agency, lines=lines, user=user, at=at)
    sent = [Remitted("FH-1001", minors[0]), Remitted("FH-1009", 2_000)]
    row = collection.list_remittance(
        agency_id=agency.pk,
        amount_minor=sum(one.amount_minor for one in sent),
        bank_reference="FAIR HARBOR 1",
        received_on=at.date(),
        lines=sent,
        user=user,
        at=at,
    )
    made = collection.propose_remittance(remittance_id=row.pk, reason="As on the bank's statement", user=user, at=at)
    controls.approve_proposal(proposal_id=made.pk, user=_operator(APPROVER), at=at)


def _paid(one: Placement, reference: str, minor: int) -> Reported:
    day = one.placed_on + timedelta(days=5)
    return Reported(one.public_id, reference, minor, one.plan.currency, day.isoformat())


def _called(one: Placement, number: int, call: int, hour: time) -> dict[str, str]:
    """Return a line about a call on the Tuesdays and Wednesdays after an agency got a debt, which are hardly ever holidays."""
    day = one.placed_on + timedelta(days=(1 - one.placed_on.weekday()) % 7 + 7 * (call // 2) + call % 2)
    moment = datetime.combine(day, hour, ZoneInfo(one.plan.time_zone))
    told = {"channel": "call", "outcome": "not_reached"}
    return {"reference": f"C-{number + 1}", "placement": one.public_id, "at": moment.isoformat()} | told


def _operator(email: str) -> User:
    return operators().get(email=email)
