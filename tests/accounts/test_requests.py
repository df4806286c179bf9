"""What consumers ask of a person: kept once, encrypted, due by law, answered by somebody who may."""

from datetime import date, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from accounts import queries, services
from accounts.models import Consumer, ConsumerRequest, User
from core.db import execute, rows
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from core.models import OutboxEvent
from markets.models import Market, MarketSetting
from tests.operators import make_operator, permit, telling
from tests.owner import as_owner, tamper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(db, at):
    """Give a function that makes a consumer of a market."""
    made = iter(range(100))

    def make(market: str = "DK", zone: str = "Europe/Copenhagen") -> Consumer:
        return Consumer.objects.create(
            market=Market.objects.get(code=market), locale="da_DK", time_zone=zone, email_hash=f"hash {next(made)}", created_at=at
        )

    return make


@pytest.fixture
def clerk(db) -> User:
    """An operator who may answer."""
    user = make_operator("clerk@kvart.example", "demo-password", name="Clara Clerk")
    permit(user, "answer_request")
    return User.objects.get(pk=user.pk)


def ask(consumer, at, kind="complaint", text="Where is my lamp?", **more):
    return services.open_request(consumer=consumer, kind=kind, text=text, at=at, **more)


@pytest.mark.django_db
def test_what_is_asked_is_due_by_law_or_sooner(person, at):
    dane = person()
    assert [ask(dane, at, kind).due_date for kind in ("copy", "purchase", "withdrawal")] == [
        date(2026, 12, 20),
        date(2026, 11, 29),
        date(2026, 12, 22),
    ]
    with as_owner():
        MarketSetting.objects.create(market_id="DK", key="request.review.days", value=5, valid_from=date(2026, 1, 1), source="a law")
        MarketSetting.objects.create(market_id="DK", key="request.hardship.days", value=21, valid_from=date(2026, 1, 1), source="a law")
    assert (ask(dane, at, "review").due_date, ask(dane, at, "hardship").due_date) == (date(2026, 11, 27), date(2026, 11, 29))


def test_it_is_due_by_the_day_where_the_person_lives(person, at):
    late = at.replace(hour=23)
    assert ask(person("AU", "Australia/Sydney"), late).due_date == date(2026, 12, 7)
    assert ask(person("US", "Pacific/Honolulu"), late).due_date == date(2026, 12, 6)


def test_words_are_encrypted_for_their_row(person, clerk, at):
    first, second = ask(person(), at, text="I was in hospital"), ask(person(), at, text="Other")
    for row, words in ((first, "Get well"), (second, "No")):
        services.answer_request(request_id=row.pk, user=clerk, outcome="done", answer=words, at=at)
    told = str(rows("SELECT * FROM accounts_consumerrequest")) + str(list(OutboxEvent.objects.values_list("payload", flat=True)))
    assert [words for words in ("hospital", "Get well") if words in told] == []
    pasted = "(SELECT answer FROM accounts_consumerrequest WHERE id = %s)"
    tamper(f"UPDATE accounts_consumerrequest SET answer = {pasted} WHERE id = %s", [first.pk, second.pk])
    with pytest.raises(InvalidTag):
        ConsumerRequest.objects.get(pk=second.pk)
    assert ConsumerRequest.objects.get(pk=first.pk).answer == "Get well"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Hello\r\n\r\n\r\nthere\u202e \u200b", "Hello\n\nthere"),
        ("\x00<script>alert(1)</script>\x07", "<script>alert(1)</script>"),
        ("x" * 2_000, "x" * 2_000),
    ],
)
def test_words_are_kept_in_visible_characters(person, at, text, kept):
    assert ConsumerRequest.objects.get(pk=ask(person(), at, text=text).pk).text == kept


@pytest.mark.parametrize("text", ["", " \n\u200b\u202e", "x" * 2_001])
def test_nothing_and_too_much_are_refused(person, at, text):
    with pytest.raises(Invalid) as refused:
        ask(person(), at, text=text)
    assert list(refused.value.fields) == ["text"]
    assert ConsumerRequest.objects.count() == 0
    assert OutboxEvent.objects.count() == 0


def test_the_same_is_asked_once_however_many_press(person, at, at_once):
    dane = person()
    told = at_once(6, lambda _n: ask(dane, at))
    assert sorted(type(one).__name__ for one in told) == ["Conflict"] * 5 + ["ConsumerRequest"]
    assert ConsumerRequest.objects.count() == 1
    assert OutboxEvent.objects.filter(name="accounts.request_opened").count() == 1
    ask(dane, at, reference="ord_1")
    assert ConsumerRequest.objects.count() == 2


def test_ten_a_day_are_taken(person, at):
    dane, other = person(), person()
    for number in range(10):
        ask(dane, at, reference=f"ord_{number}")
    with pytest.raises(TooMany) as refused:
        ask(dane, at + timedelta(hours=23), reference="ord_x")
    assert refused.value.retry_after_s == 86_400
    assert ConsumerRequest.objects.count() == 10
    ask(other, at)
    ask(dane, at + timedelta(hours=24), reference="ord_x")


def test_an_operator_answers_once(person, clerk, at, at_once):
    asked = ask(person(), at)

    def answer(number):
        return services.answer_request(request_id=asked.pk, user=clerk, outcome="done", answer=f"Answer {number}", at=at)

    told = at_once(4, answer)
    assert sorted(type(one).__name__ for one in told) == ["Conflict"] * 3 + ["ConsumerRequest"]
    row = ConsumerRequest.objects.get()
    assert (row.status, row.outcome, row.answered_by, row.answered_at) == ("answered", "done", clerk, at)
    assert row.answer in {f"Answer {number}" for number in range(4)}
    assert OutboxEvent.objects.filter(name="accounts.request_answered").count() == 1
    ask(row.consumer, at)


def test_nobody_else_answers(person, clerk, at):
    asked = ask(person(), at)
    stranger = User.objects.create_user("shop@shop.example", "demo-password")
    with telling(stranger):
        stranger.user_permissions.set(clerk.user_permissions.all())
    for user in (stranger, make_operator("new@kvart.example", "demo-password")):
        with pytest.raises(Forbidden):
            services.answer_request(request_id=asked.pk, user=user, outcome="done", answer="Yes", at=at)
    for outcome, answer in (("done", " "), ("", "Yes"), ("open", "Yes")):
        with pytest.raises(Invalid):
            services.answer_request(request_id=asked.pk, user=clerk, outcome=outcome, answer=answer, at=at)
    asked.refresh_from_db()
    assert (asked.status, asked.answer, asked.answered_by) == ("open", "", None)


def test_the_database_itself_keeps_requests_and_answers_by_somebody(person, at):
    asked = ask(person(), at)
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE accounts_consumerrequest SET status = 'answered', outcome = 'done' WHERE id = %s", [asked.pk])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_consumerrequest")
    assert ConsumerRequest.objects.get().status == "open"


def test_a_request_is_its_own_persons_only(person, at):
    mine, other = person(), person()
    asked = ask(mine, at)
    assert queries.access_request(mine, asked.public_id) == asked
    for consumer, key in ((other, asked.public_id), (mine, "crq_x"), (mine, mine.public_id)):
        with pytest.raises(NotFound):
            queries.access_request(consumer, key)
    assert queries.list_requests(other) == []


def test_conflict_says_that_a_person_answers(person, at):
    dane = person()
    ask(dane, at)
    with pytest.raises(Conflict, match="A person answers"):
        ask(dane, at, text="Again")
    assert ConsumerRequest.objects.get().text == "Where is my lamp?"
