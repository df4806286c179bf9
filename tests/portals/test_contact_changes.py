"""A new e-mail address or number: asked for after a step-up, proven by a code, undone from the old one, made after the cooling time."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.contacts import services
from accounts.contacts.links import undo_path
from accounts.contacts.models import ContactChange
from accounts.contacts.services import ask_change, make_changes, undo_change
from accounts.errors import ContactRefused, ContactWaits
from accounts.models import Consumer, ConsumerChange, SignInCode
from accounts.queries import find_consumer
from accounts.settable import CONTACT_COOLING
from core import clock
from core.crypto import lookup_hash
from core.errors import Conflict, NotFound
from core.ids import public_id
from core.models import OutboxEvent
from fraud.models import AccountAct
from fraud.states import ActKind
from markets.models import Market
from notifications.handlers import on_contact_moved
from notifications.letters import compose_brief
from notifications.models import Message
from notifications.queries import load_named
from portals.consumer.security.confirming import contact_of
from tests.operators import make_boss
from tests.portals.reading import text_of
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)
COOLING = timedelta(hours=CONTACT_COOLING.default)
PAGE = "/profile/sign-in/contact"
NUMBER = "+12125550177"


@pytest.fixture
def ann(sandbox_world, email) -> Consumer:
    """A consumer who signs in by an address."""
    return account(email())


def account(address: str) -> Consumer:
    return accounts.get_or_create_consumer(channel="email", destination=address, market=Market.objects.get(code="US"), at=clock.now())


def proven(contact: str, at) -> SignInCode:
    """A code that was just typed right."""
    channel = "email" if "@" in contact else "sms"
    return SignInCode.objects.create(
        channel=channel, destination=contact, destination_hash=lookup_hash(contact), sent_at=at, used_at=at, attempts=1
    )


def ask(consumer: Consumer, contact: str, at) -> ContactChange:
    return ask_change(consumer_id=consumer.pk, code=proven(contact, at), at=at)


def letters(at) -> list[tuple[str, str, str]]:
    """Let the handler hear all that came of changes, and return what goes where: status, channel, and to whom."""
    for row in OutboxEvent.objects.filter(name="accounts.contact_moved").order_by("id"):
        on_contact_moved(_Heard(row.payload), at=at)
    found = Message.objects.filter(kind="contact_change").exclude(channel="inbox").order_by("id")
    return [(one.context["what"], one.channel, one.facts["to"]) for one in found]


class _Heard:
    def __init__(self, told: dict[str, str]) -> None:
        self.told = told

    def payload(self) -> dict[str, str]:
        return self.told


def test_a_new_address_waits_and_then_signs_in(client, ann, sign_in, email, moment):
    old, new, phone = ann.email, email(), Client()
    session = sign_in(client, ann, moment - timedelta(hours=1))
    assert session.get(PAGE)["Location"].startswith("/profile/sign-in/confirm")
    sign_in(client, ann)
    sent = client.post(PAGE, {"contact": new})
    assert sent["Location"] == f"{PAGE}/code"
    # A code that was sent for something else changes nothing, even a right one.
    sign_in(phone, ann)
    phone.post("/sign-in", {"contact": new})
    assert phone.post(f"{PAGE}/code", {"code": "111111"})["Location"] == PAGE
    assert "This is not the code that we sent." in text_of(client.get(client.post(f"{PAGE}/code", {"code": "999999"})["Location"]))
    assert not ContactChange.objects.exists()
    assert client.post(f"{PAGE}/code", {"code": "111111"})["Location"] == "/profile/sign-in"
    assert "your e-mail address becomes" in text_of(client.get("/profile/sign-in"))
    # One waits at a time, and until its day everything is as it was.
    assert "A change waits already." in text_of(client.get(client.post(PAGE, {"contact": NUMBER})["Location"]))
    assert make_changes(at=clock.now() + COOLING - timedelta(minutes=5)) == 0
    ann.refresh_from_db()
    assert (contact_of(ann), find_consumer(channel="email", destination=new)) == (old, None)
    assert letters(moment) == [("soon", "email", old)]
    # It is made once; every session ends; both hear of it.
    later = clock.now() + COOLING
    assert [make_changes(at=later), make_changes(at=later)] == [1, 0]
    assert find_consumer(channel="email", destination=new) == ann
    assert find_consumer(channel="email", destination=old) is None
    assert client.get("/profile/sign-in")["Location"].startswith("/sign-in")
    assert sorted(letters(later)[1:]) == sorted([("done", "email", new), ("done", "email", old)])
    assert ConsumerChange.objects.get(consumer=ann, subject="contact").change == {"fields": ["email"]}
    assert AccountAct.objects.filter(consumer=ann, kind=ActKind.CONTACT).count() == 1


def test_the_letter_of_the_old_contact_undoes_it_and_ends_all_sessions(client, ann, sign_in, email, moment):
    old, change = ann.email, ask(ann, NUMBER, moment)
    letters(moment)
    message = Message.objects.get(kind="contact_change", channel="email")
    path = re.search(r"/contact/keep/\S+", compose_brief(message, load_named([message])).url).group()
    assert path == undo_path(change.public_id)
    sign_in(client, ann)
    mail = Client()
    assert "to change the mobile number of your account to ··· 177" in text_of(mail.get(path))
    change.refresh_from_db()
    assert change.is_open, "opening the link does nothing"
    for _again in range(2):
        assert "It stays as it was" in text_of(mail.post(path, follow=True))
    assert client.get("/profile/sign-in")["Location"].startswith("/sign-in")
    assert make_changes(at=moment + COOLING) == 0
    ann.refresh_from_db()
    assert (ann.email, ann.phone, ann.phone_hash) == (old, "", None)
    assert letters(moment) == [("soon", "email", old), ("kept", "email", old)]
    for forged in (f"{path}x", f"/contact/keep/{change.public_id}", path.replace(change.public_id, public_id("ctc", ann.pk))):
        assert mail.get(forged).status_code == 404
    # Afterwards another may be asked for, which the person undoes on their own page; once made, the link undoes nothing.
    again = ask(ann, NUMBER, moment)
    sign_in(client, ann, moment + timedelta(seconds=30))
    client.post(f"{PAGE}/keep")
    again.refresh_from_db()
    assert not again.is_open
    made = ask(ann, NUMBER, moment)
    assert make_changes(at=moment + COOLING) == 1
    assert "The change was made" in text_of(mail.post(undo_path(made.public_id), follow=True))
    with pytest.raises(Conflict, match="was made"):
        undo_change(change_id=made.pk, signs_out=True, actor="x", at=moment)
    ann.refresh_from_db()
    assert (ann.phone, contact_of(ann)) == (NUMBER, NUMBER)
    assert sorted(letters(moment)[-2:]) == [("done", "email", old), ("done", "sms", NUMBER)]


def test_nothing_tells_of_other_accounts(client, ann, sign_in, email, moment):
    taken, free = account(email()), email()
    answers = []
    for contact in (taken.email, free):
        browser = sign_in(Client(), ann)
        sent = browser.post(PAGE, {"contact": contact})
        page = text(browser.get(sent["Location"]))
        wrong = text(browser.get(browser.post(f"{PAGE}/code", {"code": "999999"})["Location"]))
        told = [re.sub(r"Wait \d+ seconds|value=\"[^\"]{64}\"", "", one.replace(contact, "-")) for one in (page, wrong)]
        answers.append((sent.status_code, sent["Location"], *told))
    assert answers[0] == answers[1]
    told = set()
    for contact in (taken.email, ann.email):
        with pytest.raises(ContactRefused) as refused:
            ask(ann, contact, moment)
        told.add(str(refused.value))
    assert told == {"This cannot be used for your account. Choose another."}
    with pytest.raises(Conflict):
        ask_change(consumer_id=ann.pk, code=proven(free, moment - timedelta(hours=1)), at=moment)
    with pytest.raises(NotFound):
        undo_change(change_id=ann.pk, signs_out=False, actor="x", at=moment)
    # Who signs up with it meanwhile keeps it.
    change = ask(ann, free, moment)
    other = account(free)
    assert make_changes(at=moment + COOLING) == 1
    change.refresh_from_db()
    ann.refresh_from_db()
    assert (change.is_open, change.is_made, find_consumer(channel="email", destination=free)) == (False, False, other)
    assert letters(moment)[-1] == ("impossible", "email", ann.email)


def test_of_acts_at_once_each_sees_the_other(ann, email, moment, at_once):
    codes = [proven(email(), moment) for _ in range(4)]
    came = at_once(4, lambda number: ask_change(consumer_id=ann.pk, code=codes[number], at=moment))
    assert sorted(type(one).__name__ for one in came) == ["ContactChange", *["ContactWaits"] * 3]
    assert issubclass(ContactWaits, Conflict)
    (change,) = ContactChange.objects.all()
    due = moment + COOLING
    acts = [lambda: make_changes(at=due), lambda: undo_change(change_id=change.pk, signs_out=True, actor="x", at=due)]
    came = at_once(4, lambda number: acts[number % 2]())
    change.refresh_from_db()
    ann.refresh_from_db()
    assert not change.is_open
    assert (ann.email == change.contact) == change.is_made
    assert sum(one for one in came[::2]) == change.is_made
    assert [isinstance(one, Conflict) for one in came[1::2]] == [change.is_made] * 2
    told = OutboxEvent.objects.filter(name="accounts.contact_moved").count()
    assert told == 2
    # Two accounts want the same; and one who signs up with it at that moment: one has it.
    bob, wanted = account(email()), email()
    for one in (ann, bob):
        ask(one, wanted, moment)
    acts = [lambda: make_changes(at=due), lambda: make_changes(at=due), lambda: account(wanted)]
    came = at_once(3, lambda number: acts[number]())
    assert not [one for one in came if isinstance(one, Exception)]
    assert Consumer.objects.filter(email_hash=lookup_hash(wanted)).count() == 1
    assert not ContactChange.objects.filter(ended_at=None).exists()


def test_a_closed_account_gets_no_new_contact_and_an_error_holds_up_nobody(ann, email, moment, monkeypatch):
    other, new = account(email()), email()
    gone, stays = ask(ann, new, moment), ask(other, email(), moment + timedelta(minutes=1))
    asked = accounts.open_request(consumer=ann, kind="closure", text="", at=moment)
    boss = make_boss("bo@kvart.example", "demo-password", name="Bo")
    accounts.answer_request(request_id=asked.pk, user=boss, outcome="done", answer="Closed.", at=moment + timedelta(hours=1))
    due, real = moment + COOLING + timedelta(hours=1), services._made
    monkeypatch.setattr(services, "_made", lambda key, at: 1 / 0 if key == gone.pk else real(key, at))
    assert make_changes(at=due) == 1
    stays.refresh_from_db()
    assert stays.is_made
    monkeypatch.setattr(services, "_made", real)
    assert make_changes(at=due) == 1
    gone.refresh_from_db()
    assert (gone.is_open, gone.is_made, ConsumerChange.objects.filter(consumer=ann, subject="contact").exists()) == (False, False, False)
