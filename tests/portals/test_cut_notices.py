"""The notice of a lower limit: on the limit page, as a letter and as a PDF, in each language, and nobody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import Consumer
from accounts.services import get_or_create_consumer
from core.db import unit
from core.models import OutboxEvent
from credit.events import LimitLowered
from credit.models import CreditLine, Decision, LimitChange, LimitReview
from credit.reasons import LIMIT_CHANGES, sentences
from credit.reviewing import Look
from credit.rules import CURRENT, Verdict
from credit.services.decisions import _move_limit
from markets.models import Market
from notifications import handlers
from notifications.letters import compose_letter
from notifications.models import Message, Notice
from notifications.queries import load_named
from tests.credit.test_rules import inputs
from tests.plans.papers import LANGUAGES
from tests.plans.test_pdf import words
from tests.portals.reading import text_of
from tests.portals.test_refusal_notices import opened, read
from tests.portals.test_refused import AMERICAN

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moment):
    """Give a function that makes a consumer of a market."""

    def make(email: str = "bo@x.example", market: str = "US") -> Consumer:
        place = Market.objects.get(code=market)
        return get_or_create_consumer(channel="email", destination=email, market=place, at=moment, brand="main")

    return make


@pytest.fixture
def cut(moment):
    """Give a function that lowers a person's limit as the daily review does."""

    def run(consumer: Consumer, before: int = 150_000, after: int = 90_000) -> LimitReview:
        kept = {"reference": "none", "amount_minor": 20_000, "outcome": "approve", "score": 800, "inputs": inputs().as_json(), "at": moment}
        limits = {"limit_minor": before, "order_limit_minor": before, "versions": {"scorecard": CURRENT}}
        decision = Decision.objects.create(consumer=consumer, currency="USD", **kept, **limits)
        line = CreditLine.objects.create(
            consumer=consumer, currency="USD", limit_minor=after, order_limit_minor=after, decided_at=moment + timedelta(days=1)
        )
        LimitChange.objects.create(line=line, before_minor=before, after_minor=after, reason="paid_late", at=line.decided_at)
        told = {"score": 800, "why": "paid_late", "reasons": ["late_with_us"], "version": CURRENT}
        look = Look(inputs(), before, may_rise=False, rise_pct=25, was_late=0, was_on_time=0, was_economy_bps=10_000)
        limits = {"before_minor": before, "limit_minor": after, "order_limit_minor": after}
        return LimitReview.objects.create(line=line, decision=decision, look=look.as_json(), at=line.decided_at, **limits, **told)

    return run


def told_of(review: LimitReview) -> Message:
    """Handle the review's event, and return the e-mail that follows."""
    line = review.line
    moved = {"before_minor": review.before_minor, "after_minor": review.limit_minor}
    event = LimitLowered(consumer=line.consumer.public_id, notice=review.public_id, currency=line.currency, **moved)
    handlers.on_limit_lowered(event, at=review.at)
    return Message.objects.select_related("consumer").get(dedupe=f"limit_cut:{review.public_id}:email")


def test_page_letter_and_pdf_say_the_same_in_each_language(client, person, cut, sign_in):
    for language in LANGUAGES:
        consumer = person(f"{language}@x.example")
        Consumer.objects.filter(pk=consumer.pk).update(language=language)
        consumer.language = language
        review = cut(consumer)
        message, notice = told_of(review), reverse("cut_pdf", args=[review.public_id])
        sign_in(client, consumer)
        with translation.override(language):
            (reason,) = sentences(["late_with_us"])
            title, history = translation.gettext("A lower limit"), str(LIMIT_CHANGES["paid_late"])
            heading = translation.gettext("We lowered your limit")
        paper, page = client.get(notice, headers={"Accept-Language": language}), client.get("/limit", headers={"Accept-Language": language})
        assert (opened(paper).metadata.title, opened(paper).trailer["/Root"]["/Lang"]) == (title, language)
        letter = compose_letter(message, load_named([message]))
        assert reverse("notice_pdf", args=[Notice.objects.get(subject=review.public_id).public_id]) in letter.text
        for where in (read(paper), words(text_of(page)), words(letter.text)):
            assert words(reason) in where, language
        assert words(heading) in words(text_of(page))
        assert words(history) in words(text_of(page))


def test_the_law_s_words_and_a_way_to_a_person_are_in_all_three(client, person, cut, sign_in):
    consumer = person()
    review = cut(consumer)
    letter = compose_letter(message := told_of(review), load_named([message]))
    sign_in(client, consumer)
    english = {"headers": {"Accept-Language": "en"}}
    paper = read(client.get(reverse("cut_pdf", args=[review.public_id]), **english))
    page = words(text_of(client.get("/limit", **english)))
    for told in (paper, page, words(letter.text)):
        assert words(AMERICAN[4]) in told
        assert words("Ask a person to look again") in told
    for told in (paper, words(letter.text)):
        assert words("$1,500.00") in told
        assert words("$900.00") in told


def test_another_s_notice_and_one_of_a_rise_are_not_found(client, person, cut, sign_in):
    mine, other = person(), person("al@x.example")
    others, rise = cut(other), cut(mine, before=90_000, after=150_000)
    sign_in(client, mine)
    for review in (others, rise):
        assert client.get(reverse("cut_pdf", args=[review.public_id])).status_code == 404
    assert words("We lowered your limit") not in words(text_of(client.get("/limit", headers={"Accept-Language": "en"})))


def test_a_decision_that_approves_with_less_writes_the_notice_too(client, person, cut, sign_in):
    consumer = person()
    review = cut(consumer)
    line, decision = review.line, review.decision
    later = review.at + timedelta(days=1)
    verdict = Verdict("approve", 60_000, 40_000, 700, ("short_history",))
    decision = Decision(consumer=consumer, reference="none", currency="USD", amount_minor=1_000, outcome="approve", at=later, score=700)
    decision.limit_minor, decision.order_limit_minor, decision.reasons = 60_000, 40_000, ["short_history"]
    decision.inputs, decision.versions = inputs(economy_bps=8_000).as_json(), {"scorecard": CURRENT}
    with unit():
        decision.save(force_insert=True)
        _move_limit(line, verdict, later, by_rule=True, decision=decision)
    told = OutboxEvent.objects.get(name=LimitLowered.NAME).payload
    assert told["notice"] == decision.public_id
    handlers.on_limit_lowered(LimitLowered(**told), at=later)
    message = Message.objects.select_related("consumer").get(kind="limit_cut", channel="email")
    letter = compose_letter(message, load_named([message])).text
    sign_in(client, consumer)
    english = {"headers": {"Accept-Language": "en"}}
    paper = read(client.get(reverse("cut_pdf", args=[decision.public_id]), **english))
    for told in (paper, words(letter), words(text_of(client.get("/limit", **english)))):
        assert [one for one in sentences(["economy", "short_history"]) if words(one) not in told] == []
    for refused in (review.decision.public_id, "dec_1", "lrv_1"):
        assert client.get(reverse("cut_pdf", args=[refused])).status_code == 404
