"""The documents of a purchase on the pages of its consumer: shown as agreed to, downloaded as PDF, and nobody else's."""

import io
import json
import re

import pypdf
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Consent, Look
from plans.documents.writing import VERSION, Agreement
from tests.api.counting import count_but_the_clock
from tests.operators import make_operator
from tests.owner import tamper
from tests.portals.reading import text_of
from tests.portals.test_checkout_pages import at_plan, path, with_card

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("agreement", "payment_plan")


def pdf_of(client, order, kind):
    return client.get(reverse("purchase_pdf", args=[order.public_id, kind]))


def test_each_document_is_a_page_and_a_file(client, sign_in, bought):
    order = bought(send=False)
    sign_in(client, order.consumer)
    purchase = client.get(reverse("purchase", args=[order.public_id])).content.decode()
    for kind in KINDS:
        address = reverse("purchase_pdf", args=[order.public_id, kind])
        assert address in purchase
        page = client.get(reverse("purchase_paper", args=[order.public_id, kind]))
        assert (
            page.status_code,
            address in page.content.decode(),
            '<article class="card prose narrow" lang="en">' in page.content.decode(),
        ) == (
            200,
            True,
            True,
        )
        answer = client.get(address)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="{kind.replace("_", "-")}-{order.public_id}.pdf"'
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert order.merchant_reference in pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        assert client.get(address).content == answer.content


def test_only_documents_that_are_kept_are_there(client, sign_in, bought):
    order = bought(send=False)
    sign_in(client, order.consumer)
    for kind in ("information", "secrets", "text", "../agreement"):
        assert client.get(f"/purchases/{order.public_id}/documents/{kind}.pdf").status_code == 404
        assert client.get(f"/purchases/{order.public_id}/documents/{kind}").status_code == 404
    assert client.post(reverse("purchase_pdf", args=[order.public_id, "agreement"])).status_code == 405


def test_nobody_else_sees_them(client, sign_in, bought):
    theirs, mine = bought(send=False), bought(5_000, send=False)
    paths = [reverse("purchase_pdf", args=[theirs.public_id, kind]) for kind in KINDS]
    assert [client.get(path).status_code for path in paths] == [302, 302]
    sign_in(client, mine.consumer)
    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_the_signed_version_stays_whatever_the_words_are_later(client, sign_in, bought, monkeypatch):
    order = bought(send=False)
    sign_in(client, order.consumer)
    before = pdf_of(client, order, "agreement").content
    page = text_of(client.get(reverse("purchase_agreement", args=[order.public_id])))
    monkeypatch.setattr("plans.documents.writing.VERSION", "later")
    monkeypatch.setattr("plans.documents.writing.agreement_lines", lambda facts, version: iter(["= Other words"]))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    assert pdf_of(client, order, "agreement").content == before
    again = text_of(client.get(reverse("purchase_agreement", args=[order.public_id])))
    assert page[page.index("Between") : page.index("We keep")] in again
    assert VERSION in again


def test_consent_is_to_all_words(bought):
    order = bought(send=False)
    kept = order.plan.agreement
    whole = Agreement(kept["version"], kept["text"], kept.get("information", ""), kept["payment_plan"])
    consent = Consent.objects.get(reference=order.public_id)
    assert (consent.text_hash, consent.version, kept["language"]) == (whole.seal, VERSION, "en")


def test_an_agreement_of_before_still_shows(client, sign_in, bought):
    order = bought(send=False)
    old = {"version": "2026-11-22", "text": "= Credit agreement\n\n# Costs\n- Interest: $0.00\n", "at": "2026-11-22T09:30:00+00:00"}
    tamper("UPDATE plans_plan SET agreement_sealed = '', agreement = %s WHERE id = %s", [json.dumps(old), order.plan_id])
    sign_in(client, order.consumer)
    assert "Interest: $0.00" in text_of(client.get(reverse("purchase_agreement", args=[order.public_id])))
    assert pypdf.PdfReader(io.BytesIO(pdf_of(client, order, "agreement").content)).metadata.title == "Credit agreement"
    assert pdf_of(client, order, "payment_plan").status_code == 404


def test_a_document_takes_as_many_queries_for_a_long_plan_as_for_a_short_one(client, sign_in, bought):
    counts = []
    for product in ("pay_in_4", "monthly_12"):
        order = bought(send=False, product=product)
        sign_in(client, order.consumer)
        pdf_of(client, order, "agreement")
        with CaptureQueriesContext(connection) as queries:
            assert pdf_of(client, order, "agreement").status_code == 200
        counts.append(count_but_the_clock(queries))
    assert counts[0] == counts[1]


def test_the_documents_of_an_erased_person_are_gone(client, sign_in, bought):
    order = bought(send=False)
    sign_in(client, order.consumer)
    tamper("UPDATE core_subjectkey SET wrapped = '', destroyed_at = now() WHERE subject = %s", [f"consumer:{order.consumer_id}"])
    assert b"%PDF" not in pdf_of(client, order, "agreement").content


def desk_path(order, kind="agreement"):
    return reverse("admin:checkout_order_paper", args=[order.pk, kind])


def test_an_operator_opens_them_from_the_order_and_the_look_is_kept(client, bought):
    order = bought(send=False)
    olga = make_operator("olga@kvart.example", may=("view_order", "view_person"))
    client.force_login(olga)
    page = client.get(reverse("admin:checkout_order_change", args=[order.pk])).content.decode()
    assert [desk_path(order, kind) in page for kind in KINDS] == [True, True]
    answer = client.get(desk_path(order))
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert set(Look.objects.filter(consumer=order.consumer).values_list("user", "page")) == {(olga.pk, "order")}
    assert client.get(desk_path(order, "information")).status_code == 404


def test_an_operator_without_the_right_opens_none(client, bought):
    order = bought(send=False)
    for name, right in (("otto", "view_payout"), ("vera", "view_order")):
        client.force_login(make_operator(f"{name}@kvart.example", may=(right,)))
        assert client.get(desk_path(order)).status_code == 403
    assert desk_path(order) not in client.get(reverse("admin:checkout_order_change", args=[order.pk])).content.decode()
    assert not Look.objects.filter(consumer=order.consumer).exists()


def test_a_held_order_shows_its_documents(client, buy, merchant, operators):
    order = buy(merchant, 22_900, email="anna+fraud_hold@people.example")
    client.force_login(operators[0])
    page = client.get(reverse("admin:checkout_orderreview_change", args=[order.review.pk])).content.decode()
    assert desk_path(order) in page
    assert client.get(desk_path(order)).status_code == 200


def test_operators_find_none_of_an_erased_person(client, bought):
    order = bought(send=False)
    tamper("UPDATE core_subjectkey SET wrapped = '', destroyed_at = now() WHERE subject = %s", [f"consumer:{order.consumer_id}"])
    client.force_login(make_operator("olga@kvart.example", may=("view_order", "view_person")))
    assert client.get(desk_path(order)).status_code == 404
    assert client.get(reverse("admin:checkout_order_change", args=[order.pk])).status_code == 200


def test_the_german_button_says_what_the_law_says(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    with_card(checkout)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    page = client.get(path(checkout, "pay"), {"plan": "pay_in_4"}).content.decode()
    (button,) = re.findall(r'<button[^>]*form="agree-form"[^>]*>(.*?)</button>', page, re.DOTALL)
    assert " ".join(button.split()) == "Zahlungspflichtig bestellen"
