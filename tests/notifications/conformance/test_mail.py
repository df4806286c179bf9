"""What every account for mail does: a letter arrives whole, each once, a refused one stops no other, and no answer may be tried again."""

import uuid

import pytest
from django.core.mail import EmailMultiAlternatives

from core import provider_calls, providers
from core.clock import wall
from core.models import ProviderAccount
from core.provider_accounts import save_account
from core.provider_calls import list_health
from core.providers import Capability
from notifications.gateways.mail import MailUnavailable, of_account
from notifications.models import Message
from notifications.services import send_messages
from tests import outside_accounts
from tests.brands.cast import make_bank
from tests.certificates import self_signed
from tests.live import outside
from tests.live.outside import Mail
from tests.notifications.conftest import AT
from tests.notifications.test_sending import queue

SENDER = "Kvart <no-reply@kvart.example>"
HTML = "<p>57,25 kr. forfalder på fredag — “Åse” 🙂</p>"


@pytest.fixture
def server(settings):
    """Give the port of a mail server, which is the installation's own."""
    port = outside.mail()
    about = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_SECURITY": "none", "MAIL_USER": "", "MAIL_PASSWORD": ""}
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | about
    Mail.taken.clear()
    yield port
    Mail.deaf, Mail.certificate = False, ""
    Mail.taken.clear()
    providers.forget()


@pytest.fixture(params=["sandbox-mail", "smtp"])
def account(request, server, sandbox_world, settings):
    settings.EMAIL_BACKEND = "notifications.gateways.mailbox.MailboxBackend"
    return request.param


@pytest.fixture
def mailer(account):
    return providers.connect(account)


@pytest.fixture
def read(account, sandbox_world, settings):
    """Give a function that reads what arrived for somebody: pairs of subject and sender, and the newest one's text and HTML."""
    world = outside_accounts.Outside(sandbox_world, settings.SANDBOX_KEY)

    def arrived(to):
        if account == "smtp":
            mine = [mail for mail in Mail.taken if mail["To"] == to]
            return [(m["Subject"], m["From"], *(m.get_body([kind]).get_content().strip() for kind in ("plain", "html"))) for m in mine]
        found = world.read("/mailbox/api/messages", to=to)["data"]
        return [(one["subject"], one["from"], one["text"].strip(), one["html"].strip()) for one in found]

    return arrived


@pytest.fixture
def away(account, sandbox_world, settings):
    """Give a function that makes the server stop answering, until the test ends."""
    world = outside_accounts.Outside(sandbox_world, settings.SANDBOX_KEY)

    def stop():
        world.chaos("mailbox", fail_rate=1)
        Mail.deaf = True

    yield stop
    world.chaos("mailbox")


def somebody():
    return f"{uuid.uuid4().hex}@people.example"


def letter(to, subject="57,25 kr. — fredag", text="Åse 🙂"):
    mail = EmailMultiAlternatives(subject, text, SENDER, [to], headers={"Message-ID": f"<{uuid.uuid4().hex}@kvart.example>"})
    mail.attach_alternative(HTML, "text/html")
    return mail


def test_it_works(mailer):
    mailer.health()


def test_a_letter_arrives_whole_and_once(mailer, read):
    to = somebody()
    mailer.send([letter(to)])
    assert read(to) == [("57,25 kr. — fredag", SENDER, "Åse 🙂", HTML)]


def test_many_letters_go_in_one_call(mailer, read):
    people = [somebody() for _ in range(5)]
    mailer.send([letter(to, subject=f"No. {number}") for number, to in enumerate(people)])
    assert [[one[0] for one in read(to)] for to in people] == [[f"No. {number}"] for number in range(5)]


def test_no_answer_raises(mailer, away):
    away()
    with pytest.raises(Exception, match=r"."):
        mailer.send([letter(somebody())])


# -- the mail server alone


@pytest.fixture
def secured(tmp_path, monkeypatch):
    """Make the server ask for TLS and a password; its certificate is trusted here."""
    Mail.certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", Mail.certificate)


ENTRY = {"security": "starttls", "user": "mailer", "password": "letmein"}


def test_a_password_is_told_after_the_line_is_encrypted(server, secured):
    mailer = outside_accounts.other("smtp", ENTRY)
    mailer.health()
    mailer.send([letter("anna@people.example")])
    assert [mail["To"] for mail in Mail.taken] == ["anna@people.example"]


@pytest.mark.parametrize("values", [ENTRY | {"password": "wrong"}, ENTRY | {"security": "tls"}, {"security": "starttls"}, {}])
def test_who_is_not_let_in_sends_nothing(server, secured, values):
    mailer = outside_accounts.other("smtp", values)
    with pytest.raises(Exception, match=r"."):
        mailer.send([letter("anna@people.example")])
    assert Mail.taken == []


def test_a_server_that_is_not_trusted_or_cannot_encrypt_is_told_no_password(server, secured, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    for certificate in (Mail.certificate, ""):
        Mail.certificate = certificate
        with pytest.raises(Exception, match=r"."):
            outside_accounts.other("smtp", ENTRY).send([letter("anna@people.example")])
    with pytest.raises(MailUnavailable):
        outside_accounts.other("smtp", ENTRY | {"security": "none"})
    assert Mail.taken == []


# -- the product's letters by it


@pytest.fixture
def mine(db, server):
    """Give an account of a brand on a server: `mine("bank", port)`."""

    def make(brand="", port=server, code="own", **more):
        values = {"host": "127.0.0.1", "port": str(port), "security": "none", "user": "", "password": ""} | more
        return save_account(
            code=code, provider="smtp", capabilities=["mail"], market="", brand=brand, priority=1, active=True, values=values, actor="t",
            at=wall(),
        )  # fmt: skip

    return make


def test_each_brand_sends_by_its_own_server(mine, person, settings, monkeypatch):
    bank = make_bank()
    mine(bank.code)
    ours, theirs = person(), person()
    theirs.brand = bank
    theirs.save()
    for someone in (ours, theirs):
        queue(someone)
    sent = []
    monkeypatch.setattr("notifications.gateways.mail.SandboxMailer.send", lambda _self, mails: sent.extend(mail.to[0] for mail in mails))
    assert send_messages(at=AT) == 2
    assert [mail["To"] for mail in Mail.taken] == [theirs.email]
    assert bank.name in str(Mail.taken[0]["From"])
    assert sent == [ours.email]


def test_a_failing_server_is_seen_and_its_letters_are_tried_again(mine, person, settings):
    settings.MAIL = "nobody"
    provider_calls.forget()
    mine()
    someone = person()
    queue(someone)
    Mail.deaf = True
    send_messages(at=AT)
    message = Message.objects.get(channel="email")
    assert (message.status, message.tries) == ("queued", 1)
    provider_calls.write_now()
    health = list_health(hours=2, at=wall())["own"]
    assert (health.calls, health.failed, health.error) == (1, 1, "SMTPServerDisconnected")
    Mail.deaf = False
    Message.objects.update(next_at=wall())
    send_messages(at=AT)
    message.refresh_from_db()
    assert (message.status, [mail["To"] for mail in Mail.taken]) == ("sent", [someone.email])


def test_the_next_account_sends_what_the_first_one_does_not(mine, person):
    mine(code="first", port=9)
    mine(code="second")
    someone = person()
    queue(someone)
    send_messages(at=AT)
    assert [mail["To"] for mail in Mail.taken] == [someone.email]
    assert Message.objects.get(channel="email").status == "sent"


def test_a_recipient_that_the_server_refuses_stops_no_other_letter(mine, person, settings):
    settings.MAIL = "nobody"
    mine(code="only")
    people = [person() for _ in range(8)]
    for number in (0, 2, 3, 4, 6):
        people[number].email = f"nobody@{number}.example"
        people[number].save()
    for someone in people:
        queue(someone)
    send_messages(at=AT)
    got = [people[number].email for number in (1, 5, 7)]
    assert sorted(mail["To"] for mail in Mail.taken) == sorted(got)
    assert Message.objects.filter(channel="email", status="sent").count() == 3


def test_a_server_that_breaks_off_again_and_again_is_left_alone(mine, person, monkeypatch):
    mine(code="only")
    calls = []

    class Broken:
        def send(self, mails):
            calls.append(len(mails))
            mails[0].message()
            raise TimeoutError("no answer")

    monkeypatch.setattr(providers, "connect", lambda _code: Broken())
    monkeypatch.setattr(providers, "in_order", lambda *_, **__: [providers.get_account("only")])
    for number in range(10):
        queue(person(), subject=str(number))
    send_messages(at=AT)
    assert calls == [10, 9, 8]
    assert Message.objects.filter(channel="email", status="queued", tries=1).count() == 10


def test_a_password_that_is_kept_is_sent_to_no_other_server(mine, server):
    mine(security="starttls", user="mailer", password="letmein")
    given = {"code": "own", "provider": "smtp", "capabilities": ["mail"], "market": "", "priority": 1, "active": True, "actor": "t"}
    same = {"host": "127.0.0.1", "port": str(server), "security": "starttls", "user": "mailer", "password": ""}
    assert save_account(values=same, at=wall(), **given).values["password"] == "letmein"
    for other in ({"host": "collector.example"}, {"port": "26"}, {"security": "none"}):
        assert save_account(values=same | other, at=wall(), **given).values["password"] == ""
        save_account(values=same | {"password": "letmein"}, at=wall(), **given)
    assert "letmein" not in str(ProviderAccount.objects.values_list("changed_by", "code"))


def test_an_installation_has_mail_as_it_has_all_else(settings):
    assert providers.first(Capability.MAIL).code == "sandbox-mail"
    settings.SANDBOX, settings.MAIL = False, "smtp"
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | {"MAIL_HOST": "mail.lender.example", "MAIL_PORT": "465", "MAIL_SECURITY": "tls"}
    account = providers.first(Capability.MAIL)
    assert (account.code, account.values["host"], account.values["security"]) == ("smtp", "mail.lender.example", "tls")
    assert of_account(account)
