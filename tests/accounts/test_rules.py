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
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("Anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
        ("anna@bu\u0308cher.example", "anna@xn--bcher-kva.example"),
        ("李@例え。jp", "李@xn--r8jz45g.jp"),
        ("an\u200bna@example.com\u202c", "anna@example.com"),
    ],
)
def test_email(typed, normal):
    assert rules.normalize_email(typed) == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "a b@example.com",
        "ann@-x.com",
        "a..b@example.com",
        ".a@example.com",
        "a@b@c.com",
        "a@xn--a.example",
        "a@ex_ample.com",
        "a@bü..example",
    ],
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
        ("07700 900123", "GB", "+447700900123"),
        ("\u202a+45 20\u00a012 34 56\u202c", "", "+4520123456"),
    ],
)
def test_phone(typed, region, normal):
    assert rules.normalize_phone(typed, region) == normal


LOCAL = [
    ("555-0147", "US"),
    ("5550147", "US"),
    ("+1 555 0147", ""),
    ("212 555 0123 ext. 5", "US"),
    ("1112223333", "US"),
    ("12 34 56", "DK"),
]
SERVICES = [("+1 900 555 0147", "US"), ("+1 800 555 0147", "US"), ("+45 90 12 34 56", "DK")]


@pytest.mark.parametrize(
    ("typed", "region"), [("", "US"), ("abc", "US"), ("123", "US"), ("2125550123", ""), ("+1", "US"), ("9" * 30, "US"), *LOCAL, *SERVICES]
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


UNSEEN = [
    ("An\u200bn\u00ad Exam\ufeffple", "Ann Example"),
    ("\u202eelpmaxE nnA\u202c", "elpmaxE nnA"),
    ("\u2066Ann\u2069 \u3164 Example", "Ann Example"),
    ("Jose\u0301", "José"),
    ("An\x00n", "Ann"),
]


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("  Ann   Example ", "Ann Example"),
        ("Jo", "Jo"),
        ("Søren Ægir", "Søren Ægir"),
        ("李明", "李明"),
        ("李", "李"),
        ("O", "O"),
        ("Ann\tExample", "Ann Example"),
        *UNSEEN,
    ],
)
def test_name(typed, normal):
    assert rules.normalize_name(typed) == normal


@pytest.mark.parametrize("typed", ["", "12 34", "x" * 121, "\u202e\u200b", "!"])
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


US = rules.AddressForm(
    "US", r"(?:USA?)?(\d{5})(\d{4})?", "ZIP code", "10001", "State", "-", {"NY": "New York", "DC": "District of Columbia", "HI": "Hawaii"}
)
GB = rules.AddressForm("GB", r"(?:([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})|(BFPO)(\d{1,4}))", "postcode", "SW1A 1AA", "", " ")


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


def test_an_address_holds_nothing_that_nobody_sees():
    told = {
        "line1": "\u202e1 Main\u200b St",
        "line2": "Apt\u00ad 4",
        "city": "New\u2060 York",
        "postal_code": "1000\u200b1",
        "region": "NY",
    }
    kept = {"line1": "1 Main St", "line2": "Apt 4", "city": "New York", "postal_code": "10001", "region": "NY", "country": "US"}
    assert rules.normalize_address(told, US) == (kept, {})


@pytest.mark.parametrize(
    ("typed", "code"),
    [("NY", "NY"), ("ny", "NY"), ("N.Y.", "NY"), ("New York", "NY"), ("new  york", "NY"), ("Hawaii", "HI"), ("ZZ", ""), ("N", "")],
)
def test_a_state_is_one_of_the_list(typed, code):
    told = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": typed}
    kept, faults = rules.normalize_address(told, US)
    assert kept.get("region", "") == code
    assert faults == ({} if code else {"address.region": "Choose your state, such as NY."})


def test_the_zone_is_that_of_the_longest_beginning_of_the_postal_code_else_of_the_state():
    zones = {
        "by_postal_code": {"America/Chicago": "324 325", "America/New_York": "32456"},
        "by_region": {"America/New_York": "FL NY", "Pacific/Honolulu": "HI"},
    }
    for code, region, zone in [
        ("32401", "FL", "America/Chicago"),
        ("32456", "FL", "America/New_York"),
        ("32456-1234", "FL", "America/New_York"),
        ("33101", "FL", "America/New_York"),
        ("96813", "HI", "Pacific/Honolulu"),
        ("", "", "Etc/UTC"),
    ]:
        assert rules.zone_of({"postal_code": code, "region": region}, zones, "Etc/UTC") == zone


def test_wait_before_code():
    def ago(*seconds):
        return [AT - timedelta(seconds=s) for s in seconds]

    assert rules.wait_before_code([], AT, apart_s=30, most=5) == 0
    assert rules.wait_before_code(ago(10), AT, apart_s=30, most=5) == 20
    assert rules.wait_before_code(ago(30), AT, apart_s=30, most=5) == 0
    assert rules.wait_before_code(ago(29.5), AT, apart_s=30, most=5) == 1
    assert rules.wait_before_code(ago(40, 100, 200, 300), AT, apart_s=30, most=5) == 0
    assert rules.wait_before_code(ago(40, 100, 200, 300, 3000), AT, apart_s=30, most=5) == 600
    assert rules.wait_before_code(ago(40, 100, 200, 300, 3601), AT, apart_s=30, most=5) == 0
