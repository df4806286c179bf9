"""The notice of a refusal as a PDF: what the pages and the letter say, in each language and as each brand, and nobody else's."""

import hashlib
import io
from collections.abc import Sequence
from html import unescape

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Consumer
from accounts.services import get_or_create_consumer
from checkout import services as checkouts
from credit.events import ApplicationDeclined
from credit.models import Decision
from credit.reasons import sentences
from credit.rules import CURRENT, History, Inputs
from markets.models import Market
from notifications import handlers
from notifications.letters import compose_brief, compose_letter
from notifications.models import Message, Notice
from notifications.queries import load_named, paper_of
from notifications.refusals import refusal_notice, rights_of
from notifications.telling import order_context
from tests.brands.cast import HOST, make_bank
from tests.credit.test_rules import WEAK, inputs
from tests.plans.papers import LANGUAGES
from tests.plans.test_pdf import words
from tests.portals.reading import text_of
from tests.portals.test_checkout_pages import at_plan, path, text
from tests.portals.test_refused import AMERICAN, BUREAU

pytestmark = pytest.mark.django_db
LABELS = dict(zip(LANGUAGES, ("Download this notice", "Hent denne besked", "Ladda ner det här beskedet", "Diese Mitteilung"), strict=True))

PROMISES = ("told the reasons", "every reason", "says why", "ask why", "how we decided", "tell you more", "to explain", "everything anew")
"""Words that promise reasons, which may not be given to somebody whom a list may name."""
REASONS = ["short_history", "income_insufficient"]


@pytest.fixture
def decide(moment):
    """Give a function that records a decision about a consumer, who was asked for nothing."""

    def make(consumer: Consumer, outcome: str = "decline", reasons: Sequence[str] = REASONS, inputs: Inputs | None = None) -> Decision:
        versions, kept = {"scorecard": CURRENT}, inputs.as_json() if inputs else {}
        told = {"limit_minor": 0, "order_limit_minor": 0, "score": 0, "inputs": kept, "versions": versions, "reasons": reasons}
        return Decision.objects.create(
            consumer=consumer, reference="none", currency="DKK", amount_minor=90_000, outcome=outcome, at=moment, **told
        )

    return make


@pytest.fixture
def person(moment):
    """Give a function that makes a consumer of a brand."""

    def make(brand: str = "main") -> Consumer:
        market = Market.objects.get(code="DK")
        found = get_or_create_consumer(channel="email", destination="bo@x.example", market=market, at=moment, brand=brand)
        found.name = "Bo Åkjær"
        found.save(update_fields=["name"])
        return found

    return make


def notice_of(decision: Decision) -> str:
    return reverse("refusal_pdf", args=[decision.public_id])


def opened(answer) -> pypdf.PdfReader:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return pypdf.PdfReader(io.BytesIO(answer.content))


def read(answer) -> str:
    return words("".join(page.extract_text() for page in opened(answer).pages))


@pytest.mark.django_db(transaction=True)
def test_a_refusal_can_be_kept_as_the_pages_say_it(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+decline"))
    decision = Decision.objects.get()
    notice, consumer = notice_of(decision), decision.consumer
    answer = client.get(notice)
    told = read(answer)
    for sentence in (
        *("Refusal of your application", "You asked to pay in installments. Kvart Finance Inc. cannot offer you a plan"),
        *(consumer.name, consumer.public_id, "Nordlys Lamps", "$229.00", decision.public_id, "The main reason"),
        *(*sentences(decision.reasons), *BUREAU, *AMERICAN),
        "A computer decided this. You may have a person look at it, say what you think of it, and be told the reasons.",
        "choose “Ask a person to look again” on your page, or write to help@kvart.example.",
    ):
        assert words(sentence) in told, sentence
    assert answer["Content-Disposition"] == f'attachment; filename="refusal-{decision.public_id}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert client.get(notice).content == answer.content
    for page in (path(checkout), "/limit"):
        assert f'href="{notice}"' in text_of(client.get(page)), page


def refuse(decision: Decision) -> Message:
    """Tell the person of a refusal, as the worker does; return the e-mail."""
    told = {"currency": decision.currency, "amount_minor": decision.amount_minor, "reference": decision.reference}
    event = ApplicationDeclined(consumer=decision.consumer.public_id, decision=decision.public_id, **told)
    handlers.on_application_declined(event, at=decision.at)
    return Message.objects.select_related("consumer").get(dedupe=f"application_refused:{decision.public_id}:email")


def speak(consumer: Consumer, language: str) -> None:
    consumer.language = language
    Consumer.objects.filter(pk=consumer.pk).update(language=language)


def test_it_is_kept_in_the_reader_s_language_and_page_letter_and_pdf_say_the_same(client, decide, person, sign_in):
    consumer = person()
    sign_in(client, consumer)
    for language, label in LABELS.items():
        speak(consumer, language)
        decision = decide(consumer)
        message = refuse(decision)
        kept = Notice.objects.get(subject=decision.public_id)
        page = reverse("notice", args=[kept.public_id])
        # Whatever language the reader chooses later, it stays as it was sent.
        answer = client.get(notice_of(decision), headers={"Accept-Language": "en"})
        with translation.override(language):
            title, *others = map(translation.gettext, ("Refusal of your application", "Applicant", "The main reasons"))
            others += sentences(REASONS)
        assert [one for one in (title, *others, "Bo Åkjær") if words(one) not in read(answer)] == []
        assert (opened(answer).metadata.title, opened(answer).trailer["/Root"]["/Lang"]) == (title, language)
        letter = compose_letter(message, load_named([message]))
        assert f" (PDF): http://localhost:8000{page}.pdf" in letter.text
        assert f'href="http://localhost:8000{page}.pdf"' in letter.html
        assert label in letter.text
        assert label in unescape(letter.html)
        shown = text_of(client.get(page, headers={"Accept-Language": "en"}))
        paragraphs = [block.text for block in paper_of(kept).blocks if block.kind == "text"]
        for where in (read(answer), words(letter.text), words(unescape(letter.html)), words(shown)):
            assert [one for one in paragraphs if words(one) not in where] == [], language
        assert kept.seal == hashlib.sha256(kept.paper["text"].encode()).hexdigest()
        assert (kept.seal in letter.text, kept.seal in shown, words(kept.seal[:16]) in read(answer)) == (True, True, True)
    listed = text_of(client.get(reverse("notices"), headers={"Accept-Language": "en"}))
    assert [
        title for title in ("Refusal of your application", "Afslag på din ansøgning", "Avslag på din ansökan") if title not in listed
    ] == []


def test_it_calls_no_computer_s_what_people_decided(client, decide, person, sign_in):
    consumer = person()
    decision = decide(consumer, reasons=["review_declined"])
    sign_in(client, consumer)
    told = read(client.get(notice_of(decision), headers={"Accept-Language": "en"}))
    assert words("To ask why, or to have another person look at it") in told
    message = refuse(decision)
    letter = compose_letter(message, load_named([message])).text
    assert "People decided this." in letter
    assert Notice.objects.get().by_people
    for part in (told, words(letter), words(text_of(client.get("/limit", headers={"Accept-Language": "en"})))):
        assert words("A computer decided") not in part


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (inputs(history=History(overdue_now=1)), "if this were so: The payment that is overdue is paid."),
        (inputs(WEAK), "if this were so: Your credit file shows no late payment of the last two years. You use less than 30 %"),
        (inputs(amount_minor=10**6), "a purchase of up to 1.500,00 kr."),
    ],
)
def test_the_page_says_what_would_have_helped(client, decide, person, sign_in, refused, told):
    consumer = person()
    decide(consumer, inputs=refused)
    sign_in(client, consumer)
    assert told in text(client.get("/limit", headers={"Accept-Language": "en"}))


def test_each_brand_speaks_as_itself(decide, person, sign_in, settings):
    settings.BASE_URL = "http://localhost:8000"
    bank = make_bank()
    consumer = person("bank")
    notice = notice_of(decide(consumer))
    answer = sign_in(Client(), consumer).get(notice, headers={"host": HOST})
    assert words(bank.legal_name) in read(answer)
    assert "Kvart" not in read(answer)
    assert opened(answer).metadata.author == bank.legal_name
    # The same person's account with the other brand.
    assert sign_in(Client(), person()).get(notice).status_code == 404


def test_it_is_nobody_else_s_and_only_of_a_refusal(client, decide, person, bought, sign_in):
    mine, stranger = person(), bought().consumer
    notice = notice_of(decide(mine))
    assert sign_in(Client(), stranger).get(notice).status_code == 404
    assert Client().get(notice)["Location"].startswith(reverse("sign_in"))
    sign_in(client, mine)
    by_own_limit = decide(mine, reasons=["own_limit"])
    for wrong in ("dec_x", by_own_limit.public_id, decide(mine, "approve").public_id, Decision.objects.get(consumer=stranger).public_id):
        assert client.get(reverse("refusal_pdf", args=[wrong])).status_code == 404
    assert client.get(notice).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_people_rejected_can_be_kept_too(client, sign_in, buy, bought, merchant, moment, operators):
    order, other, stranger = buy(merchant, 120_000, moment), buy(merchant, 5_000, moment), bought().consumer
    notice = reverse("purchase_refusal", args=[order.public_id])
    sign_in(client, order.consumer)
    assert client.get(notice).status_code == 404
    review = order.review
    checkouts.prepare_review(review_id=review.id, user=operators[0], recommendation="reject", note="Nobody answers.", at=moment)
    checkouts.reject_review(review_id=review.id, user=operators[1], seen=1, reason="Nobody answers.", at=moment)
    told = read(client.get(notice))
    for sentence in (
        *("We have looked at your order and cannot let you pay for it in installments.", "Nordlys Lamps", "$1,200.00"),
        *(*sentences(["above_order_limit"]), BUREAU[0], AMERICAN[-1], order.public_id),
        "To ask why, or to have another person look at it, choose “Ask a person to look again” on its page",
    ):
        assert words(sentence) in told, sentence
    assert (words("A computer decided") in told, words("Nobody answers") in told) == (False, False)
    assert f'href="{notice}"' in text_of(client.get(reverse("purchase", args=[order.public_id])))
    assert client.get(reverse("purchase_refusal", args=[other.public_id])).status_code == 404
    assert sign_in(Client(), stranger).get(notice).status_code == 404
    message = Message(kind="order_rejected", consumer=order.consumer, context=order_context(order), at=moment)
    assert f" (PDF): http://localhost:8000{notice}" in compose_letter(message, load_named([message])).text


def promises(text: str) -> list[str]:
    return [one for one in PROMISES if words(one) in words(text)]


@pytest.mark.django_db(transaction=True)
def test_who_may_be_on_a_list_is_promised_no_reasons(client, sign_in, decide, bought, moment):
    consumer = bought().consumer
    sign_in(client, consumer)
    for reasons, is_promised in ((["account_restricted"], False), (REASONS, True)):
        decision = decide(consumer, reasons=reasons)
        mail = refuse(decision)
        texts = [compose_letter(mail, load_named([mail])).text, text_of(client.get("/limit")), read(client.get(notice_of(decision)))]
        texts.append(compose_brief(mail, load_named([mail])).text)
        assert [bool(promises(one)) for one in texts] == [is_promised] * 4, texts
        assert "Ask a person to look again" in texts[0]


def test_an_order_that_ended_with_a_check_is_promised_no_reasons(buy, merchant, moment, monkeypatch, operators):
    order = buy(merchant, 120_000, moment)
    told = {"review_id": order.review.id, "at": moment}
    checkouts.prepare_review(user=operators[0], recommendation="reject", note="Nobody answers.", **told)
    checkouts.reject_review(user=operators[1], seen=1, reason="Nobody answers.", **told)
    for codes, is_promised in ((["account_restricted"], False), (["above_order_limit"], True)):
        for place in ("checkout.refusing", "notifications.services.keeping", "notifications.facts"):
            monkeypatch.setattr(f"{place}.rejected_for", lambda _review, codes=codes: codes)
        message = Message(kind="order_rejected", consumer=order.consumer, context=order_context(order), at=moment)
        notice = refusal_notice(order.consumer, order.decision, moment, codes=codes)
        paper = " ".join(rights_of(order.consumer, notice, by_people=True))
        texts = [compose_letter(message, load_named([message])).text, paper]
        assert [bool(promises(one)) for one in texts] == [is_promised] * 2, texts
