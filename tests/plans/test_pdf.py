"""Documents as PDF: whole, tagged, with their fonts inside, the same bytes each time, and safe from what people write."""

import io
import re

import pypdf
import pytest

from plans.documents.facts import Borrower, Item, Lender, Shop
from plans.documents.glyphs import DRAWN, drawn
from plans.documents.pdf import file_name, render
from plans.documents.reading import Paper
from tests.plans.papers import AT, LANGUAGES, MARKETS, papers

REFERENCE = "ord_019abc"


def made(paper: Paper, market: str = "DK") -> pypdf.PdfReader:
    """Return a document's PDF, opened."""
    return pypdf.PdfReader(io.BytesIO(render(paper, reference=REFERENCE, market=market)))


def words(text: str) -> str:
    """Return letters, digits and signs without blanks and hyphens, which a PDF may break anywhere."""
    return re.sub(r"[\s\u00ad\u200b\u2060\u202f\xa0•‐-]", "", drawn(text))


def shown(reader: pypdf.PdfReader) -> str:
    return words("".join(page.extract_text() for page in reader.pages))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("market", MARKETS)
def test_every_word_of_a_document_is_in_its_pdf(market, language):
    for paper in papers(market, language).values():
        found = shown(made(paper, market))
        told = [cell for block in paper.blocks for cell in (block.text, *block.rows)]
        told += [cell for block in paper.blocks for cells in block.cells for cell in (cells[:1] if block.kind == "links" else cells)]
        assert [cell for cell in told if words(cell) not in found] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_says_what_it_is(language):
    paper = papers("SE", language)["agreement"]
    reader = made(paper)
    root = reader.trailer["/Root"]
    assert (reader.metadata.title, reader.metadata.author) == (paper.title, "Kvart Finance Inc.")
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], "/StructTreeRoot" in root) == (language, True, True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert [entry["/Title"] for entry in reader.outline[1]][:2] == [block.text for block in paper.blocks if block.kind == "head"][:2]
    links = [note["/A"]["/URI"] for page in reader.pages for note in (one.get_object() for one in page.get("/Annots", []))]
    assert links == ["mailto:help@kvart.example", "https://www.arn.se", "https://www.fi.se"]


def test_fonts_are_inside():
    reader = made(papers()["agreement"])
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font["/DescendantFonts"][0].get_object()
            fonts[str(inner["/BaseFont"])] = bool({"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object()))
    assert {name.split("+")[-1] for name in fonts} == {"Inter-Regular", "Inter-SemiBold"}
    assert all(fonts.values())


def test_one_document_gives_the_same_bytes_each_time():
    first, again = (render(papers(language="de")["agreement"], reference=REFERENCE, market="DE") for _ in range(2))
    assert first == again
    assert AT.strftime("D:%Y%m%d%H%M%S").encode() in first


def test_payments_break_over_pages_with_their_head_repeated():
    reader = made(papers(count=36)["payment_plan"])
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) > 1
    assert all("Left to pay" in text for text in texts)
    assert [f"{number} / {len(texts)}" in text for number, text in enumerate(texts, 1)] == [True] * len(texts)
    assert all(REFERENCE in text for text in texts)


def test_every_character_of_the_font_is_drawn():
    """PDF/UA refuses a document with a missing glyph."""
    signs = "".join(sorted(DRAWN))
    text = "= Signs\n" + "\n".join(" ".join(signs[at : at + 60]) for at in range(0, len(signs), 60))
    assert made(Paper("agreement", "1", "en", text, {}, AT.isoformat())).pages


@pytest.mark.parametrize(
    ("written", "expected"),
    [("Zoë Łukaszewicz", "Zoë Łukaszewicz"), ("Ṩ\u200fa\u0007", "Ṩa"), ("王 Lamp 🔥", "□ Lamp □"), ("Ａnna", "Anna"), ("e\u0301", "é")],
)
def test_a_character_that_no_font_has_is_a_box(written, expected):
    assert drawn(written) == expected


def test_hostile_and_endless_names_stay_text_inside_the_page():
    evil = '#panic() *b* _i_ $x$ <script> @ref `code` \\ // /* [x] {y} "q" {{ z }} = Head #link("https://evil.example")[win]'
    long = "Wolfeschlegelsteinhausenbergerdorff" * 4
    found = papers(
        borrower=Borrower("con_1", evil, long),
        shop=Shop(long, evil),
        order=long,
        items=(Item(1, evil, 5), Item(1, long, 5), Item(1, "🔥 王小明", 5)),
        lender=Lender("kvart", evil, long, "help@kvart.example", 'red"); panic('),
    )
    for paper in found.values():
        reader = made(paper)
        assert words(long) in shown(reader)
        assert words(evil) in shown(reader)
        for page in reader.pages:
            edges: list[float] = []
            page.extract_text(visitor_text=lambda text, _cm, tm, _font, size, edges=edges: edges.append(tm[4]) if text.strip() else None)
            assert max(edges) < float(page.mediabox.right) - 55
        links = [note.get_object()["/A"]["/URI"] for page in reader.pages for note in page.get("/Annots", [])]
        assert "https://evil.example" not in links


def test_an_agreement_of_before_is_a_pdf_too():
    old = Paper("agreement", "2026-11-28.3", "en", "Some words without a title.\n- one\n", {}, AT.isoformat())
    assert "Somewordswithoutatitle" in shown(made(old))


@pytest.mark.parametrize(("market", "width"), [("US", 612), ("DE", 595)])
def test_paper_is_that_of_the_place(market, width):
    assert int(made(papers(market)["agreement"], market).pages[0].mediabox.width) == width


def test_a_file_name_is_plain():
    paper = papers()["payment_plan"]
    assert file_name(paper, "ord_1") == "payment-plan-ord_1.pdf"
    assert file_name(paper, 'a"\r\n../b') == "payment-plan-ab.pdf"
