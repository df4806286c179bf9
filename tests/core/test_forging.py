"""History that somebody with the application's password writes by SQL: an answer that was never given, a person who never decided."""

import pytest
from django.db import Error, transaction

from accounts.models import User
from checkout import services as checkouts
from checkout.models import Order, OrderReview
from core.db import execute, rows
from credit.models import Inquiry, Referral
from tests.checkout.test_reviews import bureau_answers, held
from tests.operators import make_operator, telling

pytestmark = pytest.mark.django_db
SOURCE_SAYS = "resolved_at = now(), resolved_by = 'source'"


def refused(*statements: str) -> None:
    """Run statements as the application does; the last one is refused, and nothing is changed."""
    words = r"append-only|never asked|not held for that|waits for people|review of its own|by operators|decided so|was not approved|is held"
    with pytest.raises(Error, match=words), transaction.atomic():
        assert rows("SELECT current_user") == [("bnpl",)]
        for sql in statements:
            assert execute(sql) >= 1


@pytest.fixture
def limited(buy, merchant) -> OrderReview:
    """An order held by its amount alone: the bureau was asked for no review."""
    return held(buy, merchant, 120_000, "+approve").review


@pytest.fixture
def referred(buy, merchant) -> OrderReview:
    """An order held by the bureau's own question and by its amount."""
    return held(buy, merchant, 120_000, "+approve+refer_approve_05").review


def test_a_review_of_what_was_never_referred(limited):
    decision = limited.order.decision
    made = "INSERT INTO credit_referral (id, decision_id, outcome, created_at, next_at, resolved_by)"
    made += f" SELECT gen_random_uuid(), '{decision.id}'"
    refused(f"{made}, '', '{decision.at.isoformat()}', now(), ''")
    refused(f"{made.replace('resolved_by)', 'resolved_by, resolved_at)')}, 'approve', now(), now(), 'source', now()")
    refused(f"UPDATE checkout_orderreview SET reason = 'referred' WHERE id = '{limited.id}'")
    refused(f"UPDATE checkout_orderreview SET source_review = 'approve' WHERE id = '{limited.id}'")
    assert OrderReview.objects.get(pk=limited.pk).reason == "order_limit"
    assert not Referral.objects.exists()


def test_a_review_that_answers_more_than_was_asked(referred):
    yes = f"UPDATE credit_referral SET outcome = 'approve', {SOURCE_SAYS} WHERE decision_id = '{referred.order.decision_id}'"
    end = "source_review = 'approve', source_reviewed_at = now(), decided_at = now(), status = 'approved'"
    refused(yes, f"UPDATE checkout_orderreview SET {end} WHERE id = '{referred.id}'")
    refused(f"UPDATE checkout_orderreview SET source_review = 'approve' WHERE id = '{referred.id}'")
    refused(f"UPDATE checkout_orderreview SET rule = 'nothing' WHERE id = '{referred.id}'")
    assert Order.objects.get(pk=referred.order_id).status == "pending_review"


def test_a_review_of_a_question_without_a_report(buy, merchant, referred):
    """A referral of the decision of somebody's question that the bureau never gave a number."""
    decision = referred.order.decision
    refused(
        "INSERT INTO credit_inquiry (id, consumer_id, currency, provider, agency, provider_ref, data, review, asked_at)"
        f" VALUES (gen_random_uuid(), '{decision.consumer_id}', 'USD', 'sandbox', '{{}}', '', '{{}}', '', now())",
        "INSERT INTO credit_decision (id, consumer_id, reference, currency, amount_minor, inquiry_id, outcome, limit_minor,"
        " order_limit_minor, score, reasons, inputs, versions, provider_ref, at) SELECT gen_random_uuid(), consumer_id, 'x', currency, 1,"
        " (SELECT id FROM credit_inquiry WHERE answered_at IS NULL), outcome, 0, 0, 1, reasons, inputs, versions, provider_ref, at"
        f" FROM credit_decision WHERE id = '{decision.id}'",
        "INSERT INTO credit_referral (id, decision_id, outcome, created_at, next_at, resolved_by)"
        " SELECT gen_random_uuid(), id, '', at, at, '' FROM credit_decision WHERE reference = 'x'",
        f"UPDATE credit_referral SET outcome = 'approve', {SOURCE_SAYS} WHERE decision_id IN"
        " (SELECT id FROM credit_decision WHERE reference = 'x')",
    )


def test_what_was_answered_stays(buy, merchant, at):
    order = held(buy, merchant, 20_000, "+refer_approve_05")
    asked = Inquiry.objects.get()
    for change in ("data = '{\"score\": 999}'", "provider_ref = 'mine'", "answered_at = now()", "answered_at = NULL"):
        refused(f"UPDATE credit_inquiry SET {change} WHERE id = '{asked.id}'")
    assert bureau_answers(at) == 1
    refused(f"UPDATE credit_inquiry SET review = 'decline' WHERE id = '{asked.id}'")
    for change in ("outcome = 'decline'", "resolved_by = 'nobody'", "resolved_at = NULL, resolved_by = '', outcome = ''"):
        refused(f"UPDATE credit_referral SET {change} WHERE decision_id = '{order.decision_id}'")
    refused(
        "INSERT INTO credit_inquiry (id, consumer_id, currency, provider, provider_ref, data, review, asked_at, answered_at)"
        f" VALUES (gen_random_uuid(), '{order.consumer_id}', 'USD', 'sandbox', 'r', '{{}}', 'approve', now(), now())"
    )
    assert Inquiry.objects.get() == asked


@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}], ids=["no operator", "gone"])
def test_somebody_who_is_no_operator_decides(limited, operators, at, change):
    one, two = operators
    outsider = make_operator("mia@shop.example", "demo-password")
    with telling(outsider):
        User.objects.filter(pk=outsider.pk).update(**change)
    prepared = (
        "UPDATE checkout_orderreview SET status = 'prepared', version = 1, prepared_at = now(), recommendation = 'approve', prepared_by_id"
    )
    refused(f"{prepared} = '{outsider.id}' WHERE id = '{limited.id}'")
    checkouts.prepare_review(review_id=limited.id, user=one, recommendation="approve", note="Known", at=at)
    for column, status in (("approved_by_id", "approved"), ("rejected_by_id", "rejected")):
        refused(
            f"UPDATE checkout_orderreview SET status = '{status}', decided_at = now(), {column} = '{outsider.id}' WHERE id = '{limited.id}'"
        )
    # Who prepared may have left since: another operator decides all the same.
    with telling(one):
        User.objects.filter(pk=one.pk).update(is_active=False)
    checkouts.approve_review(review_id=limited.id, user=two, seen=1, reason="Fine", at=at)
    assert Order.objects.get(pk=limited.order_id).status == "authorized"


def copy_of(order: Order, **changes: object) -> str:
    """Return the statement that writes an order once more, with something else in it."""
    given = ", ".join(f"'{name}', {value}" for name, value in changes.items())
    made = f"jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), {given}))"
    return f"INSERT INTO checkout_order SELECT ({made}).* FROM checkout_order o WHERE o.id = '{order.pk}'"


def test_an_order_that_begins_without_the_review_that_it_needs(limited, referred):
    for review in (limited, referred):
        refused(copy_of(review.order, status="'authorized'", authorized_at="now()"))
    assert Order.objects.filter(status="authorized").count() == 0


def test_money_of_what_is_held(limited):
    order = limited.order
    columns = "id, merchant_id, order_id, number, amount_minor, fee_minor, refunded_minor, created_at"
    known = {name for (name,) in rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'checkout_capture'")}
    named = [name for name in columns.split(", ") if name in known]
    values = {"id": "gen_random_uuid()", "merchant_id": f"'{order.merchant_id}'", "order_id": f"'{order.pk}'", "created_at": "now()"}
    refused(f"INSERT INTO checkout_capture ({', '.join(named)}) VALUES ({', '.join(values.get(name, '1') for name in named)})")
    refused(f"UPDATE checkout_order SET captured_minor = 1000 WHERE id = '{order.pk}'")
    refused(f"UPDATE checkout_order SET authorized_at = now() WHERE id = '{order.pk}'")
    assert Order.objects.values_list("captured_minor", "authorized_at").get(pk=order.pk) == (0, None)
