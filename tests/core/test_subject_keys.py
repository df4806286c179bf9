"""What is kept of a person is encrypted with a key of their own: who destroys it erases that, and nothing of anybody else."""

import signal
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts
from accounts.models import Consumer, ConsumerRequest, IdentityCheck
from bnpl.env import ROOT
from checkout.models import Checkout, Order
from core import crypto
from core.crypto import Erased, data_keys, sealed_fields
from core.db import execute, rows, unit
from core.models import SubjectKey
from core.renewal import renew_all, renew_batch, sealed_models
from core.subject_keys import destroy_key, subject_of
from core.unreadable import Unreadable, count_unreadable, listing
from notifications.models import Message
from plans.models import Plan
from tests.core.test_sealed_rows import KEYS, keys, person
from tests.owner import as_owner, tamper

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["keys", "person"]


def as_without_key(*rows_: object) -> None:
    """Encrypt what is kept of people with the installation's key, as it was done before they had keys of their own."""
    for row in rows_:
        for field in sealed_fields(type(row)):
            if text := field.written(getattr(row, field.attname)):
                sealed = crypto.encrypt(text, context=field._context(row))
                tamper(f"UPDATE {row._meta.db_table} SET {field.column} = %s WHERE id = %s", [sealed, row.pk])


def forms(model, column: str) -> list[str]:
    return [value.partition(":")[0] for (value,) in rows(f"SELECT {column} FROM {model._meta.db_table} ORDER BY id")]


def test_destroying_one_person_s_key_erases_theirs_alone(person, at):
    ann, bea = person(name="Ann", address={"city": "A"}), person(name="Bea")
    for one in (ann, bea):
        accounts.open_request(consumer=one, kind="complaint", text=f"It is {one.name}", at=at)
    assert [SubjectKey.objects.filter(subject=f"consumer:{one.pk}").exists() for one in (ann, bea)] == [True, True]
    alarms = count_unreadable()
    assert destroy_key(subject_of(ann.pk), at=at) is True
    assert destroy_key(subject_of(ann.pk), at=at) is False
    for model, mine in ((Consumer, {"pk": ann.pk}), (ConsumerRequest, {"consumer": ann})):
        with pytest.raises(Erased):
            model.objects.get(**mine)
    with listing():
        shown = Consumer.objects.get(pk=ann.pk)
    assert (shown.name, shown.address, shown.email) == (Unreadable(), Unreadable(), "")
    assert count_unreadable() == alarms
    assert (Consumer.objects.get(pk=bea.pk).name, ConsumerRequest.objects.get(consumer=bea).text) == ("Bea", "It is Bea")


def test_a_destroyed_key_is_never_made_again(person, at):
    ann = person(name="Ann")
    loaded = Consumer.objects.get(pk=ann.pk)
    destroy_key(subject_of(ann.pk), at=at)
    with pytest.raises(Erased), unit():
        accounts.open_request(consumer=ann, kind="complaint", text="Still here", at=at)
    with pytest.raises(Erased):
        ConsumerRequest(consumer_id=ann.pk, kind="copy", text="Still here", due_date=at.date(), asked_at=at).save()
    assert ConsumerRequest.objects.count() == 0
    # Who had read the row before writes what nobody opens.
    loaded.name = "Ann Example"
    loaded.save(update_fields=["name"])
    with pytest.raises(Erased):
        Consumer.objects.get(pk=ann.pk)


def test_of_many_who_make_a_person_s_key_at_once_all_get_one(person, at_once):
    ann = person()
    assert SubjectKey.objects.count() == 0
    subject = subject_of(ann.pk)
    found = at_once(6, lambda _: data_keys([subject])[subject].wrapped)
    assert len(set(found)) == 1
    assert [(row.subject, len(row.wrapped)) for row in SubjectKey.objects.all()] == [(subject, 44)]

    def write(number: int) -> None:
        with unit():
            one = Consumer.objects.select_for_update().get(pk=other.pk)
            field = ("name", "birth_date", "phone")[number]
            setattr(one, field, f"value {number}")
            one.save(update_fields=[field])

    other = person()
    assert at_once(3, write) == [None] * 3
    known = Consumer.objects.get(pk=other.pk)
    assert (known.name, known.birth_date, known.phone) == ("value 0", "value 1", "value 2")


def test_values_of_another_person_or_row_do_not_open(person, at):
    ann, bea = person(name="Ann"), person(name="Bea")
    checks = [
        IdentityCheck.objects.create(
            consumer=one, reference=f"idc_{name}", provider="sandbox", result="clear", evidence={"of": name}, details_hash="h", at=at
        )
        for one, name in ((ann, "Ann"), (bea, "Bea"), (ann, "Ann too"))
    ]
    mine, bea_s, mine_too = (check.pk for check in checks)
    # The row is said to be another person's, or holds the value of another row of the same person.
    tamper("UPDATE accounts_identitycheck SET consumer_id = %s WHERE id = %s", [bea.pk, mine])
    tamper(
        "UPDATE accounts_identitycheck SET evidence = (SELECT evidence FROM accounts_identitycheck WHERE id = %s) WHERE id = %s",
        [mine, mine_too],
    )
    for key in (mine, mine_too):
        with pytest.raises(InvalidTag) as fault:
            IdentityCheck.objects.get(pk=key)
        assert not isinstance(fault.value, Erased)
    assert IdentityCheck.objects.get(pk=bea_s).evidence == {"of": "Bea"}
    # A person's key pasted into another's row is not unwrapped.
    tamper("UPDATE core_subjectkey SET wrapped = (SELECT wrapped FROM core_subjectkey WHERE subject = %s)", [subject_of(bea.pk)])
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=ann.pk)
    assert Consumer.objects.get(pk=bea.pk).name == "Bea"
    tamper("DELETE FROM core_subjectkey WHERE subject = %s", [subject_of(bea.pk)])
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=bea.pk)


def complain(one: Consumer) -> None:
    accounts.open_request(consumer=one, kind="complaint", text=f"of {one.name}", at=one.created_at)


def test_a_row_brings_its_key_whichever_way_it_is_read(person):
    people = [person(name=f"Ann {number}", address={"city": "A"}) for number in range(50)]
    for one in people:
        complain(one)
    with CaptureQueriesContext(connection) as told:
        names = [one.name for one in Consumer.objects.order_by("pk")]
        partly = [one.address["city"] for one in Consumer.objects.only("address").order_by("pk")]
        related = [row.consumer.name for row in ConsumerRequest.objects.select_related("consumer").order_by("pk")]
        texts = [row.text for row in ConsumerRequest.objects.only("text").order_by("pk")]
    assert len(told) == 4
    assert (names, partly, related) == ([one.name for one in people], ["A"] * 50, names)
    assert texts == [f"of {name}" for name in names]


def test_what_somebody_buys_agrees_to_and_is_told_is_theirs(buy, merchant, at):
    order = buy(merchant, 22_900, at)
    checkout = Checkout.objects.get(pk=order.checkout_id)
    assert checkout.items
    assert set(forms(Checkout, "items_sealed")) == set(forms(Plan, "agreement_sealed")) == {"v3"}
    with CaptureQueriesContext(connection) as told:
        found = Order.objects.select_related("checkout", "plan", "consumer").get(pk=order.pk)
    assert len(told) == 1
    assert (found.checkout.items, "Lamp" in found.plan.agreement["text"]) == (checkout.items, True)
    destroy_key(subject_of(order.consumer_id), at=at)
    for model in (Checkout, Plan):
        with pytest.raises(Erased):
            model.objects.get()
    assert {form for form in forms(Message, "facts") if form} <= {"v3"}


def test_people_from_before_are_read_and_get_a_key(person, at):
    ann, bea = person(name="Ann", address={"city": "A"}), person(name="Bea")
    as_without_key(ann, bea)
    tamper("DELETE FROM core_subjectkey")
    assert [row.name for row in Consumer.objects.order_by("pk")] == ["Ann", "Bea"]
    destroy_key(subject_of(bea.pk), at=at)
    with pytest.raises(Erased):
        Consumer.objects.get(pk=bea.pk)
    assert renew_batch(Consumer) == (None, 2)
    assert renew_batch(Consumer) == (None, 0)
    assert forms(Consumer, "name") == ["v3", "v3"]
    known = Consumer.objects.get(pk=ann.pk)
    assert (known.name, known.address) == ("Ann", {"city": "A"})
    with pytest.raises(Erased):
        Consumer.objects.get(pk=bea.pk)
    # What was encrypted before is gone, even for somebody who has all keys of the installation.
    tamper("DELETE FROM core_subjectkey WHERE subject = %s", [subject_of(bea.pk)])
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=bea.pk)


KILLED = """
import os, signal, django
django.setup()
from core import renewal, roles
renew, seen = renewal._renew, []
def dying(*given):
    seen.append(1)
    if len(seen) == 8:
        os.kill(os.getpid(), signal.SIGKILL)
    return renew(*given)
renewal._renew = dying
from accounts.models import Consumer
after = None
while True:
    after, _ = renewal.renew_batch(Consumer, after=after, limit=3)
"""


def test_a_renewal_that_is_killed_half_way_goes_on(person, process_env):
    people = [person(name=f"Ann {number}") for number in range(10)]
    as_without_key(*people)
    tamper("DELETE FROM core_subjectkey")
    env = process_env | {"DJANGO_SETTINGS_MODULE": "bnpl.settings"}
    died = subprocess.run([sys.executable, "-c", KILLED], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert forms(Consumer, "name") == ["v3"] * 6 + ["v2"] * 4
    assert SubjectKey.objects.count() == 6
    assert renew_all(Consumer) == 4
    assert [row.name for row in Consumer.objects.order_by("pk")] == [one.name for one in people]
    assert SubjectKey.objects.count() == 10


def test_a_new_key_of_the_installation_wraps_people_s_keys_anew_and_nothing_else(person, keys, capsys):
    keys(f"a:{KEYS[0]}")
    ann = person(name="Ann")
    sealed = rows("SELECT name FROM accounts_consumer")
    keys(f"b:{KEYS[1]},a:{KEYS[0]}")
    call_command("renew_data")
    assert "core_subjectkey: 1 rows sealed anew" in capsys.readouterr().out
    assert rows("SELECT name, split_part(wrapped, ':', 2) FROM accounts_consumer, core_subjectkey") == [(*sealed[0], "b")]
    keys(f"b:{KEYS[1]}")
    assert Consumer.objects.get(pk=ann.pk).name == "Ann"


def test_the_application_destroys_keys_and_changes_none(person, at):
    ann, bea = person(name="Ann"), person(name="Bea")
    before = rows("SELECT subject, wrapped FROM core_subjectkey ORDER BY subject")
    swapped = "UPDATE core_subjectkey SET subject = subject || 'x'"
    pasted = "UPDATE core_subjectkey SET wrapped = (SELECT max(wrapped) FROM core_subjectkey)"
    hidden = "UPDATE core_subjectkey SET wrapped = 'v2:k0:x', destroyed_at = now()"
    for sql in (swapped, pasted, hidden, "DELETE FROM core_subjectkey"):
        with pytest.raises(IntegrityError), transaction.atomic():
            execute(sql)
    assert rows("SELECT subject, wrapped FROM core_subjectkey ORDER BY subject") == before
    destroy_key(subject_of(ann.pk), at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE core_subjectkey SET wrapped = %s, destroyed_at = NULL WHERE subject = %s", [before[0][1], subject_of(ann.pk)])
    with as_owner():
        assert renew_batch(SubjectKey) == (None, 0)
    assert Consumer.objects.get(pk=bea.pk).name == "Bea"


@pytest.mark.parametrize("model", sealed_models(), ids=lambda model: model.__name__)
def test_all_encrypted_fields_of_a_row_are_one_person_s(model):
    assert len({field.person for field in sealed_fields(model)}) == 1
