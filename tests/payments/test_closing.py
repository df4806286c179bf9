"""A movement that its gateway never answers is ended by two people: once, whoever dies and whoever is late."""

from datetime import timedelta

import pytest

from collection.rules import DeclineClass, classify
from controls import services as controls
from controls.errors import OnePerson
from controls.models import Proposal
from core import providers
from core.clock import wall
from core.errors import Conflict, Forbidden, Invalid
from core.ids import public_id, uuid7
from core.models import ProviderAccount
from core.money import Money
from ledger.models import Entry
from ledger.queries import balance
from payments import services as payments
from payments.failures import GATEWAY_GONE, NEVER_MADE
from payments.gateways.base import Notice, Outcome, RefundRequest, done
from payments.models import Authorization, Break, Charge, Dispute, MovementEvent, Payout, Refund
from payments.services import closing
from tests.dying import dying_after
from tests.operators import make_operator

pytestmark = pytest.mark.usefixtures("quiet")
DAY = timedelta(days=1)
PLAN, STATEMENT, CHECKOUT = public_id("pln", uuid7()), public_id("set", uuid7()), public_id("chk", uuid7())


def lose_charge(fixture, at):
    asked = fixture("request_for")(fixture("token_card"), 1_000, reference=PLAN)
    payments.open_charges(requests=[asked], at=at)
    payments.run_charges(requests=[asked], at=at)


def lose_pull(fixture, at):
    scripted, asked = fixture("scripted"), fixture("request_for")(fixture("token_account"), 1_000, reference=PLAN)
    scripted.deaf, scripted.answers[asked.key] = False, Outcome("under_way", "x_1")
    payments.open_charges(requests=[asked], at=at)
    payments.run_charges(requests=[asked], at=at)
    scripted.deaf = True


def lose_refund(fixture, at):
    scripted, asked = fixture("scripted"), fixture("request_for")(fixture("token_card"), 1_000, reference=PLAN)
    scripted.deaf = False
    payments.open_charges(requests=[asked], at=at)
    payments.run_charges(requests=[asked], at=at)
    scripted.deaf, paid = True, Charge.objects.get()
    wanted = {"gateway": paid.gateway, "charge_id": paid.id, "charge_ref": paid.gateway_ref, "reference": PLAN}
    payments.open_refunds(requests=[RefundRequest(**wanted, amount_minor=1_000, currency="USD")], at=at)
    payments.send_refunds(at=at)


def lose_payout(_fixture, at):
    payments.open_payout(reference=STATEMENT, owner="mer_1", destination="acct_1", amount=Money(1_000, "USD"), at=at)
    payments.send_payouts(at=at)


def lose_hold(fixture, at):
    asked = {"consumer": fixture("consumer"), "method": fixture("token_card"), "amount": Money(1_000, "USD"), "reference": CHECKOUT}
    payments.authorize(**asked, at=at)


LOST = {
    "charge": (Charge, lose_charge),
    "pull": (Charge, lose_pull),
    "refund": (Refund, lose_refund),
    "payout": (Payout, lose_payout),
    "hold": (Authorization, lose_hold),
}


@pytest.fixture(params=LOST)
def silent(request, db, scripted, at):
    """Give a movement of each kind that stands on the work list, since nothing is heard of it."""
    model, lose = LOST[request.param]
    scripted.deaf = True
    lose(request.getfixturevalue, at)
    movement = model.objects.latest("id")
    if request.param == "pull":
        payments.resolve_pulls(at=at + 22 * DAY)
    payments.note_unanswered(at=at + 22 * DAY)
    assert Break.objects.get(subject=movement.public_id).status == "open"
    return movement


@pytest.fixture
def anna(db):
    return make_operator("anna@kvart.example", may=["propose_movement"])


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", may=["approve_movement"])


def propose(movement, user, at, *, happened=True, ref="x_9", **more):
    after = {"happened": happened, "ref": ref, "evidence": "Statement of 3 December, line 12", **more}
    return controls.propose(
        kind="payments.closing", subject=movement.public_id, after=after, reason="The gateway has closed.", starts_on=None, user=user, at=at
    )


def agree(movement, anna, bo, at, **more):
    made = propose(movement, anna, at, **more)
    return controls.approve_proposal(proposal_id=made.id, user=bo, at=at)


def event(movement, number: int, *, good: bool) -> Notice:
    about = type(movement).__name__.lower()
    return Notice(event_id=f"msg_{number}", kind=f"{about}.told", reference="x_9", about=about, key=movement.public_id, good=good)


def booked(movement) -> int:
    """Return how many entries of the ledger name a movement."""
    return Entry.objects.filter(source=movement.public_id).count()


def test_what_happened_is_booked_as_an_answer_would_be(silent, anna, bo, at):
    before = booked(silent)
    done_ = agree(silent, anna, bo, at + 23 * DAY)
    silent.refresh_from_db()
    assert (done_.status, done_.outcome) == ("applied", silent.public_id)
    assert (silent.status, silent.settled_at, silent.failure) == ("succeeded", at + 23 * DAY, "")
    assert silent.gateway_ref == "x_9"
    assert MovementEvent.objects.get().kind == "by_hand"
    assert booked(silent) == before + (0 if isinstance(silent, Charge | Authorization) else 1)
    found = Break.objects.get(subject=silent.public_id)
    assert found.status == "closed"
    assert not payments.note_unanswered(at=at + 40 * DAY)


def test_what_did_not_happen_is_owed_or_tried_again(silent, anna, bo, at):
    before = booked(silent)
    agree(silent, anna, bo, at + 23 * DAY, happened=False, ref="")
    silent.refresh_from_db()
    assert (silent.status, silent.failure, silent.settled_at) == ("failed", "never_made", at + 23 * DAY)
    assert booked(silent) == before
    said = set(Break.objects.filter(status="open").values_list("kind", flat=True))
    assert said == {Charge: set(), Authorization: set(), Refund: {"refund_failed"}, Payout: {"payout_failed"}}[type(silent)]


def test_a_charge_that_never_happened_is_tried_again_where_its_gateway_is_used():
    assert (classify(NEVER_MADE), classify(GATEWAY_GONE)) == (DeclineClass.TECHNICAL, DeclineClass.HARD)


def test_where_the_account_is_not_used_any_more_nobody_waits_for_a_day(scripted, request, anna, bo, at):
    scripted.deaf = True
    lose_charge(request.getfixturevalue, at)
    movement = Charge.objects.get()
    with pytest.raises(Conflict) as refused:
        propose(movement, anna, at)
    assert refused.value.code == "payments.movement_not_silent"
    ProviderAccount.objects.create(
        code="sandbox", provider="sandbox", capabilities=["cards"], active=False, values={}, created_at=at, changed_at=at
    )
    providers.refresh(at_once=True)
    try:
        agree(movement, anna, bo, at, happened=False, ref="")
    finally:
        providers.keep([])
    movement.refresh_from_db()
    assert (movement.status, movement.failure) == ("failed", "gateway_gone")


@pytest.mark.parametrize("happened", [True, False])
def test_a_late_answer_that_says_the_same_changes_nothing(silent, scripted, anna, bo, at, happened):
    kind = closing.KINDS[type(silent)]
    (request,) = kind.load([silent.pk])
    agree(silent, anna, bo, at + 23 * DAY, happened=happened)
    entries, breaks = Entry.objects.count(), Break.objects.count()
    answer = done(request, "x_9") if happened else Outcome("failed", "x_9", "card_declined")
    assert kind.record([(request, answer)], at + 24 * DAY) == 0
    assert (Entry.objects.count(), Break.objects.count()) == (entries, breaks)


TOLD_BY_EVENTS = [name for name in LOST if name != "hold"]
"""What gateways tell of by events, and what people can reverse; a hold lapses."""


@pytest.mark.parametrize(
    ("silent", "way"), [*((name, "an event") for name in TOLD_BY_EVENTS), *((name, "a call") for name in LOST)], indirect=["silent"]
)
@pytest.mark.parametrize("happened", [True, False])
def test_a_late_answer_that_says_otherwise_is_for_a_person_and_books_nothing(silent, scripted, anna, bo, at, happened, way):
    if not happened and not isinstance(silent, Authorization):
        return  # What was made after all is booked: tests/payments/test_made_after_all.py, test_charges_made_after_all.py
    kind = closing.KINDS[type(silent)]
    (request,) = kind.load([silent.pk])
    agree(silent, anna, bo, at + 23 * DAY, happened=happened)
    silent.refresh_from_db()
    stood, entries = silent.status, Entry.objects.count()
    answer = Outcome("failed", "x_9", "card_declined") if happened else done(request, "x_9")
    for number in (1, 2):
        if way == "an event":
            scripted.deaf, scripted.recorded[silent.public_id] = False, answer
            payments.receive_event(gateway="sandbox", notice=event(silent, number, good=not happened), at=at + 24 * DAY)
        else:
            assert kind.record([(request, answer)], at + 24 * DAY) == 0
    silent.refresh_from_db()
    assert (silent.status, Entry.objects.count()) == (stood, entries)
    found = Break.objects.get(kind="contradicted")
    assert (found.subject, found.status, found.detail["made"]) == (silent.public_id, "open", not happened)


@pytest.mark.parametrize("silent", TOLD_BY_EVENTS, indirect=True)
def test_what_was_closed_as_made_and_was_not_is_reversed_by_two_people_once(silent, scripted, anna, bo, at):
    kind = closing.KINDS[type(silent)]
    (request,) = kind.load([silent.pk])
    agree(silent, anna, bo, at + 23 * DAY)
    with pytest.raises(Conflict):
        propose(silent, anna, at + 23 * DAY, happened=False)
    kind.record([(request, Outcome("failed", "x_9", "card_declined"))], at + 24 * DAY)
    with pytest.raises(Invalid, match="said so already"):
        propose(silent, anna, at + 24 * DAY)
    agree(silent, anna, bo, at + 25 * DAY, happened=False)
    silent.refresh_from_db()
    assert (silent.status, Break.objects.get(kind="contradicted").status) == ("reversed", "closed")
    assert MovementEvent.objects.filter(kind="by_hand").count() == 2
    owner, owed = {Refund: (PLAN, "refunds_payable"), Payout: ("mer_1", "payouts_in_transit")}.get(type(silent), ("", ""))
    if owed:
        assert balance(kind=owed, owner=owner, currency="USD") == 0
    with pytest.raises(Conflict):
        propose(silent, anna, at + 26 * DAY, happened=False)


@pytest.fixture
def silent_hold(db, request, scripted, at):
    """Give a hold that stands on the work list, since nothing is heard of it."""
    scripted.deaf = True
    lose_hold(request.getfixturevalue, at)
    payments.note_unanswered(at=at + DAY)
    return Authorization.objects.get()


def test_who_has_a_hold_that_never_was_may_try_the_card_again(silent_hold, scripted, consumer, token_card, anna, bo, at):
    agree(silent_hold, anna, bo, at + DAY, happened=False, ref="")
    scripted.deaf = False
    again = payments.authorize(consumer=consumer, method=token_card, amount=Money(1_000, "USD"), reference=CHECKOUT, at=at + DAY)
    assert (again.status, again.id == silent_hold.id) == ("succeeded", False)


def test_a_hold_closed_as_made_is_released_or_lapses_and_is_never_reversed(silent_hold, scripted, anna, bo, at):
    agree(silent_hold, anna, bo, at + DAY)
    (request,) = closing.KINDS[Authorization].load([silent_hold.pk])
    closing.KINDS[Authorization].record([(request, Outcome("failed", "x_9", "card_declined"))], at + 2 * DAY)
    assert Break.objects.get(kind="contradicted").status == "open"
    with pytest.raises(Conflict):
        propose(silent_hold, anna, at + 2 * DAY, happened=False)
    assert payments.release_unused_authorizations(at=at + 7 * DAY) == 1
    silent_hold.refresh_from_db()
    assert (silent_hold.status, silent_hold.released_at) == ("succeeded", at + 7 * DAY)


def test_one_person_alone_closes_no_hold(silent_hold, at):
    both = make_operator("eve@kvart.example", may=["propose_movement", "approve_movement"])
    made = propose(silent_hold, both, at + DAY)
    with pytest.raises(OnePerson):
        controls.approve_proposal(proposal_id=made.id, user=both, at=at + DAY)
    silent_hold.refresh_from_db()
    assert (silent_hold.status, MovementEvent.objects.count()) == ("unknown", 0)


def test_an_answer_between_the_two_people_counts(silent, scripted, anna, bo, at):
    made = propose(silent, anna, at + 23 * DAY)
    kind = closing.KINDS[type(silent)]
    (request,) = kind.load([silent.pk])
    assert kind.record([(request, done(request, "x_2"))], at + 23 * DAY) == 1
    entries = Entry.objects.count()
    with pytest.raises(Conflict):
        controls.approve_proposal(proposal_id=made.id, user=bo, at=at + 24 * DAY)
    silent.refresh_from_db()
    assert (silent.gateway_ref, Entry.objects.count(), Proposal.objects.get().status) == ("x_2", entries, "proposed")
    assert not MovementEvent.objects.exists()


def test_one_that_waits_as_it_should_is_not_closed(scripted, request, anna, at):
    scripted.deaf = True
    lose_refund(request.getfixturevalue, at)
    refund = Refund.objects.get()
    for movement in (refund, Charge.objects.get()):
        with pytest.raises(Conflict):
            propose(movement, anna, at)
    payments.note_unanswered(at=at + DAY)
    Dispute.objects.create(charge_id=refund.charge_id, gateway="sandbox", gateway_ref="dp_1", amount_minor=1, currency="USD", opened_at=at)
    with pytest.raises(Conflict):
        propose(refund, anna, at)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("wrong", [{"evidence": " "}, {"ref": "x\n"}, {"ref": "x" * 121}, {"happened": "yes"}, {"more": 1}])
def test_what_cannot_be_said_is_refused(silent, anna, at, wrong):
    with pytest.raises(Invalid):
        propose(silent, anna, at, **wrong)
    assert not Proposal.objects.exists()


def test_only_who_may_proposes(silent, bo, at):
    with pytest.raises(Forbidden):
        propose(silent, bo, at)
    assert not Proposal.objects.exists()


@pytest.fixture
def stored(transactional_db, scripted, at):
    """Give a payout without an answer, in commits of its own."""
    scripted.deaf = True
    lose_payout(None, at)
    payments.note_unanswered(at=at + DAY)
    return Payout.objects.get()


def test_of_two_who_approve_at_once_one_books(stored, at_once, at):
    anna = make_operator("anna@kvart.example", may=["propose_movement"])
    people = [make_operator(f"op{number}@kvart.example", may=["approve_movement"]) for number in range(4)]
    made = propose(stored, anna, at + DAY)
    results = at_once(4, lambda number: controls.approve_proposal(proposal_id=made.id, user=people[number], at=at + DAY))
    assert sorted(type(result).__name__ for result in results) == ["Decided", "Decided", "Decided", "Proposal"]
    assert (booked(stored), MovementEvent.objects.count(), Payout.objects.get().status) == (1, 1, "succeeded")


def test_an_approval_and_the_answer_at_once_book_once(stored, at_once, scripted, at):
    anna, bo = make_operator("anna@kvart.example", may=["propose_movement"]), make_operator("bo@kvart.example", may=["approve_movement"])
    made = propose(stored, anna, at + DAY)
    scripted.deaf = False
    Payout.objects.update(claimed_until=wall() - timedelta(seconds=1))
    acts = [
        lambda: controls.approve_proposal(proposal_id=made.id, user=bo, at=at + DAY),
        lambda: payments.send_payouts(at=at + DAY),
    ]
    at_once(2, lambda number: acts[number]())
    assert (booked(stored), Payout.objects.get().status) == (1, "succeeded")
    assert not Break.objects.filter(kind="contradicted").exists()
    assert MovementEvent.objects.count() == (1 if Proposal.objects.get().status == "applied" else 0)


def test_a_process_that_dies_half_way_has_booked_nothing(stored, at):
    anna, bo = make_operator("anna@kvart.example", may=["propose_movement"]), make_operator("bo@kvart.example", may=["approve_movement"])
    made = propose(stored, anna, at + DAY)
    with dying_after(closing, "close_breaks_about"):
        controls.approve_proposal(proposal_id=made.id, user=bo, at=at + DAY)
    assert (Proposal.objects.get().status, booked(stored), Payout.objects.get().status) == ("proposed", 0, "unknown")
    assert Break.objects.get().status == "open"
    assert controls.approve_proposal(proposal_id=made.id, user=bo, at=at + DAY).status == "applied"
    assert (booked(stored), MovementEvent.objects.count()) == (1, 1)
