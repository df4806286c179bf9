"""The whole story in a process that is a live installation: `python -m tests.live.story`, in the environment that the test provides.

Its own outside services run in this process; Stripe's and Twilio's protocols are served by a process that the test starts.
"""

import json
import os
import re
import sys
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
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from core import clock, timers  # noqa: E402
from core.money import Money  # noqa: E402
from merchants import services as merchants  # noqa: E402
from merchants.models import Merchant  # noqa: E402
from payments.models import Charge, Payout, Refund  # noqa: E402
from reports.books import check_books  # noqa: E402
from tests.dates import CARD_ENDS  # noqa: E402
from tests.portals.reading import hidden  # noqa: E402

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
    work()
    desk = Browser()
    form = desk.get(link("ada@lender.example", "/admin/password/"), follow=True)
    words = {"new_password1": "slow green kettle", "new_password2": "slow green kettle"}
    assert desk.post(form.redirect_chain[-1][0], words).status_code == 302
    assert desk.post("/admin/login/?next=/admin/", {"username": "ada@lender.example", "password": "slow green kettle"}).status_code == 302
    assert "Work list" in desk.get("/admin/").content.decode()


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


def buy(server: Client) -> str:
    """Buy for 229.00 in four payments, as a person does in a browser; return the order."""
    opened = ask(
        server,
        "checkouts",
        BASKET | {"merchant_reference": "R-1"},
        "k-1",
    )
    page, base = Browser(), f"/checkout/{opened['id']}"
    page.get(base)
    page.post(f"{base}/contact", {"contact": EMAIL})
    assert page.post(f"{base}/code", {"code": code(EMAIL)}).status_code == 302
    page.post(f"{base}/details", DETAILS)
    plans = page.get(base).content.decode()
    assert "How do you want to pay?" in plans, plans
    there = page.post(f"{base}/card", {"plan": "pay_in_4"})["Location"]
    form = {"number": "4242424242424242", "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}
    back = requests.post(there, data=form, timeout=30, allow_redirects=False).headers["Location"]
    page.get(back.removeprefix(f"https://{HOST}"))
    pay = page.get(f"{base}/pay", {"plan": "pay_in_4"})
    card = re.search(r'name="card" value="(pm_\w+)"', pay.content.decode())
    done = page.post(f"{base}/confirm", hidden(pay) | ({"card": card[1]} if card else {}))
    assert done.status_code == 303, done.content
    return re.search(r"order=(ord_\w+)", done["Location"])[1]


def no_door_of_the_sandbox(server: Client) -> None:
    """Check that there is no test card, no clock to move, no event of the sandbox's gateway, no seeded person."""
    for path in ("sandbox/clock", "sandbox/gateway/charges", "sandbox/checkouts/chk_x/complete"):
        assert server.post(f"/api/v1/{path}", "{}", content_type="application/json").status_code == 404
    assert Browser().post("/gateways/sandbox/events", "{}", content_type="application/json").status_code == 404
    assert clock.offset() == timedelta()


def no_persona_works(server: Client) -> None:
    """Check that people with an address of a persona of the sandbox are offered plans as anybody is."""
    for number, name in enumerate(("decline", "kyc_fail", "refer")):
        email = f"ben+{name}@people.example"
        opened = ask(server, "checkouts", BASKET | {"merchant_reference": f"P-{name}"}, f"p-{name}")
        page, base = Browser(), f"/checkout/{opened['id']}"
        page.get(base)
        page.post(f"{base}/contact", {"contact": email})
        assert page.post(f"{base}/code", {"code": code(email)}).status_code == 302, name
        page.post(f"{base}/details", DETAILS | {"name": f"Ben {'ABC'[number]}nker", "birth_date": f"198{number}-03-11"})
        plans = page.get(base).content.decode()
        assert "How do you want to pay?" in plans, (name, plans)


def main(account: str) -> None:
    """Run the whole story."""
    call_command("collectstatic", interactive=False, verbosity=0)
    install()
    server = shop(account)
    order = buy(server)
    ask(server, f"orders/{order}/captures", {"amount": 22_900}, "k-2")
    work()
    charge = Charge.objects.get()
    assert (charge.gateway, charge.status, charge.amount_minor) == ("stripe", "succeeded", 5_725)
    ask(server, f"orders/{order}/refunds", {"amount": 20_000, "reason": "Broken"}, "k-3")
    work()
    work(days=3)
    refund, payout = Refund.objects.get(), Payout.objects.get()
    assert {refund.status, payout.status} == {"succeeded"}
    assert {refund.gateway, payout.gateway} == {"stripe"}
    assert "Lamp House" in letter(EMAIL)
    no_door_of_the_sandbox(server)
    no_persona_works(server)
    assert [line for check in check_books() for line in check.offenders] == []
    asked = [path for path, _ in outside.Services.asked]
    assert sorted(asked) == ["/bureau/v1/reports"] * 4 + ["/kyc/v1/checks"] * 4
    print("LIVED", charge.gateway_ref, Money(payout.amount_minor, payout.currency).text())


if __name__ == "__main__":
    main(sys.argv[1])
