"""A status changes by its transitions only, whoever asks for it, and is read again without getting in anybody's way."""

import threading
from contextlib import suppress
from enum import StrEnum
from itertools import pairwise, product

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import class_prepared
from django_fsm import TransitionNotAllowed

from accounts.models import Consumer
from checkout.states import ORDER, ORDER_REVIEW
from core.db import execute, rows
from core.management.commands.migrate import without_transitions
from core.states import Machine
from markets.models import Market
from tests.owner import tamper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(at):
    market = Market.objects.get(code="US")
    return Consumer.objects.create(market=market, locale="en_US", time_zone="UTC", email="a@b.example", email_hash="x", created_at=at)


def test_a_status_is_not_assigned(person):
    with pytest.raises(AttributeError, match="not allowed"):
        person.identity = "verified"
    person.verify_identity()
    with pytest.raises(TransitionNotAllowed):
        person.await_identity()
    assert (person.identity, Consumer.objects.get().identity) == ("verified", "unknown")


def test_all_is_read_again_with_one_query(person, django_assert_num_queries):
    Consumer.objects.update(identity="verified", locale="da_DK")
    _ = person.market
    with django_assert_num_queries(1):
        person.refresh_from_db()
        assert (person.identity, person.locale) == ("verified", "da_DK")
    assert not Consumer.market.is_cached(person)


def test_some_is_read_again(person, django_assert_num_queries):
    Consumer.objects.update(identity="verified", locale="da_DK")
    person.refresh_from_db(fields=["locale"])
    assert (person.identity, person.locale) == ("unknown", "da_DK")
    with django_assert_num_queries(1):
        person.refresh_from_db(fields=["identity"])
        assert person.identity == "verified"


def test_a_status_that_was_not_loaded_is_loaded_when_it_is_asked_for(person, django_assert_num_queries):
    found = Consumer.objects.defer("identity").get()
    with django_assert_num_queries(1):
        assert found.identity == "unknown"
    again = Consumer.objects.defer("identity").get()
    with django_assert_num_queries(1):
        again.refresh_from_db()
    assert again.get_deferred_fields() == {"identity"}


def test_a_row_that_is_gone_leaves_what_was_there(person):
    Consumer.objects.all().delete()
    with pytest.raises(Consumer.DoesNotExist):
        person.refresh_from_db()
    assert (person.identity, person.get_deferred_fields()) == ("unknown", set())


def test_eight_threads_read_again_and_the_protection_stays(person, at_once):
    stop = threading.Event()

    def work(number: int) -> object:
        own = Consumer.objects.get()
        if number == 7:
            try:
                for _ in range(3_000):
                    with pytest.raises(AttributeError):
                        own.identity = "verified"
            finally:
                stop.set()
            return None
        while not stop.is_set():
            own.refresh_from_db()
        return own.identity

    assert at_once(8, work) == ["unknown"] * 7 + [None]


class Light(StrEnum):
    """A light at a crossing."""

    RED = "red"
    GREEN = "green"
    DARK = "dark"


LIGHT = Machine(
    Light,
    column="light",
    initial=[Light.RED, Light.DARK],
    transitions={"go": ([Light.RED], Light.GREEN), "stop": ([Light.GREEN, Light.RED], Light.RED), "fail": (list(Light), Light.DARK)},
)


def test_a_machine_says_all_of_its_column():
    assert LIGHT.pairs == [("green", "dark"), ("green", "red"), ("red", "dark"), ("red", "green")]
    field, check = LIGHT.field(max_length=9), LIGHT.constraint("light_known")
    assert (type(field.default), field.default, field.protected, field.max_length) == (str, "red", True, 9)
    assert (check.name, check.condition.children) == ("light_known", [("light__in", ["red", "green", "dark"])])
    assert LIGHT.move("stop", "l") == ("light = 'red'", "l.light IN ('green', 'red')")
    moves, begins = LIGHT.triggers()
    assert (moves.name, str(moves.operation)) == ("light_moves", 'UPDATE OF "light"')
    pairs = "('green', 'dark'), ('green', 'red'), ('red', 'dark'), ('red', 'green')"
    assert moves.condition.sql == f'OLD."light" IS DISTINCT FROM NEW."light" AND (OLD."light", NEW."light") NOT IN ({pairs})'
    assert (begins.name, begins.condition.sql) == ("light_begins", "NEW.\"light\" NOT IN ('red', 'dark')")


def test_a_method_that_no_transition_is_named_after_is_none():
    with pytest.raises(KeyError, match="blink"):

        @LIGHT.transition
        def blink(light: object) -> None: ...


@pytest.fixture
def order(buy, merchant):
    """An order that is held."""
    return buy.finish(buy.open(merchant, 120_000), "hal+approve@people.example").order


_DECIDE = """
    UPDATE checkout_orderreview SET status = %(to)s, prepared_by_id = %(one)s,
        approved_by_id = CASE %(to)s WHEN 'approved' THEN %(two)s END, rejected_by_id = CASE %(to)s WHEN 'rejected' THEN %(two)s END"""


def move_order(order, operators, source, target):
    people = {"one": operators[0].id, "two": operators[1].id}
    tamper(_DECIDE, people | {"to": "rejected" if target == "rejected" else "approved"})
    tamper("UPDATE checkout_order SET status = %s", [source])
    return "UPDATE checkout_order SET status = %(to)s", {"to": target}


def move_review(order, operators, source, target):
    people = {"one": operators[0].id, "two": operators[1].id}
    tamper(_DECIDE, people | {"to": source})
    return _DECIDE, people | {"to": target}


@pytest.mark.parametrize(("machine", "move"), [(ORDER, move_order), (ORDER_REVIEW, move_review)], ids=["order", "review"])
def test_the_database_allows_what_a_transition_makes_and_refuses_all_else(order, operators, machine, move):
    allowed = set()
    for source, target in product(map(str, machine.states), repeat=2):
        sql, params = move(order, operators, source, target)
        assert rows("SELECT current_user") == [("bnpl",)]
        with suppress(IntegrityError, InternalError), transaction.atomic():
            execute(sql, params)
            allowed.add((source, target))
    # What was decided about a held order is not even written anew.
    same = {(state, state) for state in map(str, machine.states) if machine is ORDER or state in {"waiting", "prepared"}}
    assert allowed - same == set(machine.pairs)


@pytest.mark.parametrize("way", [("pending_review", "voided", "authorized"), ("pending_review", "expired", "captured")], ids="-".join)
def test_no_detour_leads_around_a_review(order, way):
    """Each leads away from a held order by a step that is legal, and no further."""
    (_, first), (_, second) = pairwise(way)
    execute("UPDATE checkout_order SET status = %s", [first])
    with pytest.raises(IntegrityError, match=f"no transition of checkout_order leads from {first} to {second}"), transaction.atomic():
        execute("UPDATE checkout_order SET status = %s", [second])
    assert rows("SELECT status FROM checkout_order") == [(first,)]


def test_no_row_begins_in_the_middle(person):
    with pytest.raises(IntegrityError, match="no row of accounts_consumer begins as verified"), transaction.atomic():
        execute("""
            INSERT INTO accounts_consumer
            SELECT made.* FROM accounts_consumer c, jsonb_populate_record(c, jsonb_build_object(
                'id', gen_random_uuid(), 'identity', 'verified', 'email_hash', 'y')) AS made""")
    assert Consumer.objects.count() == 1


def test_models_that_migrations_draw_have_no_transitions():
    state = MigrationLoader(None).project_state()
    before = len(class_prepared.receivers)
    with without_transitions():
        drawn = state.apps
    assert len(class_prepared.receivers) <= before  # Those of models that are gone may be dropped meanwhile.
    assert drawn.get_model("checkout", "Order")._meta.get_field("status").default == "authorized"
    assert not hasattr(drawn.get_model("checkout", "Order"), "get_all_status_transitions")
