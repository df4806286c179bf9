"""Companies that ask registers: the sandbox's answers by the contract, for people without and with remarks."""

import pytest

from core import remote
from core.providers import Account, Capability
from credit.gateways.base import SourceUnavailable, Subject
from credit.gateways.registers import HttpRegisters, Remarks, of_sandbox


@pytest.fixture
def registers(sandbox_world, settings) -> HttpRegisters:
    """Give the sandbox's registers."""
    account = Account(code="sandbox", provider="sandbox-registers", capabilities=frozenset({Capability.REGISTER}))
    return of_sandbox(account)


def subject(persona: str) -> Subject:
    return Subject("Ann Example", "1990-05-31", f"conf{persona}@example.com", "DK", "DKK", {"city": "Aarhus"})


def test_a_clear_person_and_one_with_remarks_are_told_apart_and_found_again(registers):
    clear = registers.check(subject(""), "rki", reference="inq_conf_1")
    assert (clear.remarks, clear.owed_minor, clear.newest_on) == (0, 0, "")
    found = registers.check(subject("+remark"), "rki", reference="inq_conf_2")
    assert found.remarks in {1, 2, 3}
    assert 200_000 <= found.owed_minor <= 900_000
    assert registers.find("rki", reference="inq_conf_2", currency="DKK") == found
    assert registers.check(subject("+remark"), "rki", reference="inq_conf_2") == found
    assert registers.check(subject("+small_remark"), "rki", reference="inq_conf_3").owed_minor == 100
    assert registers.find("rki", reference="inq_never", currency="DKK") is None


def test_the_answer_about_another_register_says_nothing(registers):
    registers.check(subject(""), "rki", reference="inq_conf_4")
    with pytest.raises(SourceUnavailable):
        registers.find("debitor", reference="inq_conf_4", currency="DKK")


def test_it_reaches_all_registers_and_is_well(registers):
    registers.health()
    assert (registers.reaches("rki"), registers.reaches("ccj"), registers.countries()) == (True, True, frozenset())


@pytest.mark.parametrize(("remarks", "owed", "newest"), [(True, 0, ""), (-1, 0, ""), (1, 10**13, ""), (1, 1.5, ""), (1, 1, "yesterday")])
def test_numbers_and_days_that_are_none_are_refused(remarks, owed, newest):
    with pytest.raises((SourceUnavailable, ValueError)):
        Remarks("rgc_1", remarks, owed, newest)


def test_the_sandbox_wants_a_key(sandbox_world):
    with pytest.raises(remote.Refused):
        remote.Remote(sandbox_world, "wrong").get("/registers/v1/checks", {"reference": "x"})
