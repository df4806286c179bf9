"""What is encrypted opens in its own row only; rows from before are read, and sealed anew in batches."""

import base64
import json
import uuid
from datetime import date
from importlib import import_module

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from accounts.models import Consumer, ConsumerChange, IdentityCheck, PersonKey
from checkout import services as checkouts
from checkout.models import Checkout, Refund
from checkout.queries import get_checkout
from core import crypto
from core.crypto import EncryptedJSONField, Sealed, sealed_fields
from core.db import execute, rows
from core.models import IdempotentAnswer
from core.renewal import renew_batch, sealed_models
from markets.models import Market
from plans.models import Plan
from tests.api.conftest import Api
from tests.owner import as_owner, tamper
from tests.shops import basket, make_key

pytestmark = pytest.mark.django_db(transaction=True)
SEALING = {
    "accounts": "0004_seal_for_rows",
    "checkout": "0006_seal_baskets",
    "core": "0003_seal_answers",
    "plans": "0007_seal_agreements",
    "webhooks": "0002_seal_for_rows",
}
"""The migration of each app that seals what was sealed for its column only."""
KEYS = [base64.b64encode(letter * 32).decode() for letter in (b"a", b"b")]


@pytest.fixture
def person(db, at):
    """Give a function that makes a consumer."""
    made = iter(range(100))

    def make(**details: object) -> Consumer:
        market = Market.objects.get(code="US")
        fields = {"locale": "en_US", "time_zone": "America/New_York", "email_hash": f"hash {next(made)}", "created_at": at}
        return Consumer.objects.create(market=market, **fields | details)

    return make


@pytest.fixture
def keys(settings):
    """Give a function that sets the key ring."""

    def ring(value: str) -> None:
        settings.FIELD_KEYS = value
        crypto._keys.cache_clear()

    yield ring
    crypto._keys.cache_clear()


def as_before(row, *names: str) -> None:
    """Seal fields for their column alone, as it was done before."""
    for name in names:
        field = row._meta.get_field(name)
        sealed = crypto.encrypt(field.written(getattr(row, name)), context=f"{row._meta.db_table}.{field.column}")
        execute(f"UPDATE {row._meta.db_table} SET {field.column} = %s WHERE id = %s", [sealed.replace("v2:", "v1:", 1), row.pk])


def stored(table: str, column: str, key: object) -> str:
    return rows(f"SELECT {column} FROM {table} WHERE id = %s", [key])[0][0]


@pytest.mark.parametrize("column", ["name", "address"])
def test_a_value_pasted_into_another_row_is_not_read(person, column):
    ann, bea = person(name="Ann", address={"city": "A"}), person(name="Bea", address={"city": "B"})
    execute(
        f"UPDATE accounts_consumer SET {column} = (SELECT {column} FROM accounts_consumer WHERE id = %s) WHERE id = %s", [ann.pk, bea.pk]
    )
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=bea.pk)
    assert Consumer.objects.get(pk=ann.pk).name == "Ann"


def test_it_is_written_for_its_row_whichever_way(person):
    ann = person(name="Ann")
    ann.name = "Ann Example"
    ann.save(update_fields=["name"])
    assert stored("accounts_consumer", "name", ann.pk).startswith("v3:")
    other = Consumer(pk=None, market=ann.market, locale="en_US", time_zone="UTC", email_hash="z", name="Cy", created_at=ann.created_at)
    other.pk = Consumer._meta.pk.get_default()
    Consumer.objects.bulk_create([other])
    assert [Consumer.objects.get(pk=row.pk).name for row in (ann, other)] == ["Ann Example", "Cy"]
    assert [row.name for row in Consumer.objects.order_by("pk").only("name")] == ["Ann Example", "Cy"]
    deferred = Consumer.objects.defer("name").get(pk=ann.pk)
    assert "name" not in deferred.__dict__
    assert deferred.name == "Ann Example"
    with pytest.raises(TypeError, match="sealed for its row"):
        Consumer.objects.filter(pk=ann.pk).update(name="Di")


def test_the_form_before_is_refused_by_all_but_the_migrations(person):
    ann = person(name="Ann")
    as_before(ann, "name")
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=ann.pk)
    with pytest.raises(InvalidTag):
        call_command("renew_data")
    assert stored("accounts_consumer", "name", ann.pk).startswith("v1:")


def test_the_migrations_seal_what_they_find(person):
    ann = person(name="Ann")
    as_before(ann, "name")
    found = {label: import_module(f"{label}.migrations.{name}") for label, name in SEALING.items()}
    for migration in found.values():
        migration.seal(apps, connection.schema_editor())
    assert Consumer.objects.get(pk=ann.pk).name == "Ann"
    # What messages say, tasks about late people, files of proposals, and accounts of transfers, were never of the form before.
    assert {model._meta.app_label for model in sealed_models()} == {
        *found,
        "collection",
        "controls",
        "credit",
        "fraud",
        "learning",
        "notifications",
        "payments",
    }


def test_the_migrations_seal_what_they_find_unencrypted(buy, merchant, at):
    order = buy(merchant, 22_900, at)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=100, reason="Too big", actor="test", at=at)
    clear = [{"name": "Lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}]
    tamper("UPDATE checkout_refund SET reason_sealed = '', reason = 'Anna sent it back'")
    tamper("UPDATE checkout_checkout SET items_sealed = '', items = %s", [json.dumps(clear)])
    with as_owner():
        for _ in range(2):
            for name in ("0006_seal_baskets", "0009_seal_refund_reasons"):
                import_module(f"checkout.migrations.{name}").seal(apps, connection.schema_editor())
    assert rows("SELECT c.items, r.reason FROM checkout_checkout c, checkout_refund r") == [("[]", "")]
    assert (Checkout.objects.get().items, Refund.objects.get().reason) == (clear, "Anna sent it back")


def test_keys_rotate_by_the_command(person, keys, at, capsys):
    keys(f"a:{KEYS[0]}")
    ann = person(name="Ann")
    ann.verify_identity()
    ann.save()
    check = IdentityCheck.objects.create(
        consumer=ann, reference="idc_1", provider="sandbox", result="clear", evidence={"seen": 1}, details_hash="h", at=at
    )
    keys(f"b:{KEYS[1]},a:{KEYS[0]}")
    call_command("renew_data")
    said = capsys.readouterr().out
    assert "core_subjectkey: 1 rows sealed anew" in said
    assert "accounts_consumer: 0 rows sealed anew" in said
    keys(f"b:{KEYS[1]}")
    assert Consumer.objects.get(pk=ann.pk).name == "Ann"
    assert IdentityCheck.objects.get(pk=check.pk).evidence == {"seen": 1}


def test_baskets_and_what_shops_note_are_not_readable_in_a_dump(buy, merchant, at):
    items = [{"name": "Secret diary", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}]
    checkout = buy.open(merchant, 22_900, at, items=items, metadata={"cart": "Anna's present"})
    dump = json.dumps([str(value) for value in rows("SELECT * FROM checkout_checkout")[0]])
    assert [secret for secret in ("Secret diary", "present", "cart") if secret in dump] == []
    found = get_checkout(checkout.id)
    assert (found.items, found.metadata) == (items, {"cart": "Anna's present"})


def test_what_was_bought_is_not_readable_in_the_agreement(buy, merchant, at):
    order = buy(merchant, 22_900, at)
    dump = json.dumps([str(value) for table in ("plans_plan", "checkout_checkout") for value in rows(f"SELECT * FROM {table}")[0]])
    assert "Lamp" not in dump.replace(merchant.name, "")
    plan = Plan.objects.get(pk=order.plan_id)
    assert plan.agreement["text"].count("1 × Lamp") == 1
    agreed = plan.agreement
    tamper("UPDATE plans_plan SET agreement_sealed = '', agreement = %s", [json.dumps(agreed)])
    assert Plan.objects.get(pk=plan.pk).agreement == agreed
    with as_owner():
        assert renew_batch(Plan) == (None, 1)
    assert (rows("SELECT agreement FROM plans_plan"), Plan.objects.get(pk=plan.pk).agreement) == ([("{}",)], agreed)


def test_baskets_from_before_are_read_and_sealed(buy, merchant, at):
    checkout = buy.open(merchant, 22_900, at)
    clear = [{"name": "Lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}]
    sql = "UPDATE checkout_checkout SET items_sealed = '', metadata_sealed = '', items = %s, metadata = %s"
    execute(sql, [json.dumps(clear), json.dumps({"cart": "c1"})])
    for found in (get_checkout(checkout.id), Checkout.objects.get()):
        assert (found.items, found.metadata) == (clear, {"cart": "c1"})
    assert renew_batch(Checkout) == (None, 1)
    assert rows("SELECT items, metadata FROM checkout_checkout") == [("[]", "{}")]
    found = Checkout.objects.get()
    assert (found.items, found.metadata) == (clear, {"cart": "c1"})


def test_stored_answers_are_not_readable_in_a_dump(merchant):
    api = Api(make_key(merchant))
    for _ in range(2):
        answer = api.post("checkouts", basket(metadata={"cart": "Anna's present"}), key="one")
        assert answer.json()["metadata"] == {"cart": "Anna's present"}
    assert answer.headers["Idempotent-Replayed"] == "true"
    dump = json.dumps([str(value) for value in rows("SELECT * FROM core_idempotentanswer")[0]])
    assert [secret for secret in ("present", "Desk lamp") if secret in dump] == []
    execute("UPDATE core_idempotentanswer SET body_sealed = '', body = %s", [json.dumps({"id": "chk_1"})])
    assert IdempotentAnswer.objects.get().body == {"id": "chk_1"}


def test_people_from_before_get_their_stored_form_zone_and_person(person, at):
    home = {"line1": "1 Bishop St", "city": "Honolulu", "postal_code": "96813 1234", "region": "Hawaii", "country": "US"}
    details = {"name": "Ann\u200b Example", "birth_date": date(1990, 5, 31).isoformat(), "email": "a@b.example"}
    first, second = person(address=home, **details), person(address=home | {"line1": "1 Bishop Street"}, **details)
    Consumer.objects.update(identity="verified")
    odd = person(name="Bo", address=home | {"region": "Atlantis"})
    call_command("renew_data")
    first.refresh_from_db()
    second.refresh_from_db()
    odd.refresh_from_db()
    assert (first.name, first.address["postal_code"], first.address["region"]) == ("Ann Example", "96813-1234", "HI")
    assert (first.time_zone, second.time_zone, odd.address["region"]) == ("Pacific/Honolulu", "Pacific/Honolulu", "Atlantis")
    assert (first.holder_id, second.holder_id, PersonKey.objects.count()) == (first.pk, first.pk, 1)
    changed = ConsumerChange.objects.filter(consumer=first, subject="details").get()
    assert (changed.actor, changed.change) == ("renewal", {"fields": ["address", "name", "time_zone"]})
    call_command("renew_data")
    assert ConsumerChange.objects.filter(subject="details").count() == 2


EVERY_FIELD = [(model, field) for model in sealed_models() for field in sealed_fields(model)]


@pytest.mark.parametrize(("model", "field"), EVERY_FIELD, ids=lambda part: getattr(part, "__name__", None) or part.name)
def test_every_encrypted_field_opens_in_its_row_and_column_only(model, field):
    names = dict.fromkeys(("pk", *field.row))
    mine, other = (model(**{name: uuid.UUID(int=number) if name == "pk" else f"key {number}" for name in names}) for number in (1, 2))
    value = {"text": "Ann"} if isinstance(field, EncryptedJSONField) else "Ann"
    sealed = Sealed(field.seal(value, mine))
    assert field.open(sealed, mine) == value
    with pytest.raises(InvalidTag):
        field.open(sealed, other)
    for sibling in sealed_fields(model):
        if sibling is not field:
            with pytest.raises(InvalidTag):
                sibling.open(sealed, mine)


@pytest.mark.parametrize("model", sealed_models(), ids=lambda model: model.__name__)
def test_what_stands_for_a_row_is_one_rows_only(model):
    """A key that the database gives is not known when a row is sealed: other columns stand for it, which no two rows share."""
    unique = {tuple(made.fields) for made in model._meta.constraints if isinstance(made, models.UniqueConstraint)}
    for field in sealed_fields(model):
        assert field.row in unique if isinstance(model._meta.pk, models.AutoField) else field.row == ("pk",), field


def test_reasons_of_refunds_from_before_are_read_and_sealed(buy, merchant, at):
    order = buy(merchant, 22_900, at)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=100, reason="Anna sent it back", actor="test", at=at)
    assert "Anna" not in str(rows("SELECT * FROM checkout_refund"))
    tamper("UPDATE checkout_refund SET reason_sealed = '', reason = 'Anna sent it back'")
    assert Refund.objects.get().reason == "Anna sent it back"
    with as_owner():
        assert renew_batch(Refund) == (None, 1)
    assert rows("SELECT reason FROM checkout_refund") == [("",)]
    assert Refund.objects.get().reason == "Anna sent it back"
