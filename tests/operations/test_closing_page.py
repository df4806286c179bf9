"""The page on which two people close a movement by hand, from its task on the work list to the books."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Look
from controls.models import Proposal
from core.clock import wall
from core.ids import public_id, uuid7
from core.money import Money
from core.once import new_key
from operations.sources import Pick, find_source
from payments import services as payments
from payments.models import Authorization, Break, MovementEvent, Payout
from tests.operators import make_operator
from tests.payments.conftest import consumer, scripted, token_card  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db
SAID = {"happened": "no", "ref": "", "evidence": "Letter of 3 December", "reason": "The gateway has closed."}


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index('<div class="desk') :])))


def sign_in(*may, email: str) -> Client:
    client = Client()
    client.force_login(make_operator(email, may=may), backend="django.contrib.auth.backends.ModelBackend")
    return client


def lose(count: int):
    """Give payouts that nobody answered for a day, on the work list."""
    asked = wall() - timedelta(days=2)
    for _ in range(count):
        statement, shop = public_id("set", uuid7()), public_id("mer", uuid7())
        payments.open_payout(reference=statement, owner=shop, destination="acct_1", amount=Money(5_000, "USD"), at=asked)
    payments.send_payouts(at=asked)
    payments.note_unanswered(at=wall())
    return list(Payout.objects.order_by("id"))


@pytest.fixture
def silent(scripted):  # noqa: F811
    scripted.deaf = True
    return lose(1)[0]


def closing(movement) -> str:
    return reverse("admin:payments_payout_closing", args=[movement.pk])


@pytest.fixture
def anna(db):
    return sign_in("propose_movement", "view_payout", "view_break", "handle_break", email="anna@kvart.example")


@pytest.fixture
def bo(db):
    return sign_in("approve_movement", "view_payout", email="bo@kvart.example")


def test_each_of_many_is_reached_from_their_one_task(scripted, anna):  # noqa: F811
    scripted.deaf = True
    movements = lose(3)
    user = make_operator("cleo@kvart.example", may=["view_break"])
    (task,) = find_source(user, "money").list(user, Pick(), at=wall(), limit=50)
    listed = anna.get(task.link).content.decode()
    for movement in movements:
        found = Break.objects.get(subject=movement.public_id)
        page_of_break = reverse("admin:payments_break_change", args=[found.pk])
        assert page_of_break in listed
        assert closing(movement) in anna.get(page_of_break).content.decode()
        assert closing(movement) in anna.get(reverse("admin:payments_payout_change", args=[movement.pk])).content.decode()


def test_one_says_and_another_agrees_with_two_presses_of_each(silent, anna, bo):
    page = anna.get(closing(silent))
    assert "It did not happen" in text(page)
    once = re.search(r'name="once" value="([^"]+)"', page.content.decode())[1]
    for _press in range(2):
        told = text(anna.post(closing(silent), SAID | {"once": once}, follow=True))
        assert "A change is proposed" in told
    made = Proposal.objects.get()
    decide = reverse("admin:controls_proposal_decide", args=[made.pk])
    seen = text(bo.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    assert all(one in seen for one in ("Payout of $50.00 at sandbox", "Nobody knows", "It did not happen", "Letter of 3 December"))
    for _press in range(2):
        assert bo.post(decide, {"decision": "approve", "note": "", "confirmed": "1"}, follow=True).status_code == 200
    silent.refresh_from_db()
    assert (silent.status, silent.failure, MovementEvent.objects.filter(kind="by_hand").count()) == ("failed", "never_made", 1)
    assert "It has its answer" in text(anna.get(closing(silent)))
    assert Break.objects.get(kind="payout_failed").status == "open"
    told = text(anna.get(reverse("admin:payments_break_change", args=[Break.objects.get(kind="payout_failed").pk])))
    assert "Two people found that it was never made." in told
    assert not Look.objects.exists()


def test_a_hold_is_closed_by_two_from_its_task_and_its_page(scripted, consumer, token_card, bo):  # noqa: F811
    scripted.deaf, asked = True, wall() - timedelta(days=2)
    amount = {"amount": Money(5_000, "USD"), "reference": public_id("chk", uuid7())}
    payments.authorize(consumer=consumer, method=token_card, at=asked, **amount)
    payments.note_unanswered(at=wall())
    hold = Authorization.objects.get()
    anna = sign_in("propose_movement", "view_authorization", "view_break", "handle_break", email="anna@kvart.example")
    address = reverse("admin:payments_authorization_closing", args=[hold.pk])
    shown = reverse("admin:payments_authorization_change", args=[hold.pk])
    task = anna.get(reverse("admin:payments_break_change", args=[Break.objects.get().pk]))
    assert "was asked on" in text(task)
    assert "to hold $50.00 on a card" in text(task)
    assert address in task.content.decode()
    assert address in anna.get(shown).content.decode()
    assert shown in anna.get(reverse("admin:payments_authorization_changelist")).content.decode()
    assert "Nothing counts as held." in text(anna.get(address))
    anna.post(address, SAID | {"once": new_key()})
    made = Proposal.objects.get()
    decide = reverse("admin:controls_proposal_decide", args=[made.pk])
    assert "Hold of $50.00 at sandbox" in text(bo.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    for _press in range(2):
        assert bo.post(decide, {"decision": "approve", "note": "", "confirmed": "1"}, follow=True).status_code == 200
    hold.refresh_from_db()
    assert (hold.status, hold.failure, MovementEvent.objects.get().movement_kind) == ("failed", "never_made", "hold")
    assert Break.objects.get().status == "closed"
    assert "Nothing is held." in text(anna.get(shown))
    assert "Closed by two people: $50.00" in text(anna.get(shown))


@pytest.mark.parametrize("missing", ["happened", "evidence", "reason"])
def test_what_is_missing_is_said_at_its_field(silent, anna, missing):
    page = text(anna.post(closing(silent), SAID | {missing: "", "once": "x" * 20}))
    assert "This field is required." in page
    assert not Proposal.objects.exists()


def test_who_may_not_propose_only_looks(silent, bo):
    assert "You may look at this" in text(bo.get(closing(silent)))
    assert bo.post(closing(silent), SAID | {"once": "x" * 20}).status_code == 403
    assert sign_in("view_charge", email="eve@kvart.example").get(closing(silent)).status_code == 403
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("made", [True, False])
def test_a_contradiction_is_told_in_words(silent, anna, made):
    about = {"subject": silent.public_id, "reference": silent.reference, "gateway": "sandbox", "amount_minor": 5_000, "currency": "USD"}
    found = Break.objects.create(kind="contradicted", detail={"made": made}, opened_at=wall(), **about)
    told = text(anna.get(reverse("admin:payments_break_change", args=[found.pk])))
    assert ("says now that it was." if made else "says now that it was not.") in told


def test_the_page_takes_the_same_statements_however_many_wait(silent, anna, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        anna.get(closing(silent))
