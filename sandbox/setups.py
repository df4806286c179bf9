"""Visits to the hosted pages for cards and bank accounts: one for each setup, whichever company opened it."""

import json
import secrets
from dataclasses import asdict
from sqlite3 import Row

from sandbox.accounts import Account
from sandbox.cards import Card
from sandbox.world import CardPage, World

MOST_DECLINES = 5
"""The number of declined cards after which a visit ends."""


def open_setup(
    world: World,
    company: str,
    *,
    email: str,
    reference: str,
    return_url: str,
    currency: str,
    cancel_url: str | None = None,
    merchant_name: str | None = None,
    subject: str | None = None,
    kind: str = "card",
    locale: str | None = None,
) -> Row:
    """Record a new setup of a company for a `card` or an `account`; `subject` is the company's own id of the object that it is for.

    The page is in the language of `locale`, otherwise of the browser.
    """
    values = {
        "id": "seti_" + secrets.token_hex(12),
        "status": "open",
        "customer_email": email,
        "customer_reference": reference,
        "return_url": return_url,
        "cancel_url": cancel_url,
        "merchant_name": merchant_name,
        "currency": currency,
        "at": world.clock.now_ms(),
        "company": company,
        "subject": subject,
        "kind": kind,
        "locale": locale,
    }
    sql = f"INSERT INTO setups ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"  # noqa: S608 - names are ours, values are bound
    world.store.run(sql, values.values())
    return current(world, values["id"])


def find(world: World, setup_id: str) -> Row | None:
    """A setup or None."""
    return world.store.one("SELECT * FROM setups WHERE id = ?", setup_id)


def current(world: World, setup_id: object) -> Row:
    """The current state of an existing setup."""
    row = world.store.one("SELECT * FROM setups WHERE id = ?", setup_id)
    assert row is not None
    return row


def address_of(world: World, row: Row) -> str:
    """The address of the hosted page."""
    return world.url(f"/gateway/{row['kind']}s/{row['id']}")


def side_of(world: World, row: Row) -> CardPage:
    """How the company that opened the setup handles its cards."""
    side = world.companies[row["company"]].card_page
    assert side is not None
    return side


def is_check(row: Row) -> bool:
    """Whether the visit is about a card that the gateway keeps already, its subject."""
    return row["company"] == "gateway" and bool(row["subject"])


def ask_to_confirm(world: World, row: Row, card: Card) -> None:
    """Store the card until its person confirms (3-D Secure)."""
    world.store.run("UPDATE setups SET status = 'requires_action', pending_card = ? WHERE id = ?", [json.dumps(asdict(card)), row["id"]])


def pending_card(row: Row) -> Card:
    """The card that waits for confirmation."""
    return Card(**json.loads(row["pending_card"]))


def finish(world: World, row: Row, card: Card) -> None:
    """Let the company store the card, and close the setup."""
    _close(world, row, "succeeded", side_of(world, row).keep(world, row, card))


def finish_account(world: World, row: Row, account: Account) -> None:
    """Let the company store the bank account, and close the setup."""
    keep = world.companies[row["company"]].keep_account
    assert keep is not None
    _close(world, row, "succeeded", keep(world, row, account))


def cancel(world: World, row: Row) -> None:
    """Close the setup without a card."""
    _close(world, row, "canceled", None)


def close_subject(world: World, company: str, subject: str) -> None:
    """Close the setup of a company's subject without a card."""
    world.store.run("UPDATE setups SET status = 'canceled' WHERE company = ? AND subject = ?", [company, subject])


def reopen(world: World, row: Row) -> None:
    """Drop the card that was not confirmed."""
    world.store.run("UPDATE setups SET status = 'open', pending_card = NULL WHERE id = ?", [row["id"]])


def decline(world: World, row: Row) -> bool:
    """Record a declined card and tell the company; True if the limit is reached, which ends the visit."""
    world.store.run("INSERT INTO setup_declines VALUES (?, ?)", [row["id"], world.clock.now_ms()])
    names = declines(world, row)
    side_of(world, row).declined(world, row, names[-1])
    if len(names) < MOST_DECLINES:
        return False
    cancel(world, row)
    return True


def declines(world: World, row: Row) -> list[str]:
    """A name for each card that was declined on the page, the oldest first."""
    counted = world.store.one("SELECT count(*) AS declines FROM setup_declines WHERE setup = ?", row["id"])
    return [f"{row['id']}.{number}" for number in range(1, counted["declines"] + 1)] if counted else []


def return_address(world: World, row: Row) -> str:
    """The address to go to after the page, as the company makes it."""
    return side_of(world, row).address(row)


def target_of(row: Row) -> str:
    """The return URL; if the person left without a card, the cancel URL if there is one."""
    target: str = row["cancel_url"] if row["status"] == "canceled" and row["cancel_url"] else row["return_url"]
    return target


def _close(world: World, row: Row, status: str, token: str | None) -> None:
    world.store.run("UPDATE setups SET status = ?, payment_method = ?, pending_card = NULL WHERE id = ?", [status, token, row["id"]])
