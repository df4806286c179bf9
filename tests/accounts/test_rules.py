"""What may stand in a person's details."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts import rules
from accounts.rules import Faulty

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("  Ann@Example.COM ", "ann@example.com"),
        ("ann+approve@example.com", "ann+approve@example.com"),
        ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
        ("søren@example.dk", "søren@example.dk"),
    ],
)
def test_email(typed, normal):
    assert rules.normalize_email(typed) == normal


@pytest.mark.parametrize(
    "typed",
    ["", "ann", "ann@", "@example.com", "ann@example", "a b@example.com", "ann@-x.com", "a..b@example.com", ".a@example.com", "a@b@c.com"],
)
def test_not_an_email(typed):
    with pytest.raises(Faulty):
        rules.normalize_email(typed)


def test_email_is_not_endless():
    with pytest.raises(Faulty):
        rules.normalize_email("a" * 250 + "@example.com")


@pytest.mark.parametrize(
    ("typed", "region", "normal"),
    [
        ("(212) 555-0123", "US", "+12125550123"),
        ("20 12 34 56", "DK", "+4520123456"),
        ("070-123 45 67", "SE", "+46701234567"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("07400 123456", "GB", "+447400123456"),
        ("0412 345 678", "AU", "+61412345678"),
        ("+45 20 12 34 56", "US", "+4520123456"),
        ("+45 20 12 34 56", "", "+4520123456"),
    ],
)
def test_phone(typed, region, normal):
    assert rules.normalize_phone(typed, region) == normal


@pytest.mark.parametrize(
    ("typed", "region"), [("", "US"), ("abc", "US"), ("123", "US"), ("2125550123", ""), ("+1", "US"), ("9" * 30, "US")]
)
def test_not_a_phone(typed, region):
    with pytest.raises(Faulty):
        rules.normalize_phone(typed, region)


def test_unknown_channel():
    with pytest.raises(Faulty):
        rules.normalize_destination("pigeon", "ann@example.com", "US")


@pytest.mark.parametrize(("typed", "normal"), [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456")])
def test_code(typed, normal):
    assert rules.normalize_code(typed) == normal


@pytest.mark.parametrize("typed", ["", "123", "12345678901", "12a456", "１２３４５６"])
def test_not_a_code(typed):
    with pytest.raises(Faulty):
        rules.normalize_code(typed)


@pytest.mark.parametrize(
    ("typed", "normal"), [("  Ann   Example ", "Ann Example"), ("Jo", "Jo"), ("Søren Ægir", "Søren Ægir"), ("李明", "李明")]
)
def test_name(typed, normal):
    assert rules.normalize_name(typed) == normal


@pytest.mark.parametrize("typed", ["", "A", "12 34", "x" * 121, "An\x00n"])
def test_not_a_name(typed):
    with pytest.raises(Faulty):
        rules.normalize_name(typed)


def test_age_turns_on_the_birthday():
    assert rules.age_on(date(2008, 11, 22), date(2026, 11, 21)) == 17
    assert rules.age_on(date(2008, 11, 22), date(2026, 11, 22)) == 18
    assert rules.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert rules.age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_birth_date():
    rules.check_birth_date(date(2008, 11, 22), date(2026, 11, 22), 18)
    for wrong in (date(2008, 11, 23), date(2026, 11, 22), date(2027, 1, 1), date(1900, 1, 1)):
        with pytest.raises(Faulty):
            rules.check_birth_date(wrong, date(2026, 11, 22), 18)


US = rules.AddressForm("US", r"\d{5}(-\d{4})?", "ZIP code", "10001", "State")
GB = rules.AddressForm("GB", r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "postcode", "SW1A 1AA", "")


def test_address():
    told = {"line1": " 1  Main St", "line2": "", "city": "New York", "postal_code": "10001", "region": "NY", "other": "x"}
    assert rules.normalize_address(told, US) == (
        {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY", "country": "US"},
        {},
    )
    assert rules.normalize_address({"line1": "10 Downing St", "city": "London", "postal_code": "sw1a 2aa"}, GB) == (
        {"line1": "10 Downing St", "city": "London", "postal_code": "SW1A 2AA", "country": "GB"},
        {},
    )


def test_address_names_each_fault():
    _, faults = rules.normalize_address({}, US)
    assert sorted(faults) == ["address.city", "address.line1", "address.postal_code", "address.region"]
    _, faults = rules.normalize_address({"line1": "x" * 121, "city": "Y", "postal_code": "1234", "region": "NY", "country": "DK"}, US)
    assert faults == {
        "address.line1": "Use at most 120 characters.",
        "address.postal_code": "Enter a ZIP code such as 10001.",
        "address.country": "Only addresses in US can be used here.",
    }


def test_wait_before_code():
    def ago(*seconds):
        return [AT - timedelta(seconds=s) for s in seconds]

    assert rules.wait_before_code([], AT) == 0
    assert rules.wait_before_code(ago(10), AT) == 20
    assert rules.wait_before_code(ago(30), AT) == 0
    assert rules.wait_before_code(ago(29.5), AT) == 1
    assert rules.wait_before_code(ago(40, 100, 200, 300), AT) == 0
    assert rules.wait_before_code(ago(40, 100, 200, 300, 3000), AT) == 600
    assert rules.wait_before_code(ago(40, 100, 200, 300, 3601), AT) == 0
