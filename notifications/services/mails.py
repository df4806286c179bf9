"""E-mails: written, and given to the accounts of the sending brand, one after the other until one accepts them."""

import uuid
from collections.abc import Collection, Sequence
from email.utils import formataddr
from functools import partial
from itertools import groupby
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from accounts.support import large_print_among
from core import providers
from core.providers import Capability, ProviderMissing
from notifications.gateways.mail import REFUSALS, Mailer
from notifications.gateways.sms import Undeliverable
from notifications.letters import compose_letter, speaker_of
from notifications.models import Message
from notifications.queries import Named
from notifications.services.writing import Outcome, write_each

MOST_STOPS = 3
"""How often a server may stop in the middle of a batch before the batch is given up: each stop can take its whole timeout."""


class Mail(EmailMultiAlternatives):
    """A mail that records whether the backend has begun to send it, which shows where a failing batch stopped."""

    taken_up = False

    def message(self, *args: Any, **kwargs: Any) -> Any:
        """Return the mail in the form in which it is sent."""
        self.taken_up = True
        return super().message(*args, **kwargs)


def send_mails(messages: Sequence[Message], named: Named) -> list[Outcome]:
    """Write mails and send them, those of one brand and market together; return the result of each."""
    people = {message.consumer_id for message in messages if message.consumer_id}
    large = large_print_among(people, min(message.at for message in messages).date()) if people else set()
    written, outcomes = write_each(messages, partial(_mail, named=named, large=large))
    written.sort(key=lambda pair: _speaks(pair[0]))
    for (brand, market), batch in groupby(written, key=lambda pair: _speaks(pair[0])):
        outcomes += _deliver(list(batch), brand, market)
    return outcomes


def _speaks(message: Message) -> tuple[str, str]:
    """Return the brand that sends a message, and its reader's market if there is one."""
    return speaker_of(message).code, message.consumer.market_id if message.consumer else ""


def _deliver(written: Sequence[tuple[Message, Mail]], brand: str, market: str) -> list[Outcome]:
    """Send mails with the first account that accepts them; a mail that one account did not accept goes to the next."""
    try:
        accounts = providers.in_order(Capability.MAIL, market=market, brand=brand)
    except ProviderMissing as error:
        return [Outcome(message, str(error)) for message, _ in written]
    sent: list[Outcome] = []
    failed: list[Outcome] = []
    for account in accounts:
        failed = _hand_over(account.code, written)
        sent += [one for one in failed if not one.error]
        failed = [one for one in failed if one.error]
        left = {one.message.pk for one in failed}
        written = [pair for pair in written if pair[0].pk in left]
        if not written:
            break
    return sent + failed


def _hand_over(account: str, written: Sequence[tuple[Message, Mail]]) -> list[Outcome]:
    """Send mails in one call; if the server stops at one of them, continue after it, so that none is sent twice."""
    outcomes: list[Outcome] = []
    rest, stops = list(written), 0
    for _, mail in rest:
        mail.taken_up = False
    while rest:
        try:
            mailer: Mailer = providers.connect(account)
            mailer.send([mail for _, mail in rest])
            return outcomes + [Outcome(message) for message, _ in rest]
        except Exception as error:  # noqa: BLE001  (each server has errors of its own)
            stops += not isinstance(error, REFUSALS)
            reached = sum(mail.taken_up for _, mail in rest)
            begun = max(0, reached - 1)
            outcomes += [Outcome(message) for message, _ in rest[:begun]]
            # A backend that sends a batch as a whole has begun none of the mails: the whole batch is tried again.
            goes_on = reached > 0 and stops < MOST_STOPS
            stopped, rest = (rest[begun:reached], rest[reached:]) if goes_on else (rest[begun:], [])
            outcomes += [Outcome(message, repr(error)) for message, _ in stopped]
    return outcomes


def _mail(message: Message, named: Named, large: Collection[uuid.UUID]) -> Mail:
    """Write a mail; the address is read only now, unless the facts name one. Undeliverable if there is no address, or an invalid one."""
    reader = message.consumer or message.user
    to = message.facts.get("to") or (reader.email if reader else "")
    try:
        sanitize_address(to, "utf-8")
    except ValueError:
        raise Undeliverable("no e-mail address that mail can be sent to") from None
    letter = compose_letter(message, named, large=message.consumer_id in large)
    speaker = speaker_of(message)
    domain = speaker.mail_address.rpartition("@")[2]
    sender = formataddr((speaker.name, speaker.mail_address))
    mail = Mail(letter.subject, letter.text, sender, [to], headers={"Message-ID": f"<{message.public_id}@{domain}>"})
    mail.attach_alternative(letter.html, "text/html")
    return mail
