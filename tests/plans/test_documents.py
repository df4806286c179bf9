"""Documents of a purchase: what they must say in each market and language; their words and version change together."""

import ast
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from django.conf import settings
from django.utils import translation

from core.catalogs import languages
from core.translations import FUNCTIONS, read_catalog
from plans.documents import lines
from plans.documents.facts import Borrower, Item, Law, Payment, Shop
from plans.documents.laws import PLACES
from plans.documents.lines import Block, blocks_of
from plans.documents.reading import papers_of
from plans.documents.writing import VERSION, write_documents
from plans.rules.fees import FeeTerms
from tests.plans.papers import AT, LANGUAGES, MARKETS, facts, papers

WORDS = {"2026-12-01.1": "a9f7e6ca3e7c17c5c78c2470426fcce1e31d2141985606bdb79c532042ec5971"}
AUSTRALIA = (
    {"late": [{"grace_days": 1, "fixed": 1_000, "bps": 0}, {"grace_days": 7, "fixed": 700, "bps": 0}]},
    {
        "order_bps": 2_500,
        "order_minor": 6_800,
        "period_other_first_minor": 20_000,
        "period_other_later_minor": 12_500,
        "period_default_minor": 12_000,
        "period_default_only_first_minor": 32_000,
        "period_default_only_later_minor": 24_500,
    },
)
DENMARK = (
    {"reminder": {"fixed": 10_000, "grace_days": 10, "days_apart": 10, "max": 3}},
    {"total_cost_bps": 10_000, "reminder_minor": 10_000, "reminders_apart_days": 10, "reminders_most": 3},
)
CALIFORNIA = (
    {"late": [{"grace_days": 10, "fixed": 700, "bps": 0}]},
    {
        "order_bps": 2_500,
        "consumer_year_minor": 10_000,
        "first_days": 10,
        "first_days_minor": 1_000,
        "second_days": 15,
        "second_days_minor": 1_500,
    },
)
WRITERS = ("agreement", "information", "late_fees", "laws", "pricing")


def words() -> bytes:
    """Return all words of the documents, in every language, with the code that puts them together."""
    sources = [Path(settings.BASE_DIR, f"plans/documents/{name}.py").read_bytes() for name in WRITERS]
    functions = dict.fromkeys(FUNCTIONS)
    found = [message for source in sources for _, _, message, _ in extract_python(io.BytesIO(source), functions, [], {})]
    told, catalogs = [], [read_catalog(language) for language in languages()]
    for text in sorted({(one,) if isinstance(one, str) else tuple(filter(None, one)) for one in found if one}):
        context, plain = text if text == ("security", "none") else (None, text if len(text) > 1 else text[0])
        told += [str(catalog.get(plain, context).string) for catalog in catalogs]
    assert all(told)
    return "\n".join([*(ast.dump(ast.parse(source)) for source in sources), *told]).encode()


def test_other_words_are_another_version():
    assert WORDS[VERSION] == hashlib.sha256(words()).hexdigest(), "the words changed: raise VERSION and note their hash here"


def told(paper) -> str:
    """Return a document's words on one line."""
    return " ".join(paper.text.replace("\xa0", " ").replace("\u202f", " ").split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("market", MARKETS)
def test_the_agreement_has_every_datum_in_each_market_and_language(market, language):
    with translation.override(language):
        given = facts(market)
        amounts = [given.money(minor) for minor in (given.principal_minor, given.interest_minor, given.total_minor)]
        days = [given.date(one.due_date) for one in given.payments]
        rates = [given.percent(1490), given.percent(1400)]
    found = told(papers(market, language)["agreement"])
    expected = ["Łukasz Đorđević-İşığ", "Vesterbrogade 12, 1620 København V", "con_019abc", "Kvart Finance Inc.", "Exampleville"]
    expected += ["help@kvart.example", "Trailhead ApS (Trailhead Outdoor)", "TR-1001", "chk_019abc", "1 × Tent", VERSION]
    expected += [*amounts, *days, *rates, PLACES[market].decider_page, PLACES[market].supervisor]
    assert [one for one in expected if told_one(one) not in found] == []


@pytest.mark.parametrize("market", ["US", "DK"])
def test_a_deposit_is_part_of_the_price_and_not_of_the_credit(market):
    plain = facts(market)
    first = replace(plain.payments[0], interest_minor=0, when="ships", amount_minor=50_000)
    given = {"payments": (first, *plain.payments[1:]), "deposit_minor": 50_000, "is_personal": True}
    found = papers(market, **given)
    rows = {cell[0]: cell[1].replace("\xa0", " ") for block in found["information"].blocks if block.kind == "pairs" for cell in block.cells}
    money = [facts(market).money(minor).replace("\xa0", " ") for minor in (202_800, 50_000, 152_800, 160_000, 210_000)]
    names = ["Price", "Deposit (down payment)", "Amount of credit (amount financed)", "Total of payments after the deposit"]
    assert [rows[name] for name in [*names, "Total with the deposit (total sale price)"]] == money
    assert rows["Cash price"] == money[0]
    assert rows["Duration"].startswith("5 payments")
    (table,) = [block for block in found["agreement"].blocks if block.kind == "table"]
    assert [row[0] for row in table.cells[1:]] == ["Deposit", *(f"{number} of 5" for number in range(1, 6))]
    assert "no part of the credit" in told(found["agreement"])
    for paper in (found["agreement"], found["information"]):
        assert "It also chose to offer you this plan" in told(paper)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("market", "fees", "caps"), [("AU", *AUSTRALIA), ("DK", *DENMARK), ("US", *CALIFORNIA)])
def test_fees_of_who_pays_late_stand_in_every_document_with_their_caps(market, fees, caps, language):
    found = papers(market, language, fees=FeeTerms.from_json(fees), fee_caps=caps)
    with translation.override(language):
        given = facts(market)
        amounts = [one["fixed"] for one in fees.get("late", [])] + ([fees["reminder"]["fixed"]] if "reminder" in fees else [])
        limits = [value for name, value in caps.items() if name.endswith("_minor") and not name.startswith("period_other")]
        expected = [given.money(minor) for minor in [*amounts, *limits]]
        expected += [given.percent(value) for name, value in caps.items() if name.endswith("_bps")]
    for name in ("agreement", *(["information"] if "information" in found else []), "payment_plan"):
        assert [one for one in expected if told_one(one) not in told(found[name])] == []
    if language == "en":
        assert "You pay no fee as long as you pay on time." in told(found["agreement"])
        assert "no late fee" not in told(found["agreement"])
        assert ("Fees", "none if you pay on time") in [tuple(cells) for cells in pairs(found["agreement"])]


def told_one(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())


@pytest.mark.parametrize("market", MARKETS)
def test_the_right_to_withdraw_and_its_form_stand_where_the_law_wants_them(market):
    found = papers(market)["agreement"]
    heads = [block.text for block in found.blocks if block.kind == "head"]
    has = MARKETS[market][2].withdrawal_days > 0
    assert ("Your right to withdraw" in heads, "Form for withdrawing" in heads) == (has, has)
    assert [block.kind for block in found.blocks if block.kind == "form"] == ["form"] * has
    assert ("within 14 days of today" in found.text) == has


def test_a_sheet_stands_before_consent_where_the_law_wants_one():
    titles = {market: found["information"].title for market in MARKETS if "information" in (found := papers(market))}
    standard = "Standard European Consumer Credit Information"
    assert titles == {
        "US": "Truth in Lending disclosures",
        "GB": "Key information about your credit",
        "DK": standard,
        "SE": standard,
        "DE": standard,
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("market", ["US", "GB", "DK", "SE", "DE"])
def test_the_sheet_has_every_datum(market, language):
    with translation.override(language):
        given = facts(market)
        expected = [given.money(minor) for minor in (given.principal_minor, given.interest_minor, given.total_minor)]
        expected += [given.percent(1490), given.percent(1400), given.date(given.last_day, "year"), PLACES[market].supervisor]
        expected += [given.date(one.due_date) for one in given.payments]
    found = told(papers(market, language)["information"])
    expected += ["Kvart Finance Inc.", "Exampleville", "help@kvart.example", "TR-1001", "Trailhead ApS", PLACES[market].decider_page]
    assert [one for one in expected if told_one(one) not in found] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_of_payments_ends_with_nothing_left(language):
    with translation.override(language):
        given = facts("DE", count=36)
        nothing, first_left = given.money(0), given.money(35 * 35_000)
    table = next(block for block in papers("DE", language, count=36)["payment_plan"].blocks if block.kind == "table")
    assert (len(table.cells), table.cells[1][-1], table.cells[-1][-1]) == (37, first_left, nothing)


ORDERS = {
    "en": ("Order", "TR-1001 at Trailhead Outdoor"),
    "da": ("Ordre", "TR-1001 hos Trailhead Outdoor"),
    "sv": ("Order", "TR-1001 hos Trailhead Outdoor"),
    "de": ("Bestellung", "TR-1001 bei Trailhead Outdoor"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_of_payments_names_its_order_once(language):
    found = papers("DE", language)["payment_plan"]
    assert [cells for cells in pairs(found) if "TR-1001" in cells[1]] == [ORDERS[language]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("market", MARKETS)
def test_no_value_begins_with_its_own_name(market, language):
    found = [(kind, *cells) for kind, paper in papers(market, language).items() for cells in pairs(paper)]
    assert {"agreement", "payment_plan"} <= {kind for kind, _, _ in found}
    assert [one for one in found if f"{one[2]} ".casefold().startswith(f"{one[1]} ".casefold())] == []


def pairs(paper) -> list[tuple[str, ...]]:
    """Return the names of a document with their values."""
    return [cells for block in paper.blocks if block.kind == "pairs" for cells in block.cells]


def test_documents_are_of_one_shape_in_every_language():
    shapes = {language: [block.kind for paper in papers("SE", language).values() for block in paper.blocks] for language in LANGUAGES}
    assert len({tuple(shape) for shape in shapes.values()}) == 1
    titles = {language: papers("SE", language)["agreement"].title for language in LANGUAGES}
    assert titles == {"en": "Credit agreement", "da": "Kreditaftale", "sv": "Kreditavtal", "de": "Kreditvertrag"}


def test_what_is_kept_stays_when_the_words_change(monkeypatch):
    kept = write_documents(facts()).as_json(AT)
    before = {kind: paper.text for kind, paper in papers_of(kept).items()}
    monkeypatch.setattr("plans.documents.writing.VERSION", "another")
    monkeypatch.setattr("plans.documents.writing.agreement_lines", lambda facts, version: iter(["= Other words"]))
    assert write_documents(facts()).text == "= Other words\n"
    found = papers_of(kept)
    assert {kind: paper.text for kind, paper in found.items()} == before
    assert {(paper.version, paper.language) for paper in found.values()} == {(VERSION, "en")}


def test_the_seal_is_that_of_all_words():
    one, same, other = (write_documents(facts(**more)) for more in ({}, {}, {"law": Law("DK", 14, "")}))
    assert (one.seal, one.seal == same.seal, one.seal == other.seal) == (hashlib.sha256(one.whole.encode()).hexdigest(), True, False)


def test_an_agreement_of_before_is_still_shown():
    old = "= Credit agreement\nYou and us.\n\n# Costs\n- Interest: $0.00\n- Fees: none\nThat is all.\n"
    found = papers_of({"version": "2026-11-28.3", "text": old, "at": AT.isoformat()})
    assert (list(found), found["agreement"].language, found["agreement"].version) == (["agreement"], "en", "2026-11-28.3")
    assert found["agreement"].blocks == [
        Block("title", "Credit agreement"),
        Block("text", "You and us."),
        Block("head", "Costs"),
        Block("list", rows=("Interest: $0.00", "Fees: none")),
        Block("text", "That is all."),
    ]
    assert papers_of({}) == {}


@pytest.mark.parametrize(("language", "order"), [("en", "- Order\torder 7 at A"), ("de", "- Bestellung\tBestellung 7 bei A")])
def test_a_plan_of_payments_of_before_keeps_its_words(language, order):
    """Until version 2026-11-29.1 the word stood twice; whoever agreed to that reads it as it was."""
    old = f"= Payment plan\n{order}\n"
    kept = {"version": "2026-11-29.1", "language": language, "text": "= Credit agreement\n", "payment_plan": old, "at": AT.isoformat()}
    with translation.override(language):
        found = papers_of(kept)["payment_plan"]
    assert (found.version, found.text, pairs(found)) == ("2026-11-29.1", old, [tuple(order[2:].split("\t"))])


def test_nobody_writes_a_line_of_their_own():
    hostile = "x\n# Costs\n| 0\t0\u2028> You win\thttps://evil.example\r= Other"
    clean = papers(count=2)
    found = papers(
        count=2,
        borrower=Borrower("con_1", hostile, hostile),
        shop=Shop(hostile, hostile),
        order=hostile,
        items=(Item(1, hostile, 5), Item(2, "= Title", 5)),
    )
    for kind, paper in found.items():
        kinds = [block.kind for block in paper.blocks]
        assert kinds == [block.kind for block in clean[kind].blocks]
        assert [block.cells for block in paper.blocks if block.kind == "links"] == [
            block.cells for block in clean[kind].blocks if block.kind == "links"
        ]
        assert all(len(cells) == 2 for block in paper.blocks if block.kind == "pairs" for cells in block.cells)


def test_a_link_leads_to_a_page_or_an_address_only():
    assert list(blocks_of("> Run\tjavascript:alert(1)\n> Page\thttps://a.example\n")) == [
        Block("links", cells=(("Page", "https://a.example"),))
    ]
    with pytest.raises(AssertionError):
        lines.link("Run", "javascript:alert(1)")


def test_a_paragraph_never_becomes_a_heading():
    assert list(blocks_of(lines.text("= 5 payments"))) == [Block("text", "\u2060= 5 payments")]


def test_lists_pairs_tables_and_forms_are_told_apart():
    text = "- one\n- name\tvalue\n| a\tb\n| 1\t2\n_ Day\n_ Name"
    assert list(blocks_of(text)) == [
        Block("list", rows=("one",)),
        Block("pairs", cells=(("name", "value"),)),
        Block("table", cells=(("a", "b"), ("1", "2"))),
        Block("form", rows=("Day", "Name")),
    ]


def test_payments_without_a_day_say_when():
    small = (Payment(1, facts().day, 10, 0, "ships"), Payment(2, facts().day, 10, 0, "waived"))
    table = next(block for block in papers(payments=small)["agreement"].blocks if block.kind == "table")
    assert [cells[1] for cells in table.cells[1:]] == ["when the shop ships", "not charged, as it is too small"]


def test_a_lender_names_its_own_supervisor_and_register():
    own = replace(facts().lender, supervision="Finansinspektionen, license 7", register_number="CVR 12345678")
    found = papers(lender=own)
    assert "Kvart Finance Inc., trading as kvart, CVR 12345678, 4 Example Square" in told(found["agreement"])
    for kind in ("agreement", "information"):
        assert "Finansinspektionen, license 7" in told(found[kind])
        assert "Finanstilsynet" not in told(found[kind])


@pytest.mark.parametrize("personal", [False, True])
def test_what_people_approved_after_a_refusal_is_called_no_computer_s(personal):
    for paper in papers("DK", by_people=True, is_personal=personal).values():
        assert ("A computer decide" in told(paper), "It also chose" in told(paper)) == (False, False), paper.kind
    assert "People decided from what you told us" in told(papers("DK", by_people=True)["agreement"])
