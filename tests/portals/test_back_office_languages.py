"""The back office's and the merchant portal's pages in the language in which every text stands in brackets."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext, pgettext

from checkout import services as checkouts
from checkout.models import Order
from collection import services as collection
from controls import services as rules
from controls.services.proposing import FAILED
from core import relay
from core.ids import public_id, uuid7
from core.readable import words
from core.sentences import translated
from markets.models import MarketSetting
from operations.undelivered import ANSWERED_BADLY, FORBIDDEN, GONE, OTHER, UNREACHED, trouble_text
from payments.models import Charge, Refund
from payments.texts import ANSWERED, BANK_PAID, bank_heading, bank_word, note_text
from tests.cast import NOW
from tests.controls.test_ruling import KIND, draft, publish, rule
from tests.controls.test_trying import case
from tests.operators import make_boss, make_operator
from tests.portals.pseudo import crawl, words_of

KNOWN = (
    *(
        "Ada Admin",
        "1 Harbor Street, Portland, OR",
        "Julia Weber",
        "bank-1",
        "Many pieces",
        "mer_1",
        "Shade",
        "scorecard",
        "Sandbox Credit Bureau (not a real company)",
        *("Equifax", "Experian", "Plaid", "Tink", "TransUnion", "bureau", "Apple", "Facebook", "Onfido", "Google"),
    ),
    *(
        "Appendix",
        "CONC App 1",
        "Regulation Z",
        "SFS",
        "Europe/Stockholm",
        "New York",
        "for",
        "sandbox",
        "main",
        "localhost",
        "AA",
        "Federal Trade Commission, Equal Credit Opportunity, Washington, DC 20580",
    ),
    # Registers of payment remarks, with their addresses.
    *("Box", "Sundbyberg", "Kronofogden (skulder hos Kronofogden)", "UC AB (betalningsanmärkningar)", "uc", "kronofogden"),
    # Laws as they are cited.
    *("CFR", "Directive (EU)", "art"),
    # Classes of people bring their words in each language as rows do.
    *(
        "Betaler for sent",
        "Egne medarbejdere",
        "Høj",
        "Lav",
        "Mellem",
        "Ny",
        "Person",
        "Standard",
        "Tilbagevendende",
        "Trofast",
        "Virksomhed",
    ),
    "product",
)
"""Names and data of the rows."""
SAID = Q(key__in=["complaints", "debt_advice"]) | Q(key__startswith="script.") | Q(key__startswith="notice.")

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(buy, merchant):
    """An order of each kind: sold and refunded, held; a fee is due; and a settlement."""
    sold, held = buy(merchant, 22_900), buy(merchant, 120_000)
    who = {"merchant": merchant, "actor": "key:test", "at": NOW}
    checkouts.capture_order(order_id=sold.id, amount_minor=None, **who)
    checkouts.refund_order(order_id=sold.id, amount_minor=4_000, reason="Shade", **who)
    relay.drain()
    _rules()
    return {"sold": sold, "held": held}


def _rules():
    """Rules that held and hold, a draft of each form with an example, a trial, and an observed version that said something else."""
    writer, checker = (make_operator(f"{name}@kvart.example", may=[f"{name}_rules"]) for name in ("propose", "approve"))
    publish(writer, checker, rule(), at=NOW)
    publish(writer, checker, rule("most_pieces > 2 && amount > 50", scope={"market": "US"}), at=NOW)
    then = rule()["then"]
    table = {"form": "table", "columns": [{"fact": "plan", "operator": "is"}], "rows": [{"cells": ["x"], "then": then}]}
    points = {"form": "points", "bands": [{"fact": "pieces", "bounds": [[1, 3]]}], "steps": [{"at_least": 3, "then": then}]}
    example = {"name": "Many pieces", "facts": {"most_pieces": 1}, "expects": ["hold"]}
    made = draft(writer, rule(), rule(id="table") | table, rule(id="points") | points, examples=[example], at=NOW)
    beside = draft(writer, rule("most_pieces > 0"), at=NOW)
    rules.observe_rules(kind=KIND, number=beside.number, user=writer, at=NOW)
    case(1, observed=beside.number, observed_outcome="hold", at=NOW, subject=public_id(Order.PREFIX, uuid7())).save()
    rules.start_trial(kind=KIND, number=made.number, user=writer, at=NOW + timedelta(days=1))
    while rules.run_trials(at=NOW):
        pass


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    return client


def test_every_page_of_the_back_office_is_translated(bracketed, lived, boss):
    # Who helps and who answers, and what is said on calls, are values of settings, in the words of their market.
    known = words_of(KNOWN) | words_of(MarketSetting.objects.filter(SAID).values_list("value", flat=True))
    found = crawl(boss, "/admin/", within="/admin/", known=known, blanks=True)
    assert found == {}


def test_the_door_of_the_back_office_is_translated(bracketed, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    assert crawl(client, "/admin/login/", within="/admin/", known=words_of(KNOWN), blanks=True) == {}


def test_the_notes_of_breaks_are_worded_in_the_language_of_the_page():
    with translation.override("da"):
        assert note_text(BANK_PAID) == "Banken har givet personen pengene."
        assert note_text(ANSWERED) == "Der er kommet svar."
        assert note_text("Sent again as rfd_1") == "Sendt igen som rfd_1"
        assert note_text("Sent again as we agreed") == "Sent again as we agreed"
        assert (words("open"), pgettext("purchases", "Open")) == ("Åben", "Aktive")
        assert gettext("account closed") == "kontoen er lukket"
        assert translated(FAILED) != FAILED


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("NotFound('no such plan')", GONE),
        ("DoesNotExist('Plan matching query')", GONE),
        ("KeyError('x')", OTHER),
        ("", OTHER),
        ("HTTPError 503", ANSWERED_BADLY),
        ("DetailsMissing('a name')", FORBIDDEN),
        ("Unavailable('later')", UNREACHED),
    ],
)
def test_why_an_event_was_not_told_is_a_sentence(error, said):
    assert trouble_text(error) == said
    with translation.override("sv"):
        assert trouble_text(error) not in {said, ""}


def test_a_banks_codes_are_words_and_one_without_words_is_named():
    assert (bank_word("account_frozen"), bank_heading("account_frozen"), bank_heading("")) == ("account frozen", "Account frozen", "")
    assert bank_word("brand_new") == "a reason that only the bank knows (brand_new)"
    with translation.override("de"):
        assert bank_heading("incorrect_account_holder_name") == "Anderer Name als der des Kontoinhabers"


def test_lists_of_refunds_and_payouts_say_in_words_why_they_failed(boss, buy, merchant):
    sold = buy(merchant, 22_900)
    checkouts.capture_order(order_id=sold.id, amount_minor=None, merchant=merchant, actor="key:test", at=NOW)
    collection.charge_plan_now(plan_id=sold.plan_id, at=NOW)
    charge = Charge.objects.filter(status="succeeded").first()
    asked = {"reference": "rfn_x", "amount_minor": 100, "currency": "USD", "status": "pending", "created_at": NOW}
    refund = Refund.objects.create(charge=charge, gateway=charge.gateway, **asked)
    Refund.objects.filter(pk=refund.pk).update(status="failed", failure="charge_for_pending_refund_disputed", settled_at=NOW)
    for page in ("/admin/payments/refund/", f"/admin/payments/refund/{refund.pk}/change/"):
        text = boss.get(page).content.decode()
        assert "ortholderen har gjort indsigelse i mellemtiden" in text, page
        assert "charge_for_pending_refund_disputed" not in text, page
