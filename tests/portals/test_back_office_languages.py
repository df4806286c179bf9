"""The back office's and the merchant portal's pages in the language in which every text stands in brackets."""

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, pgettext

from checkout import services as checkouts
from controls.services.proposing import FAILED
from core import relay
from core.readable import words
from core.sentences import translated
from payments.texts import ANSWERED, BANK_PAID, note_text
from tests.cast import NOW
from tests.operators import make_boss
from tests.portals.pseudo import crawl, words_of

KNOWN = (
    *(
        "Ada Admin",
        "1 Harbor Street, Portland, OR",
        "Julia Weber",
        "bank-1",
        "Shade",
        "scorecard",
        "Sandbox Credit Bureau (not a real company)",
    ),
    *(
        "Appendix",
        "CONC App 1",
        "Regulation Z",
        "Europe/Stockholm",
        "New York",
        "for",
        "sandbox",
        "main",
        "localhost",
        "AA",
        "Federal Trade Commission, Equal Credit Opportunity, Washington, DC 20580",
    ),
)
"""Names and data of the rows."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(buy, merchant):
    """An order of each kind: sold and refunded, held; a fee is due; and a settlement."""
    sold, held = buy(merchant, 22_900), buy(merchant, 120_000)
    who = {"merchant": merchant, "actor": "key:test", "at": NOW}
    checkouts.capture_order(order_id=sold.id, amount_minor=None, **who)
    checkouts.refund_order(order_id=sold.id, amount_minor=4_000, reason="Shade", **who)
    relay.drain()
    return {"sold": sold, "held": held}


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    return client


def test_every_page_of_the_back_office_is_translated(bracketed, lived, boss):
    known = words_of(KNOWN)
    found = crawl(boss, "/admin/", within="/admin/", known=known, blanks=True)
    assert found == {}


def test_the_notes_of_breaks_are_worded_in_the_language_of_the_page():
    with translation.override("da"):
        assert note_text(BANK_PAID) == "Banken har givet personen pengene."
        assert note_text(ANSWERED) == "Der er kommet svar."
        assert note_text("Sent again as rfd_1") == "Sendt igen som rfd_1"
        assert note_text("Sent again as we agreed") == "Sent again as we agreed"
        assert (words("open"), pgettext("purchases", "Open")) == ("Åben", "Aktive")
        assert gettext("account closed") == "kontoen er lukket"
        assert translated(FAILED) != FAILED
