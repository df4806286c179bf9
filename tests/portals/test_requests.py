"""What consumers ask of a person: two presses on a page, its state there, the operator's answer, and letters that say so."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Consumer, ConsumerChange, ConsumerRequest, User
from checkout import services as checkouts
from checkout.quoting import checkout_quotes
from controls.models import AuditRow
from core import timers
from core.formats import day_text
from core.models import IdempotentAnswer
from credit.models import CreditLine, Decision
from markets.models import Market
from merchants.models import Membership
from merchants.services import create_merchant
from notifications.models import Message
from notifications.rules import day_text as written_day
from tests.operators import make_boss, make_operator, permit
from tests.owner import tamper
from tests.portals.reading import asked_again, hidden, toasts
from tests.portals.test_checkout_pages import at_plan
from tests.portals.test_refused import letters  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)


def text(response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).strip())


@pytest.fixture
def anna(client, bought, sign_in):
    """Somebody signed in, with a purchase that was sent; gives the order."""
    order = bought()
    sign_in(client, order.consumer)
    return order


@pytest.fixture
def dane(client, bought, sign_in, moment):
    """Somebody signed in who bought in Denmark; gives the order."""
    denmark = Market.objects.get(code="DK")
    shop = create_merchant(name="Lys", legal_name="Lys ApS", market=denmark, payout_destination="b", slug="lys", at=moment)
    order = bought(64_000, shop=shop)
    sign_in(client, order.consumer)
    return order


@pytest.fixture
def clerk(client) -> Client:
    """An operator's browser, who may answer."""
    user = make_operator("clerk@kvart.example", "demo-password", name="Clara Clerk")
    permit(user, "answer_request", "view_consumerrequest")
    browser = Client()
    browser.force_login(user)
    return browser


def send(client, address, **form):
    """Fill in a page's form and send it."""
    return client.post(address, hidden(client.get(address)) | form)


@pytest.mark.parametrize("kind", ["copy", "correction", "closure", "review", "hardship", "complaint", "question"])
def test_each_kind_is_asked_in_two_presses_and_shown(client, anna, kind):
    answer = send(client, f"/requests/new/{kind}", text="Please <b>help</b>")
    row = ConsumerRequest.objects.get()
    assert (row.kind, row.reference, row.text, row.consumer) == (kind, "", "Please <b>help</b>", anna.consumer)
    assert answer["Location"] == f"/requests/{row.public_id}"
    page = client.get(answer["Location"])
    assert "A person answers by" in text(page)
    assert "&lt;b&gt;help&lt;/b&gt;" in page.content.decode()
    assert row.public_id in client.get("/requests").content.decode()
    assert client.get(f"/requests/new/{kind}")["Location"] == answer["Location"]


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("/help", ["hardship", "purchase", "complaint", "question"]),
        ("/profile/privacy", ["copy", "correction", "closure", "review"]),
        ("/limit", ["review"]),
    ],
)
def test_the_pages_lead_there(client, anna, page, kinds):
    told = client.get(page).content.decode()
    for kind in kinds:
        assert f'href="/requests/new/{kind}"' in told, kind
        assert client.get(f"/requests/new/{kind}").status_code == 200


def test_no_page_promises_what_nobody_can_do(client, anna):
    said = " ".join(text(client.get(page)) for page in ("/help", "/profile", "/limit", f"/purchases/{anna.public_id}"))
    for promise in ("We stop its payments", "A person changes it", "we find a way together", "For a copy, a correction or deletion write"):
        assert promise not in said, promise


def test_a_purchase_is_asked_about_from_its_page_or_chosen(client, anna):
    page = client.get(f"/purchases/{anna.public_id}").content.decode()
    door = f"/requests/new/purchase?about={anna.public_id}"
    assert f'href="{door}"' in page
    send(client, door, text="It is broken")
    row = ConsumerRequest.objects.get()
    assert (row.kind, row.reference) == ("purchase", anna.public_id)
    assert reverse("request", args=[row.public_id]) in client.get(f"/purchases/{anna.public_id}").content.decode()
    ConsumerRequest.objects.all()
    chosen = send(client, "/requests/new/purchase", text="Also broken", about=anna.public_id)
    assert "You have asked this already." in text(asked_again(chosen))
    assert "Choose the purchase." in text(asked_again(send(client, "/requests/new/purchase", text="Which?")))
    assert ConsumerRequest.objects.count() == 1


def test_a_form_sent_twice_asks_once(client, anna):
    form = hidden(client.get("/requests/new/copy")) | {"text": ""}
    first, second = client.post("/requests/new/copy", form), client.post("/requests/new/copy", form)
    assert (first["Location"], ConsumerRequest.objects.count()) == (second["Location"], 1)
    stored = IdempotentAnswer.objects.get()
    assert stored.body == {"request": ConsumerRequest.objects.get().public_id}


@pytest.mark.parametrize("words", ["", "\u200b\u202e \r\n", "x" * 2_001])
def test_hostile_words_are_asked_again_and_change_nothing(client, anna, words):
    page = asked_again(send(client, "/requests/new/complaint", text=words))
    assert page.status_code == 200
    assert ConsumerRequest.objects.count() == 0


def test_who_is_not_signed_in_signs_in_first_and_comes_back(client):
    assert client.get("/requests/new/review?about=chk_1")["Location"] == "/sign-in?next=%2Frequests%2Fnew%2Freview%3Fabout%3Dchk_1"
    assert client.get("/requests")["Location"] == "/sign-in?next=%2Frequests"


def test_others_requests_and_purchases_do_not_exist(client, anna, bought, sign_in, email, moment):
    send(client, "/requests/new/copy")
    row, stranger = ConsumerRequest.objects.get(), Client()
    sign_in(stranger, bought(email=email("+approve")).consumer)
    assert stranger.get(f"/requests/{row.public_id}").status_code == 404
    for door in (
        f"/requests/new/purchase?about={anna.public_id}",
        f"/requests/new/review?about={anna.public_id}",
        f"/requests/new/review?about={anna.checkout.public_id}",
        f"/requests/new/withdrawal?about={anna.public_id}",
        "/requests/new/review?about=ord_x",
        "/requests/new/nothing",
        "/requests/crq_x",
    ):
        assert stranger.get(door).status_code == 404, door
        assert stranger.post(door, {"text": "x", "once": "k"}).status_code in {404, 405}, door
    assert stranger.post("/requests/new/purchase", {"text": "x", "once": "k", "about": anna.public_id}).status_code == 404
    assert ConsumerRequest.objects.count() == 1


def test_an_answer_reaches_the_person_by_letter_inbox_and_page(client, anna, clerk, letters, moment):  # noqa: F811
    send(client, "/requests/new/correction", text="My name is Ann")
    row = ConsumerRequest.objects.get()
    listed = text(clerk.get("/admin/"))
    assert "Consumers ask a person" in listed
    assert "Correct their data" in listed
    page = text(clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.id])))
    assert "My name is Ann" in page
    assert anna.consumer.email in page
    door = reverse("admin:accounts_consumerrequest_answer", args=[row.id])
    assert "This field is required." in clerk.post(door, {"outcome": "done", "answer": ""}).content.decode()
    answer = clerk.post(door, {"outcome": "partly", "answer": "We changed your first name."}, follow=True)
    assert toasts(answer) == ["Answered. The person is told."]
    assert toasts(clerk.post(door, {"outcome": "refused", "answer": "No."}, follow=True)) == ["Somebody has answered this meanwhile."]
    row.refresh_from_db()
    assert (row.status, row.outcome, row.answer) == ("answered", "partly", "We changed your first name.")
    shown = text(client.get(f"/requests/{row.public_id}"))
    for told in ("We changed your first name.", "Done in part", "Clara Clerk"):
        assert told in shown, told
    received, answered = [letter for letter in letters(anna.consumer.email) if "request" in letter]
    assert received.startswith("We have your request, and answer by ")
    assert answered.startswith("A person has answered your request\n")
    assert f"/requests/{row.public_id}" in answered
    assert [word for word in ("My name is Ann", "first name") if word in received + answered] == []
    inbox = text(client.get("/inbox"))
    assert "A person has answered" in inbox
    assert Message.objects.filter(kind__startswith="request_", channel="inbox").count() == 2
    assert "Nothing waits. What needs a person comes here" in text(clerk.get("/admin/"))


def test_who_may_not_answer_sees_no_words_and_changes_nothing(client, anna, clerk):
    send(client, "/requests/new/complaint", text="I was in hospital")
    row = ConsumerRequest.objects.get()
    user = User.objects.get(email="clerk@kvart.example")
    permit(user, "view_consumerrequest")
    page = clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.id])).content.decode()
    assert [secret for secret in ("hospital", anna.consumer.email) if secret in page] == []
    for act in ("answer", "again"):
        door = reverse(f"admin:accounts_consumerrequest_{act}", args=[row.id])
        assert clerk.post(door, {"outcome": "done", "answer": "x"}).status_code == 403
    permit(user)
    assert clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.id])).status_code == 403
    assert "Consumers ask" not in clerk.get("/admin/").content.decode()
    row.refresh_from_db()
    assert row.status == "open"


def test_a_refusal_is_looked_at_again_and_decided_again(client, open_checkout, email, clerk):
    to = email("+decline")
    checkout = open_checkout()
    at_plan(client, checkout, to)
    page = client.get(f"/checkout/{checkout.public_id}").content.decode()
    door = f"/requests/new/review?about={checkout.public_id}"
    assert f'href="{door}"' in page
    send(client, door, text="That file is not mine")
    row = ConsumerRequest.objects.select_related("consumer").get()
    page = text(clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.id])))
    assert "What was decided last" in page
    row.consumer.email = email("+approve")
    row.consumer.save(update_fields=["email"])
    again = clerk.post(reverse("admin:accounts_consumerrequest_again", args=[row.id]), follow=True)
    assert toasts(again) == ["Decided again: approved."]
    first, second = Decision.objects.order_by("id")
    assert (first.outcome, second.outcome, second.reference) == ("decline", "approve", checkout.public_id)
    assert first.inquiry_id != second.inquiry_id
    assert CreditLine.objects.get(consumer=row.consumer).limit_minor == second.limit_minor > 0
    row.refresh_from_db()
    assert row.status == "open"


def test_what_was_never_decided_is_not_decided_again(client, anna, clerk, moment):
    row = accounts.open_request(consumer=anna.consumer, kind="copy", text="", at=moment)
    clerk.post(reverse("admin:accounts_consumerrequest_again", args=[row.id]))
    assert Decision.objects.count() == 1


def clean(response) -> str:
    return text(response).replace("\xa0", " ")


def test_somebody_withdraws_within_fourteen_days_and_sees_what_to_pay_back_by_when(client, dane, moment, letters):  # noqa: F811
    purchase, door = f"/purchases/{dane.public_id}", f"/requests/new/withdrawal?about={dane.public_id}"
    assert f'href="{door}"' in client.get(purchase).content.decode()
    assert "you pay back 640,00 kr. by" in clean(client.get(door))
    send(client, door, text="")
    row = ConsumerRequest.objects.get()
    assert row.due_date == (moment + timedelta(days=30)).astimezone(tz(dane)).date()
    day = day_text(row.due_date, "en_DK", "year")
    page = client.get(f"/requests/{row.public_id}")
    assert f"640,00 kr. by {day}." in clean(page)
    assert f'href="{purchase}/pay"' in page.content.decode()
    short = day_text(row.due_date, "en_DK")
    shown = clean(client.get(purchase))
    assert "You have withdrawn from this agreement." in shown
    assert "Now part of the payment on" in shown
    assert "Fell away" not in shown
    assert f"Pay back 640,00 kr. by {day}." in shown
    assert f"Withdrawn · pay back by {short}" in shown
    assert f"Pay it back by {short}" in clean(client.get(f"{purchase}/pay"))
    assert short in clean(client.get("/home"))
    told = letters(dane.consumer.email)
    (letter,) = [one.replace("\xa0", " ") for one in told if "You have withdrawn" in one]
    written = written_day(row.due_date, "en_DK")
    assert f"pay back 640,00 kr. by {written}" in letter
    assert "do nothing" not in letter
    inbox = clean(client.get("/inbox"))
    assert f"Pay back 640,00 kr. by {written}." in inbox
    opened = [(one.due_date, one.open_minor) for one in dane.plan.installments.all() if one.open_minor]
    assert opened == [(row.due_date, 64_000)]


def test_shop_and_operator_read_where_a_payment_went_that_a_withdrawal_gathered(client, dane, moment):
    send(client, f"/requests/new/withdrawal?about={dane.public_id}", text="")
    row, gone = ConsumerRequest.objects.get(), "part of the payment on {}, since the customer withdrew from the credit"
    boss, member = Client(), Client()
    boss.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    user = User.objects.create_user("owner@lys.example", "demo-password", name="Mia Owner")
    Membership.objects.create(user=user, merchant=dane.merchant, role="owner", added_at=moment)
    member.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    desk = clean(boss.get(reverse("admin:plans_plan_change", args=[dane.plan_id])))
    page = clean(member.get(reverse("merchant_order", args=[dane.public_id])))
    assert desk.count(gone.format(f"{row.due_date:%b %-d, %Y}").replace("part", "Part", 1)) == 3
    assert page.count(gone.format(day_text(row.due_date, "en_DK"))) == 3


def test_withdrawing_is_offered_once(client, dane, moment):
    door = f"/requests/new/withdrawal?about={dane.public_id}"
    form = hidden(client.get(door))
    send(client, door, text="")
    row = ConsumerRequest.objects.get()
    assert "Withdraw from it" not in text(client.get(f"/purchases/{dane.public_id}"))
    accounts.answer_request(request_id=row.id, user=answerer(), outcome="done", answer="Paid.", at=moment)
    for path in (door, "/requests/new/withdrawal"):
        assert client.get(path).status_code == 404, path
    again = client.post(door, form | {"once": "another", "text": ""})
    assert again["Location"] == f"/purchases/{dane.public_id}"
    assert "You cannot withdraw from this agreement any more." in text(client.get(again["Location"]))
    assert ConsumerRequest.objects.count() == 1


def answerer() -> User:
    user = make_operator("answerer@kvart.example", "demo-password")
    permit(user, "answer_request")
    return User.objects.get(pk=user.pk)


def tz(order):
    from zoneinfo import ZoneInfo

    return ZoneInfo(order.consumer.time_zone)


def test_nobody_withdraws_too_late_or_where_no_law_lets_them(client, anna, dane, moment, bought, sign_in):
    door = f"/requests/new/withdrawal?about={dane.public_id}"
    form = hidden(client.get(door))
    for days, status in ((14, "Withdraw from it"), (15, "")):
        agreed = moment - timedelta(days=days)
        tamper("UPDATE checkout_order SET created_at = %s WHERE id = %s", [agreed, dane.pk])
        assert ("Withdraw from it" in text(client.get(f"/purchases/{dane.public_id}"))) == bool(status), days
    assert client.get(door).status_code == client.get("/requests/new/withdrawal").status_code == 404
    answer = client.post(door, form | {"text": ""})
    assert answer["Location"] == f"/purchases/{dane.public_id}"
    assert "You cannot withdraw from this agreement any more." in text(client.get(answer["Location"]))
    sign_in(client, anna.consumer)
    assert "Withdraw from it" not in text(client.get(f"/purchases/{anna.public_id}"))
    for path in (f"/requests/new/withdrawal?about={anna.public_id}", "/requests/new/withdrawal"):
        assert client.get(path).status_code == 404, path
    assert ConsumerRequest.objects.count() == 0


def test_a_rejected_order_leads_to_a_person(client, buy, merchant, moment, operators, sign_in, email):
    order = buy(merchant, 120_000, moment, email=email("+approve"))
    assert order.status == "pending_review"
    checkouts.prepare_review(review_id=order.review.id, user=operators[0], recommendation="reject", note="No", at=moment)
    checkouts.reject_review(review_id=order.review.id, user=operators[1], seen=1, reason="No", at=moment)
    sign_in(client, order.consumer)
    door = f"/requests/new/review?about={order.public_id}"
    assert f'href="{door}"' in client.get(f"/purchases/{order.public_id}").content.decode()
    send(client, door, text="")
    assert ConsumerRequest.objects.get().reference == order.public_id


def test_a_request_whose_day_has_passed_says_so(client, anna, moment):
    row = accounts.open_request(consumer=anna.consumer, kind="copy", text="", at=moment - timedelta(days=40))
    assert "You should have heard from us by now." in text(client.get(f"/requests/{row.public_id}"))
    timers.run_until_quiet(at=moment)


def test_a_copy_of_all_that_is_kept_is_a_file_of_ones_own(client, anna, bought, email):
    bought(email=email("+approve"))
    checkouts.note_shown(checkout=anna.checkout, quotes=checkout_quotes(anna.checkout, anna.created_at), at=anna.created_at)
    assert 'href="/profile/copy"' in client.get("/profile/privacy").content.decode()
    answer = client.get("/profile/copy")
    assert answer["Content-Disposition"].startswith('attachment; filename="your-data-')
    noted = AuditRow.objects.get(act="accounts.data_copied")
    assert (noted.actor, noted.about, noted.source[:4]) == (anna.consumer.public_id, [anna.consumer.public_id], "req_")
    told = answer.json()
    assert (told["you"]["email"], told["you"]["name"]) == (anna.consumer.email, anna.consumer.name)
    assert [*told["sections"]] == [name for name in told if name not in {"how_to_read", "sections", "made_at"}]
    (purchase,) = told["purchases"]
    assert (purchase["public_id"], purchase["items"][0]["name"], len(purchase["installments"])) == (anna.public_id, "Lamp", 4)
    assert purchase["agreement"] == anna.plan.agreement
    sections = [name for name, rows in told.items() if isinstance(rows, list) and not rows]
    empty = {
        *("passkeys", "logins", "devices", "identity_pictures"),
        "requests",
        "messages",
        "notices",
        "payments",
        "transfers",
        "changes",
        "sign_ins",
        "bank_accounts",
        "income_and_costs",
        "approvals",
        "limit_reviews",
        "situation",
        "found_out",
        *("letters", "calls", "agencies", "promises", "settlements", "returns"),
        *("classes", "blocks", "notes", "looks", "card_tries", "baskets", "money_held", "money_back", "disputes", "fee_credits"),
        "contact_changes",
        *("reminders", "stopped_channels", "standstills", "links_to_pay"),
        "complaints",
    }
    assert [name for name in sections if name not in empty] == []
    assert [len(told[name]) for name in ("decisions", "limits", "cards", "credit_reports", "plans_shown")] == [1, 1, 1, 1, 1]
    # That a machine assessed the purchase, and what came of it; not what it looked at.
    assert [(set(one), one["verdict"]) for one in told["fraud_assessments"]] == [
        ({"subject", "moment", "verdict", "proved_at", "at"}, "allow")
    ]
    assert Client().get("/profile/copy")["Location"] == "/sign-in?next=%2Fprofile%2Fcopy"


def test_an_operator_stops_the_payments_of_a_purchase_and_lets_them_go_on(client, anna, clerk, moment, letters):  # noqa: F811
    row = accounts.open_request(consumer=anna.consumer, kind="purchase", text="Not mine", reference=anna.public_id, at=moment)
    page, door = (reverse(f"admin:accounts_consumerrequest_{name}", args=[row.id]) for name in ("change", "payments"))
    assert "Stop its payments" in text(clerk.get(page))
    assert toasts(clerk.post(door, {"move": "stop"}, follow=True)) == ["The person is told."]
    anna.plan.refresh_from_db()
    assert anna.plan.stopped_at is not None
    assert not anna.plan.installments.exclude(next_attempt_at=None).exists()
    assert toasts(clerk.post(door, {"move": "stop"}, follow=True)) == ["Nothing changed: look at the plan."]
    assert "A person looks into what you told us." in text(client.get(f"/purchases/{anna.public_id}"))
    told = letters(anna.consumer.email, moment + timedelta(hours=12))  # Past the quiet hours, if it is night.
    assert any("we take no payments while we look into it" in letter for letter in told)
    clerk.post(reverse("admin:accounts_consumerrequest_answer", args=[row.id]), {"outcome": "refused", "answer": "It is yours."})
    assert "Let payments go on" in text(clerk.get(page))
    clerk.post(door, {"move": "go"})
    anna.plan.refresh_from_db()
    assert anna.plan.stopped_at is None
    assert anna.plan.installments.exclude(next_attempt_at=None).count() == 4
    clerk.post(door, {"move": "stop"})
    anna.plan.refresh_from_db()
    assert anna.plan.stopped_at is None


def test_payments_are_stopped_by_who_may_and_for_a_purchase_only(client, anna, clerk, moment):
    row = accounts.open_request(consumer=anna.consumer, kind="purchase", text="Not mine", reference=anna.public_id, at=moment)
    other = accounts.open_request(consumer=anna.consumer, kind="copy", text="", at=moment)
    clerk.post(reverse("admin:accounts_consumerrequest_payments", args=[other.id]), {"move": "stop"})
    permit(User.objects.get(email="clerk@kvart.example"), "view_consumerrequest")
    door = reverse("admin:accounts_consumerrequest_payments", args=[row.id])
    assert clerk.post(door, {"move": "stop"}).status_code == 403
    anna.plan.refresh_from_db()
    assert anna.plan.stopped_at is None


def test_nobody_is_promised_an_e_mail_who_has_no_address(client, buy, merchant, moment, sign_in, email):
    order = buy(merchant, 120_000, moment, email=email("+approve"))
    sign_in(client, order.consumer)
    for page in ("/home", f"/purchases/{order.public_id}", f"/checkout/{order.checkout.public_id}"):
        said = text(client.get(page))
        assert "We write to you" in said, page
        assert "by e-mail" not in said, page


def test_an_operator_corrects_what_was_checked_and_it_is_kept_who_did(client, anna, clerk, moment):
    row = accounts.open_request(consumer=anna.consumer, kind="correction", text="I married and moved", at=moment)
    other = accounts.open_request(consumer=anna.consumer, kind="copy", text="", at=moment)
    assert "Correct it" in text(clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.id])))
    door = reverse("admin:accounts_consumerrequest_correct", args=[row.id])
    before = Consumer.objects.get(pk=anna.consumer.pk)
    for bad in ({}, {"birth_date": "soon"}, {"line1": "5 New St"}, {"birth_date": "2026-01-01"}):
        clerk.post(door, bad)
        clerk.post(reverse("admin:accounts_consumerrequest_correct", args=[other.id]), {"name": "Bo"})
        same = Consumer.objects.get(pk=before.pk)
        assert (same.name, same.address, same.birth_date) == (before.name, before.address, before.birth_date), bad
    wish = {"name": "Anna Quill", "line1": "5 New St", "postal_code": "97205", "city": "Portland", "region": "OR"}
    assert toasts(clerk.post(door, wish, follow=True))[-1:] == ["Corrected. Now answer."]
    found = Consumer.objects.get(pk=before.pk)
    assert (found.name, found.address["city"], found.time_zone, found.identity) == (
        "Anna Quill",
        "Portland",
        "America/Los_Angeles",
        "verified",
    )
    change = ConsumerChange.objects.filter(consumer=found, subject="details").latest("id")
    clerks = User.objects.get(email="clerk@kvart.example")
    assert (change.actor, change.change) == (str(clerks.pk), {"fields": ["address", "name"]})
    assert "Anna Quill" in text(client.get("/profile"))
    permit(clerks, "view_consumerrequest")
    assert clerk.post(door, {"name": "Bo"}).status_code == 403
