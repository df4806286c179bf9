"""A person sends pictures of their document and of themselves; a reviewer sees them marked, decides, and they are deleted in time."""

import io
from datetime import date, timedelta

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Consumer, IdentityPicture, IdentityProof, Look
from accounts.proofs.levels import level_missing
from accounts.proofs.links import phone_path
from accounts.proofs.services import decide_proof, end_proofs
from checkout import services as checkouts
from checkout.errors import PicturesNeeded
from controls.models import AuditRow
from core.models import OutboxEvent
from core.retention import forget_old
from credit.models import Decision
from markets.models import MarketSetting
from markets.queries import IDENTITY_LEVELS, level_rows
from simulation.shopper import identify
from tests.operators import make_operator
from tests.pictures import REFUSED, photo, with_place
from tests.portals.reading import asked_again, text_of

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/profile/identity"


@pytest.fixture(autouse=True)
def no_company(settings):
    settings.PICTURES = ""


def files(**bodies):
    return {part: SimpleUploadedFile(f"{part}.jpg", body) for part, body in bodies.items()}


def operator_of(name, *may):
    browser = Client()
    browser.force_login(make_operator(f"{name}@kvart.example", may=may), backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def person(bought, sign_in):
    consumer = bought(5_000).consumer
    return consumer, sign_in(Client(), consumer)


def test_a_person_proves_who_they_are_and_it_ends_with_their_document(person, moment):
    consumer, browser = person
    assert "Take the pictures" in text_of(browser.get(PAGE))
    # What is missing and what is no photo is named at its field, and nothing is kept.
    sent = {"document": "card"} | files(front=with_place(), back=REFUSED["svg"], selfie=photo())
    assert "only photos, as JPEG or PNG" in text_of(asked_again(browser.post(PAGE, sent)))
    sent = {"document": "card"} | files(front=with_place(), selfie=photo())
    assert "take this picture" in text_of(asked_again(browser.post(PAGE, sent)))
    sent = {"document": "passport"} | files(front=with_place())
    assert "Take this picture." in text_of(asked_again(browser.post(PAGE, sent)))
    assert IdentityProof.objects.count() == 0
    browser.post(PAGE, {"document": "passport"} | files(front=with_place(), back=photo(), selfie=photo()))
    proof = IdentityProof.objects.get()
    assert (proof.status, proof.level, proof.review_by - proof.sent_at) == ("review", "selfie", timedelta(hours=24))
    assert set(IdentityPicture.objects.values_list("part", flat=True)) == {"front", "selfie"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_identitypicture")
        assert not any("/9j/4AAQSk" in content for (content,) in cursor.fetchall())
    assert "We are looking at your pictures." in text_of(browser.get(PAGE))
    again = browser.post(PAGE, {"document": "passport"} | files(front=photo(), selfie=photo()))
    assert ("again=" in again["Location"], IdentityProof.objects.count()) == (True, 1)

    # Nobody but a reviewer sees them, and each view is logged.
    page = reverse("admin:accounts_identityproof_change", args=[proof.pk])
    picture = reverse("admin:accounts_identityproof_picture", args=[proof.pk, "front"])
    decide = reverse("admin:accounts_identityproof_decide", args=[proof.pk])
    stranger = operator_of("eve", "view_person", "view_consumer")
    assert [stranger.get(one).status_code for one in (page, picture)] == [403, 403]
    assert stranger.post(decide, {"outcome": "accept", "reason": "x"}).status_code == 403
    assert Look.objects.filter(page="identity").count() == 0
    reviewer = operator_of("rita", "review_proof")
    assert consumer.name in reviewer.get(page).content.decode()
    shown = reviewer.get(picture)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"], "no-store" in shown["Cache-Control"]) == ("image/jpeg", "nosniff", True)
    with Image.open(io.BytesIO(shown.content)) as one:
        assert (one.size, len(one.getexif())) == ((400, 640), 0)
    assert reviewer.get(picture.replace("front", "back")).status_code == 404
    assert Look.objects.filter(page="identity", consumer=consumer, user__email="rita@kvart.example").count() == 3

    # An accepted document has a last day; the person hears of it.
    told = {"outcome": "accept", "reason": "Name, birth date and face are the same.", "once": "a" * 20}
    assert "say when the document ends" in reviewer.post(decide, told).content.decode()
    ends_on = moment.date() + timedelta(days=200)
    reviewer.post(decide, told | {"ends_on": ends_on.isoformat(), "once": "b" * 20})
    proof.refresh_from_db()
    assert (proof.status, proof.ends_on) == ("accepted", ends_on)
    assert "already" in reviewer.post(decide, told | {"outcome": "refuse", "once": "c" * 20}).content.decode()
    assert "You have proved who you are." in text_of(browser.get(PAGE))
    assert end_proofs(at=moment + timedelta(days=199)) == 0
    assert (end_proofs(at=moment + timedelta(days=201)), end_proofs(at=moment + timedelta(days=201))) == (1, 0)
    assert "Your document has ended." in text_of(browser.get(PAGE))
    events = OutboxEvent.objects.filter(name="accounts.proof_settled").order_by("id")
    assert [one.payload["status"] for one in events] == ["accepted", "ended"]
    acts = (
        AuditRow.objects.filter(act__startswith="accounts.proof")
        .exclude(act="accounts.proof_settled")
        .order_by("id")
        .values_list("act", flat=True)
    )
    assert list(acts) == [f"accounts.proof_{one}" for one in ("sent", "review", "accepted", "ended")]


def test_pictures_go_with_time_and_the_decision_stays(person, moment):
    _consumer, browser = person
    browser.post(PAGE, {"document": "passport"} | files(front=photo() + b"\0" * 9_000_000, selfie=photo() + b"\0" * 3_000_000))
    proof = IdentityProof.objects.get()
    forget_old(at=moment + timedelta(days=100))
    assert IdentityPicture.objects.count() == 2
    reviewer = operator_of("rita", "review_proof")
    decide = reverse("admin:accounts_identityproof_decide", args=[proof.pk])
    reviewer.post(decide, {"outcome": "refuse", "reason": "It cannot be read.", "once": "a" * 20})
    forget_old(at=moment + timedelta(days=80))
    assert IdentityPicture.objects.count() == 2
    forget_old(at=moment + timedelta(days=100))
    proof.refresh_from_db()
    assert (IdentityPicture.objects.count(), proof.status, proof.note) == (0, "refused", "It cannot be read.")
    assert "Deleted after their time." in reviewer.get(reverse("admin:accounts_identityproof_change", args=[proof.pk])).content.decode()
    assert "We could not use your pictures." in text_of(browser.get(PAGE))


def test_a_large_purchase_asks_for_pictures_and_goes_on_after_the_answer(client, open_checkout, sign_in, moment, email):
    told = {"document_from_minor": 20_000, "selfie_from_minor": 40_000}
    level_rows.keep([MarketSetting(market_id="US", key=IDENTITY_LEVELS, value=told, valid_from=date(2025, 1, 1))])
    checkout = open_checkout(22_900)
    consumer = identify(checkout=checkout, email=email("+approve"), at=moment)
    asked = [level_missing(consumer, amount, "US", moment) for amount in (19_999, 20_000, 39_999, 40_000)]
    assert asked == ["", "document", "document", "selfie"]
    sign_in(client, consumer)
    page, send = f"/checkout/{checkout.public_id}", f"/pictures/{checkout.public_id}"
    text = text_of(client.get(page))
    assert ("For a purchase of this size" in text, 'name="front"' in text, 'name="selfie"' in text) == (True, True, False)
    # No other door decides meanwhile, nor does an account of another market lead around it.
    Consumer.objects.filter(pk=consumer.pk).update(market="DK")
    with pytest.raises(PicturesNeeded):
        checkouts.decide(checkout_id=checkout.id, at=moment)
    Consumer.objects.filter(pk=consumer.pk).update(market="US")
    with pytest.raises(PicturesNeeded):
        checkouts.decide(checkout_id=checkout.id, at=moment)
    client.post(f"{page}/proceed")
    assert Decision.objects.filter(reference=checkout.public_id).count() == 0
    sent = {"document": "card"} | files(front=photo(), back=REFUSED["pdf before a photo"])
    assert "only photos, as JPEG or PNG" in text_of(asked_again(client.post(send, sent)))
    assert Client().post(send, {"document": "passport"} | files(front=photo())).status_code == 302
    assert IdentityProof.objects.count() == 0
    client.post(send, {"document": "passport"} | files(front=photo()))
    proof = IdentityProof.objects.get()
    assert (proof.level, proof.reference, proof.consumer_id) == ("document", checkout.public_id, consumer.pk)
    waiting = client.get(page)
    assert ("We are looking at your pictures." in text_of(waiting), waiting["Refresh"]) == (True, "10")
    told = {"proof_id": proof.pk, "reason": "It is them.", "ends_on": moment.date() + timedelta(days=9), "at": moment}
    decide_proof(accepts=True, user=make_operator("rita@kvart.example", may=["review_proof"]), **told)
    assert "See my plans" in text_of(client.get(page))
    client.post(f"{page}/proceed")
    assert Decision.objects.get(reference=checkout.public_id).outcome == "approve"
    # A larger one asks for the person too, and a document that has ended counts no more.
    assert [level_missing(consumer, amount, "US", moment) for amount in (20_000, 40_000)] == ["", "selfie"]
    end_proofs(at=moment + timedelta(days=10))
    assert level_missing(consumer, 20_000, "US", moment) == "document"


def test_a_phone_takes_the_pictures_for_a_page_on_another_screen(person, moment):
    consumer, browser = person
    assert 'href="?phone=1"' in browser.get(PAGE).content.decode()
    page = browser.get(f"{PAGE}?phone=1")
    assert ("data:image/svg+xml" in page.content.decode(), page["Refresh"]) == (True, "10")
    path, phone = phone_path(consumer, level="selfie", at=moment), Client()
    shown = phone.get(path)
    assert "Take the pictures" in text_of(shown)
    assert consumer.name not in shown.content.decode()
    sent = {"document": "passport"} | files(front=photo())
    assert "Take this picture." in text_of(asked_again(phone.post(path, sent)))
    for forged in (path + "x", path.replace("by-phone/", "by-phone/x"), f"/pictures/by-phone/{signing.dumps([consumer.public_id])}"):
        assert phone.post(forged, sent).status_code == 404
    over = phone_path(consumer, level="selfie", at=moment - timedelta(minutes=21))
    assert "This code has ended" in text_of(phone.get(over))
    phone.post(over, sent | files(front=photo(), selfie=photo()))
    assert IdentityProof.objects.count() == 0
    for _again in range(2):
        phone.post(path, sent | files(front=photo(), selfie=photo()))
    assert IdentityProof.objects.get().consumer == consumer
    assert "We have your pictures." in text_of(phone.get(path))
    # The phone is signed in nowhere, and the page on the other screen goes on.
    assert phone.get(PAGE)["Location"].startswith("/sign-in")
    page = browser.get(f"{PAGE}?phone=1")
    assert "We are looking at your pictures." in text_of(page)
    assert page["Refresh"] == "10"
