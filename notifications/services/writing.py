"""Messages that are written one by one before they are sent, and the result of each."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from notifications.gateways.sms import Undeliverable
from notifications.models import Message

T = TypeVar("T")
log = logging.getLogger("bnpl.notifications")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one message: sent if there is no error; `again` says whether to try again."""

    message: Message
    error: str = ""
    again: bool = True


def write_each(messages: Sequence[Message], writer: Callable[[Message], T]) -> tuple[list[tuple[Message, T]], list[Outcome]]:
    """Write messages; one that cannot be written does not stop the others."""
    written: list[tuple[Message, T]] = []
    outcomes: list[Outcome] = []
    for message in messages:
        try:
            written.append((message, writer(message)))
        except Undeliverable as error:
            outcomes.append(Outcome(message, str(error), again=False))
        except Exception as error:
            log.exception("message %s cannot be written", message.public_id)
            outcomes.append(Outcome(message, f"cannot be written: {error!r}"))
    return written, outcomes
