"""The whole story in a process that is a live installation: `python -m tests.live.story`, in the environment that the test provides.

Its own outside services run in this process; Stripe's and Twilio's protocols are served by a process that the test starts.
"""

import json
import os
import re
import sys
import time
from datetime import timedelta
from typing import Any

from tests.live import outside

SERVICES, SMTP = outside.services(), outside.mail()
os.environ |= {
    "IDENTITY_URL": f"http://127.0.0.1:{SERVICES}",
    "BUREAU_URL": f"http://127.0.0.1:{SERVICES}",
    "EMAIL_URL": f"smtp://127.0.0.1:{SMTP}",
}

# The imports below read the settings.
import django  # noqa: E402

django.setup()

import requests  # noqa: E402
import stripe  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from standardwebhooks import Webhook, WebhookVerificationError  # noqa: E402

from checkout.models import Order, OrderReview  # noqa: E402
from core import clock, relay, timers  # noqa: E402
from core.models import Delivery as Outbox  # noqa: E402
from core.moments import amount_words  # noqa: E402
from core.money import Money  # noqa: E402
from merchants import services as merchants  # noqa: E402
from merchants.models import Merchant, Settlement  # noqa: E402
from payments.models import Charge, Payout, Refund  # noqa: E402
from payments.models.events import GatewayEvent  # noqa: E402
from plans.models import Installment  # noqa: E402
from reports.books import check_books  # noqa: E402
from sandbox.companies import COMPANIES  # noqa: E402
from simulation import urls as sandbox_doors  # noqa: E402
from tests.codes import code_of  # noqa: E402
from tests.dates import CARD_ENDS  # noqa: E402
from tests.live.walk import DESK, PHONE, Window, windows  # noqa: E402
from tests.operators import make_operator  # noqa: E402
from tests.portals.reading import hidden  # noqa: E402
from webhooks import handlers as hearing  # noqa: E402
from webhooks.gateways.http import Answer  # noqa: E402
from webhooks.models import Delivery  # noqa: E402
from webhooks.services import create_endpoint, deliveries  # noqa: E402

HOST = "pay.lender.example"
WORLD = os.environ["STRIPE_API_BASE"].removesuffix("/stripe")
DETAILS = {
    "name": "Anna Nielsen",
    "birth_date": "1990-05-31",
    "line1": "1 Main St",
    "postal_code": "10001",
    "city": "New York",
    "region": "NY",
}
EMAIL = "anna@people.example"
BASKET = {
    "amount": 22_900,
    "currency": "USD",
    "items": [{"name": "Lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}],
    "urls": {"confirmation": "https://lamps.example/thanks", "cancel": "https://lamps.example/basket"},
}


class Browser(Client):
    """A browser behind the proxy that ends TLS."""

    def request(self, **request: Any) -> Any:
        return super().request(**request | {"HTTP_HOST": HOST, "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "192.0.2.7"})


def work(**later: int) -> None:
    """Run the workers' tasks that are due now, or after a delay."""
    timers.run_until_quiet(at=clock.now() + timedelta(**later))


def letter(to: str) -> str:
    """Return the newest e-mail to an address."""
    mails = [mail for mail in outside.Mail.taken if to in str(mail["To"])]
    assert mails, f"no mail to {to}: {[str(mail['To']) for mail in outside.Mail.taken]}"
    return str(mails[-1].get_body(preferencelist=("plain",)).get_content())


def link(to: str, path: str) -> str:
    """Return the link in the newest e-mail to an address, without the host."""
    return re.search(rf"https://{HOST}({path}\S+)", letter(to).replace("=\n", ""))[1]


def install() -> None:
    """Make the installation and its first operator by the deployment page's commands."""
    call_command("install", operator_email="ada@lender.example", operator_name="Ada Berg")
    # This database's tables were made with a sandbox's variables; a live installation's first brand is made from its own.
    call_command("brand", "main", set=[f"supervision={os.environ['BRAND_SUPERVISION']}"])
    work()
    desk = Browser()
    form = desk.get(link("ada@lender.example", "/admin/password/"), follow=True)
    words = {"new_password1": "slow green kettle", "new_password2": "slow green kettle"}
    assert desk.post(form.redirect_chain[-1][0], words).status_code == 302
    assert desk.post("/admin/login/?next=/admin/", {"username": "ada@lender.example", "password": "slow green kettle"}).status_code == 302
    set_up_app(desk, "ada@lender.example")
    assert "Work list" in desk.get("/admin/").content.decode()


def set_up_app(desk: Client, email: str) -> None:
    """Set up the app with codes that everybody who works here needs."""
    assert desk.get("/admin/")["Location"].startswith("/staff/second-factor")
    desk.post(reverse("staff_factor_begin"))
    assert "I have kept them" in desk.post(reverse("staff_factor_confirm"), {"code": code_of(email, steps=-1)}).content.decode()


def shop(account: str) -> Client:
    """Open a shop, and return its server."""
    given = {"name": "Lamp House", "legal_name": "Lamp House LLC", "market": "US", "payout_destination": account}
    call_command("open_shop", **given, owner_email="owner@lamps.example", origin=["https://lamps.example"])
    work()
    assert link("owner@lamps.example", "/")
    _, secret = merchants.create_api_key(merchant=Merchant.objects.get(), kind="secret", name="Shop", actor="test", at=clock.now())
    assert secret.startswith("sk_live_")
    return Browser(headers={"Authorization": f"Bearer {secret}"})


def ask(server: Client, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Call the API and return its answer."""
    answer = server.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key})
    assert answer.status_code in (200, 201), (path, answer.content)
    return dict(answer.json())


def code(to: str) -> str:
    """Return the code in the newest message by the provider of codes."""
    found = requests.get(f"{WORLD}/mailbox/api/messages", params={"to": to}, timeout=10).json()["data"]
    return re.search(r"\d{6}", found[0]["text"])[0]


def buy(
    server: Client,
    reference: str,
    *,
    email: str = EMAIL,
    details: dict[str, str] = DETAILS,
    plan: str = "pay_in_4",
    card: str = "4242424242424242",
    bank_confirms: bool = False,
    **basket: Any,
) -> str:
    """Buy with a new card, as a person does in a browser who was not here before; return the order.

    `bank_confirms`: a rule about fraud lets the card's bank confirm it first; the bank refuses once.
    """
    opened = ask(server, "checkouts", BASKET | {"merchant_reference": reference} | basket, f"buy-{reference}")
    page, base = Browser(), f"/checkout/{opened['id']}"
    page.get(base)
    page.post(f"{base}/contact", {"contact": email})
    assert page.post(f"{base}/code", {"code": code(email)}).status_code == 302
    page.post(f"{base}/details", details)
    plans = page.get(base).content.decode()
    assert "How do you want to pay?" in plans, plans
    there = page.post(f"{base}/card", {"plan": plan})["Location"]
    form = {"number": card, "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}
    back = requests.post(there, data=form, timeout=30, allow_redirects=False).headers["Location"]
    page.get(back.removeprefix(f"https://{HOST}"))
    pay = page.get(f"{base}/pay", {"plan": plan})
    kept = re.search(r'name="card" value="(pm_\w+)"', pay.content.decode())
    wish = hidden(pay) | ({"card": kept[1]} if kept else {})
    done = page.post(f"{base}/confirm", wish)
    if bank_confirms:
        pay = page.get(confirmed_by_the_bank(page, done["Location"]))
        done = page.post(f"{base}/confirm", wish | hidden(pay))
    assert done.status_code in (302, 303), done.content
    return Order.objects.get(merchant_reference=reference).public_id


def confirmed_by_the_bank(page: Browser, step: str) -> str:
    """Go to the bank's page of Stripe's protocol, refuse there once, then confirm; return where the person agrees again."""
    assert "/card-check?" in step, step
    for answer in ("no", "yes"):
        shown = page.get(step)
        assert "your bank asks you to confirm your card" in shown.content.decode()
        bank = page.post(step.partition("?")[0], hidden(shown))["Location"]
        assert bank.startswith(f"{WORLD}/stripe/confirm/seti_"), bank
        back = requests.post(bank, data={"answer": answer}, timeout=30, allow_redirects=False).headers["Location"]
        step = back.removeprefix(f"https://{HOST}")
    return str(page.get(step)["Location"])


def paid_later(server: Client) -> None:
    """Buy with the first buyer's card, which the bank confirms, and pay at the capture, and again by a worker on the second day."""
    person = {"email": "cleo@people.example", "details": DETAILS | {"name": "Cleo Winther", "birth_date": "1981-04-02"}}
    order = buy(server, "R-2", **person, bank_confirms=True)
    ask(server, f"orders/{order}/captures", {"amount": 22_900}, "later-1")
    work()
    work(days=15)
    paid = Installment.objects.filter(plan__order__merchant_reference="R-2").order_by("number").values_list("number", "status")
    assert list(paid[:3]) == [(1, "paid"), (2, "paid"), (3, "scheduled")], list(paid)
    assert Charge.objects.filter(reference__in=plans_of("R-2"), status="succeeded", gateway="stripe").count() == 2


def declined_and_tried_again(server: Client) -> None:
    """Buy with a card that is declined on the day of the payment: it is tried on that day, and again on a later one."""
    told = {"name": "Emil Holt", "birth_date": "1984-02-17"}
    person = {"email": "emil@people.example", "details": DETAILS | told}
    order = buy(server, "R-4", plan="pay_in_30", card="4000000000000341", **person)
    ask(server, f"orders/{order}/captures", {"amount": 22_900}, "declined-1")
    work()
    work(days=31)
    tries = Charge.objects.filter(reference__in=plans_of("R-4")).order_by("created_at")
    assert [(one.gateway, one.status) for one in tries] == [("stripe", "failed")]
    work(days=33)
    assert [(one.gateway, one.status) for one in tries.all()] == [("stripe", "failed")] * 2
    assert Installment.objects.get(plan__order__merchant_reference="R-4").status == "overdue"


def plans_of(reference: str) -> list[str]:
    """Return the plans of a shop's reference."""
    return [one.plan.public_id for one in Installment.objects.filter(plan__order__merchant_reference=reference).select_related("plan")]


def decided_by_two(server: Client) -> None:
    """Buy so much of one item that the order is held; one operator prepares it, another approves it, on the back office's pages."""
    many = [{"name": "Lamp", "quantity": 20, "unit_amount": 1_000, "amount": 20_000}]
    told = {"name": "Dora Falk", "birth_date": "1979-09-12"}
    person = {"email": "dora@people.example", "details": DETAILS | told, "card": "5555555555554444"}
    order = buy(server, "R-3", **person, amount=20_000, items=many)
    review = OrderReview.objects.get(order__merchant_reference="R-3")
    assert (review.status, server.get(f"/api/v1/orders/{order}").json()["status"]) == ("waiting", "pending_review")
    page = reverse("admin:checkout_orderreview_change", args=[review.pk])
    first, second = (signed_in(name, right) for name, right in (("oda", "prepare_review"), ("per", "decide_review")))
    first.post(reverse("admin:checkout_orderreview_prepare", args=[review.pk]), {"recommendation": "approve", "note": "A hotel."})
    seen = re.search(r'name="seen" value="(\d+)"', second.get(page).content.decode())[1]
    decision = {"decision": "approve", "reason": "A hotel buys lamps.", "seen": seen, "confirmed": "1"}
    second.post(reverse("admin:checkout_orderreview_decide", args=[review.pk]), decision)
    assert server.get(f"/api/v1/orders/{order}").json()["status"] == "authorized"


def signed_in(name: str, right: str) -> Browser:
    """Return the browser of a new operator who may do one thing."""
    make_operator(f"{name}@lender.example", "slow green kettle", may=[right, "view_orderreview", "view_order", "view_person"])
    desk = Browser()
    told = {"username": f"{name}@lender.example", "password": "slow green kettle"}
    assert desk.post("/admin/login/?next=/admin/", told).status_code == 302
    set_up_app(desk, told["username"])
    return desk


def stripe_tells(charge: Charge) -> None:
    """Let Stripe's event about a payment arrive by its door: with another signature, as it is sent, and once more."""
    thing = {"id": charge.gateway_ref, "object": "payment_intent", "metadata": {"reference": str(charge.pk)}}
    body = json.dumps({"id": "evt_live", "object": "event", "type": "payment_intent.succeeded", "data": {"object": thing}})
    stamp = int(time.time())

    def arrive(secret: str) -> int:
        signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", secret)
        told = {"content_type": "application/json", "headers": {"Stripe-Signature": f"t={stamp},v1={signature}"}}
        return int(Browser().post("/gateways/stripe/events", body, **told).status_code)

    before = GatewayEvent.objects.count()
    assert arrive("whsec_another") in (400, 401, 403)
    assert GatewayEvent.objects.count() == before
    assert [arrive(os.environ["STRIPE_WEBHOOK_SECRET"]) for _ in range(2)] == [204, 204]
    assert GatewayEvent.objects.count() == before + 1
    work()
    assert Charge.objects.get(pk=charge.pk).status == "succeeded"


def shop_listens() -> list[str]:
    """Give the shop an endpoint; return the types of events that arrive at it, each verified as a shop does.

    Live posts to public addresses only, by https: the last step, from the signed request to the shop, is a call here.
    """
    endpoint = create_endpoint(merchant=Merchant.objects.get(), url="https://lamps.example/hooks", at=clock.now(), actor="test")
    receiver, heard = Webhook(endpoint.secrets[0]["secret"]), []

    def arrive(url: str, *, headers: dict[str, str], body: bytes, sandbox: bool) -> Answer:
        assert (url, sandbox) == (endpoint.url, False)
        heard.append(receiver.verify(body, headers)["type"])
        try:
            receiver.verify(body + b" ", headers)
        except WebhookVerificationError:
            return Answer(200, "", "", 1)
        return Answer(500, "", "a changed body was taken", 1)

    deliveries.post = arrive
    return heard


def nobody_hears_of_the_settlement() -> Outbox:
    """Make the statements of three days while what tells shops of the one that is paid out is broken: it is tried until it is given up."""

    def broken(*, data: dict[str, Any], **told: Any) -> Any:
        if data.get("payout"):
            raise ConnectionError("the receiver hung up")
        return record(data=data, **told)

    record, hearing.record_event = hearing.record_event, broken
    work(days=3)
    failed = Outbox.objects.get(done_at=None, event__name="merchants.settlement_made")
    for _ in range(relay.MAX_ATTEMPTS - failed.attempts):
        Outbox.objects.filter(pk=failed.pk).update(next_at=clock.wall())
        work()
    hearing.record_event = record
    return failed


def walk(chromium: str, payout: Payout, failed: Outbox, heard: list[str]) -> None:
    """Read the settlement as merchant and as operator, each in a browser of their own, and let its event be told after all."""
    amount, statement = amount_words(payout.amount_minor, payout.currency), Settlement.objects.get(payout=payout)
    day = f"{statement.date:%b} {statement.date.day}, {statement.date.year}"
    with windows(chromium, HOST) as open_window:
        owner, desk = open_window(PHONE), open_window(DESK)
        the_merchant_reads_it(owner, day, amount)
        the_operator_reads_it(desk, amount)
        the_operator_tells_it_again(desk, failed, heard)


def the_merchant_reads_it(owner: Window, day: str, amount: str) -> None:
    """Join the shop's team by the mail's link on a phone, and read what was paid out, where to, and for which order."""
    assert "Join the team of Lamp House" in owner.go(link("owner@lamps.example", "/merchant/invitations/"))
    owner.fill(password="warm yellow lamp")
    owner.press("Join the team")
    owner.press("Set up an app")
    owner.fill(code=code_of("owner@lamps.example", steps=-1, lasts_s=20))
    owner.press("Continue")
    owner.follow("I have kept them")
    listed = owner.go("/merchant/settlements")
    assert f"{day} Paid out" in listed, listed
    read = owner.follow(day)
    for words in (
        "R-1 Capture",
        "$229.00 -$9.16 $219.84",
        "R-1 Refund",
        "-$200.00 $8.00 -$192.00",
        f"Paid out to you {amount} To account ····",
    ):
        assert words in read, (words, read)


def the_operator_reads_it(desk: Window, amount: str) -> None:
    """Sign in on a desk, find the statement, and read its lines, its payout and what was booked."""
    desk.go("/admin/login/?next=/admin/")
    desk.fill(username="ada@lender.example", password="slow green kettle")
    with desk.page.expect_navigation():
        desk.page.press("[name=password]", "Enter")
    desk.fill(code=code_of("ada@lender.example", lasts_s=20))
    desk.press("Sign in")
    desk.go("/admin/merchants/settlement/")
    read = desk.click(desk.page.locator("tr", has_text=amount).get_by_role("link").first)
    for words in (
        "Lamp House",
        "The balance was paid out to the shop's bank.",
        "2 lines",
        "Captured R-1",
        "Refunded R-1",
        "$219.84",
        amount,
    ):
        assert words in read, (words, read)
    payout = desk.follow(amount)
    for words in ("The gateway sent it to the shop's bank.", "stripe", "In the ledger"):
        assert words in payout, (words, payout)


def the_operator_tells_it_again(desk: Window, failed: Outbox, heard: list[str]) -> None:
    """Find the event that nobody heard on the work list, read why, try it again, and see that it is heard and gone."""
    before = heard.count("settlement.created")
    desk.go("/admin/?kind=event")
    read = desk.click(desk.page.locator(f"a[href$='{reverse('admin:core_delivery_change', args=[failed.pk])}']"))
    for words in ("25 tries failed.", "A server or provider did not answer in time.", "Nothing more happens by itself."):
        assert words in read, (words, read)
    told = desk.press("Try again now")
    assert "It is tried again now." in told, told
    work()
    assert heard.count("settlement.created") == before + 1
    assert "Everything was delivered" in desk.go("/admin/core/delivery/")


def no_door_of_the_sandbox(server: Client) -> None:
    """Check that no address of the sandbox answers: no clock to move, no charges of its gateway, no purchase to complete, no event."""
    doors = [f"sandbox/{re.sub('<[^>]*>', 'chk_x', str(one.pattern))}" for one in sandbox_doors.urlpatterns]
    assert len(doors) >= 3
    for path in doors:
        assert server.get(f"/api/v1/{path}").status_code == 404, path
        assert server.post(f"/api/v1/{path}", "{}", content_type="application/json").status_code == 404, path
    assert Browser().post("/gateways/sandbox/events", "{}", content_type="application/json").status_code == 404
    assert clock.offset() == timedelta()


def no_persona_works(server: Client) -> list[str]:
    """Check that people with an address of any persona of the sandbox, of whatever company, are offered plans as anybody is."""
    names = [persona.name for company in COMPANIES for persona in company.personas]
    assert len(names) >= 12
    for number, name in enumerate(names):
        email = f"ben+{name}@people.example"
        opened = ask(server, "checkouts", BASKET | {"merchant_reference": f"P-{name}"}, f"p-{name}")
        page, base = Browser(), f"/checkout/{opened['id']}"
        page.get(base)
        page.post(f"{base}/contact", {"contact": email})
        assert page.post(f"{base}/code", {"code": code(email)}).status_code == 302, name
        page.post(f"{base}/details", DETAILS | {"name": f"Ben {chr(65 + number)}nker", "birth_date": f"19{70 + number}-03-11"})
        plans = page.get(base).content.decode()
        assert "How do you want to pay?" in plans, (name, plans)
    return names


def main(account: str, chromium: str) -> None:
    """Run the whole story; what people read in a browser is left out without a `chromium`, the path of one."""
    call_command("collectstatic", interactive=False, verbosity=0)
    install()
    server = shop(account)
    heard = shop_listens()
    order = buy(server, "R-1")
    ask(server, f"orders/{order}/captures", {"amount": 22_900}, "k-2")
    work()
    charge = Charge.objects.get()
    assert (charge.gateway, charge.status, charge.amount_minor) == ("stripe", "succeeded", 5_725)
    stripe_tells(charge)
    ask(server, f"orders/{order}/refunds", {"amount": 20_000, "reason": "Broken"}, "k-3")
    work()
    failed = nobody_hears_of_the_settlement()
    refund, payout = Refund.objects.get(), Payout.objects.get()
    assert {refund.status, payout.status} == {"succeeded"}
    assert {refund.gateway, payout.gateway} == {"stripe"}
    assert "Lamp House" in letter(EMAIL)
    if chromium:
        walk(chromium, payout, failed, heard)
    decided_by_two(server)
    no_door_of_the_sandbox(server)
    names = no_persona_works(server)
    paid_later(server)
    declined_and_tried_again(server)
    assert {"order.authorized", "order.captured", "order.refunded", "order.held", "order.approved", "settlement.created"} <= set(heard)
    late = Delivery.objects.exclude(status="delivered")
    waiting = list(late.values_list("event__type", "status", "attempts__error", "next_at"))
    assert waiting == [], waiting
    assert [line for check in check_books() for line in check.offenders] == []
    asked = [path for path, _ in outside.Services.asked]
    people = 4 + len(names)
    assert sorted(asked) == ["/bureau/v1/reports"] * people + ["/kyc/v1/checks"] * people
    print("LIVED", charge.gateway_ref, Money(payout.amount_minor, payout.currency).text())


if __name__ == "__main__":
    main(*sys.argv[1:3])
