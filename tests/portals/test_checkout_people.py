"""Who is recognized in a checkout, and what of an address is asked and kept."""

import pytest

from accounts.models import Consumer, SignInCode
from tests.portals.conftest import DETAILS
from tests.portals.reading import asked_again
from tests.portals.test_checkout_pages import enter, path, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("phone", ["0", "00000000", "76", "47", "0147", "555-0147", "+1 202 555 0148", ""])
def test_a_number_that_only_ends_alike_is_another_person(client, open_checkout, phone):
    told = {"phone": phone, "name": "Anna Nielsen", "email": "anna@example.com", "address": {"line1": "9 Shop St"}}
    checkout = open_checkout(customer=told)
    client.post(path(checkout, "contact"), {"contact": "(202) 555-0147"})
    client.post(path(checkout, "code"), {"code": "111111"})
    details = client.get(path(checkout)).content.decode()
    assert 'name="line1"' in details
    assert [secret for secret in ("Anna Nielsen", "anna@example.com", "9 Shop St") if secret in details] == []


@pytest.mark.parametrize("phone", ["(202) 555-0147", "+12025550147", "1 202 555 0147"])
def test_a_number_in_another_form_is_the_same_person(client, open_checkout, phone):
    told = {"phone": phone, "name": "Anna Nielsen", "address": {"line1": "9 Shop St", "line2": "Apt 4"}}
    checkout = open_checkout(customer=told)
    client.post(path(checkout, "contact"), {"contact": "+1 (202) 555-0147"})
    client.post(path(checkout, "code"), {"code": "111111"})
    details = client.get(path(checkout)).content.decode()
    assert [f'value="{known}"' in details for known in ("Anna Nielsen", "9 Shop St", "Apt 4")] == [True] * 3
    client.post(path(checkout, "details"), DETAILS | {"line2": "Apt 4", "email": "anna@example.com"})
    assert Consumer.objects.get().address["line2"] == "Apt 4"


def test_an_address_in_another_script_is_the_same_person(client, open_checkout):
    told = {"email": "Anna@BÜCHER.example", "name": "Anna Nielsen"}
    checkout = open_checkout(customer=told)
    enter(client, checkout, "anna@xn--bcher-kva.example")
    assert 'value="Anna Nielsen"' in client.get(path(checkout)).content.decode()


def test_a_second_press_for_a_number_is_no_error(client, open_checkout):
    checkout = open_checkout()
    for _ in range(2):
        answer = client.post(path(checkout, "contact"), {"contact": "(202) 555-0147"})
        assert answer.status_code == 302
    assert SignInCode.objects.count() == 1


def test_a_state_is_proposed_and_may_be_written_out(client, open_checkout, email):
    checkout = open_checkout()
    enter(client, checkout, email("+approve"))
    assert '<option value="NY">New York</option>' in client.get(path(checkout)).content.decode()
    answer = client.post(path(checkout, "details"), DETAILS | {"region": "Atlantis"})
    answer = asked_again(answer)
    assert "Choose your state, such as AL." in text(answer)
    client.post(path(checkout, "details"), DETAILS | {"region": "new york"})
    assert Consumer.objects.get().address["region"] == "NY"
