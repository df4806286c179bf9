"""Movements are sorted by written texts of four languages; what could reveal more than money is no category."""

from datetime import date

import pytest

from credit.banking import words
from credit.banking.sorting import STEM, Movement, _has, _words, sort
from credit.banking.words import Category

DAY = date(2026, 5, 4)


def moved(minor, text="", other="", **how):
    return Movement(account=how.pop("account", "a"), on=how.pop("on", DAY), minor=minor, text=text, other=other, **how)


def categories(*movements, names=()):
    return [one.category for one in sort(movements, names=names)]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("ACME PAYROLL 0525", "salary"),
        ("BACS SALARY MAY", "salary"),
        ("Direct Deposit GLOBEX", "salary"),
        ("Lønoverførsel maj", "salary"),
        ("LØN", "salary"),
        ("Lön 25 maj", "salary"),
        ("Gehaltszahlung 05/2026", "salary"),
        ("LOHN/GEHALT", "salary"),
        ("UNIVERSAL CREDIT 8812", "benefits"),
        ("SSA TREAS 310 XXSOC SEC", "benefits"),
        ("Børne- og ungeydelse", "benefits"),
        ("Udbetaling Danmark", "benefits"),
        ("FÖRSÄKRINGSKASSAN", "benefits"),
        ("Deutsche Rentenversicherung", "benefits"),
        ("Kindergeld Familienkasse", "benefits"),
        ("KLARNA loan payout", "lenders"),
        ("Kviklån udbetaling", "lenders"),
        ("Auszahlung Darlehen", "lenders"),
        ("Casino winnings", "gambling"),
        ("Danske Spil gevinst", "gambling"),
        ("Transfer from J Doe", "transfer"),
        ("Umbuchung", "transfer"),
        ("Thanks for dinner", "income"),
        ("", "income"),
    ],
)
def test_money_that_comes_in(text, category):
    assert categories(moved(10_000, text)) == [category]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("RENT FLAT 3", "housing"),
        ("MORTGAGE PAYMENT", "housing"),
        ("Husleje juni", "housing"),
        ("Realkredit Danmark", "housing"),
        ("Hyra juni", "housing"),
        ("Bolån ränta", "housing"),
        ("Miete Mai", "housing"),
        ("WARMMIETE", "housing"),
        ("bet365", "gambling"),
        ("Svenska Spel", "gambling"),
        ("TIPICO SPORTWETTEN", "gambling"),
        ("Klarna*Shop", "lenders"),
        ("CLEARPAY 2201", "lenders"),
        ("ViaBill", "lenders"),
        ("Afdrag forbrugslån", "lenders"),
        ("Avbetalning", "lenders"),
        ("Ratenkredit 44", "lenders"),
        ("Standing order to savings", "transfer"),
        ("Overførsel egen konto", "transfer"),
        ("Överföring sparkonto", "transfer"),
        ("Tagesgeldkonto", "transfer"),
        ("Netto", "living"),
        ("REWE", "living"),
        ("Salary to the cleaner", "living"),
    ],
)
def test_money_that_goes_out(text, category):
    assert categories(moved(-10_000, text)) == [category]


@pytest.mark.parametrize(
    "text",
    [
        "City Hospital", "Apotek", "Psychotherapie Praxis", "St Mary Church", "Kirchensteuer", "Islamic Centre", "Labour Party",
        "SPD Beitrag", "Unison union dues", "3F fagforening", "IG Metall Beitrag", "A-kasse", "Pride association",
    ],
)  # fmt: skip
def test_what_could_reveal_health_faith_politics_or_union_is_living_costs(text):
    assert categories(moved(-2_000, text)) == [Category.LIVING]
    assert categories(moved(2_000, text, other=text)) == [Category.INCOME]


def test_a_provider_s_category_and_a_merchant_code_count():
    assert categories(
        moved(300_000, "ACH 88", told=Category.SALARY),
        moved(-90_000, "CHECK 101", told=Category.HOUSING),
        moved(-5_000, "Fun World", merchant_code="7995"),
        moved(-5_000, "Fun World", told=Category.GAMBLING),
        moved(-5_000, "Xy", told=Category.TRANSFER),
        moved(6_000, "Yz", told=Category.HOUSING),
    ) == ["salary", "housing", "gambling", "gambling", "transfer", "income"]


def test_both_sides_of_a_transfer_between_own_accounts_are_no_income_and_no_cost():
    there = moved(-50_000, "To b", account="a", on=date(2026, 5, 1))
    here = moved(50_000, "Salary", account="b", on=date(2026, 5, 4))
    assert categories(there, here) == ["transfer", "transfer"]
    late = moved(50_000, "Salary", account="b", on=date(2026, 5, 5))
    assert categories(there, late) == ["living", "salary"]
    assert categories(there, moved(50_000, "Salary", account="a")) == ["living", "salary"]


def test_an_expired_side_does_not_hide_a_later_one():
    old = moved(-700, "x", account="a", on=date(2026, 4, 1))
    new = moved(-700, "x", account="b", on=date(2026, 5, 3))
    assert categories(old, new, moved(700, "y", account="c")) == ["living", "transfer", "transfer"]


def test_money_from_oneself_is_a_transfer():
    assert categories(moved(90_000, "salary", other="BERG, Ann Marie"), names=["Ann Berg"]) == ["transfer"]
    assert categories(moved(90_000, "salary", other="Anna Berg"), names=["Ann Berg", ""]) == ["salary"]


def test_a_salary_that_goes_back_to_its_payer_is_none():
    assert categories(moved(90_000, "salary", "Bo Holm"), moved(-45_000, "thanks", "Bo Holm")) == ["transfer", "living"]
    assert categories(moved(90_000, "salary", "Bo Holm"), moved(-44_999, "thanks", "Bo Holm")) == ["salary", "living"]


def test_a_payer_is_a_company_by_its_legal_form():
    sorted_ = sort([moved(1, "pay 5", "Globex A/S"), moved(1, "pay", "Holm GmbH & Co. KG"), moved(1, "pay", "Bo Holm")])
    assert [one.by_company for one in sorted_] == [True, True, False]
    assert [one.key for one in sorted_] == ["globex a s", "holm gmbh co kg", "bo holm"]


@pytest.mark.parametrize("text", ["sa\u200blary", "ＳＡＬＡＲＹ", "\u202esalary\u202c", "lo\u0308n", "LÖN"])
def test_how_a_word_is_written_does_not_hide_it(text):
    assert categories(moved(10_000, text)) == ["salary"]


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000 + " salary", "\x00\ud800", "ﷺ" * 5_000, "'; DROP TABLE", "🎰" * 300, "(" * 999, "%s{0}"],
    ids=lambda text: ascii(text[:4]),
)
def test_hostile_texts_are_only_texts(text):
    assert categories(moved(10_000, text, other=text)) == ["income"]


@pytest.mark.parametrize("name", ["SALARY", "BENEFITS", "HOUSING", "GAMBLING", "LENDERS", "TRANSFERS", "COMPANIES"])
def test_each_entry_of_a_list_is_found(name):
    listed = getattr(words, name)
    for entry in filter(None, map(str.strip, listed.split(","))):
        said = entry.strip("*")
        assert _has(_words(f"ref 77 {said}"), listed), entry
        assert not entry.endswith("*") or (len(said) >= STEM and " " not in said), entry
