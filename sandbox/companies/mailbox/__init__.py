"""The mailbox: every e-mail of the sandbox."""

from sandbox.page import fill
from sandbox.world import Company, World

from . import mails


def _guide(world: World) -> str:
    messages = world.store.one_value("SELECT count(*) FROM messages")
    return fill("guide_messages", messages=f"{messages:,}")


MAILBOX = Company(
    name="mailbox",
    api=("/mailbox/",),
    keyed_writes=("/mailbox/messages",),
    routes=[
        ("POST", "/mailbox/messages", mails.accept),
        ("GET", "/mailbox/api/messages", mails.api_list),
        ("GET", "/mailbox/api/messages/{id}", mails.api_message),
        ("GET", "/mailbox/", mails.mailbox),
        ("GET", "/mailbox", mails.mailbox),
        ("GET", "/mailbox/{id}", mails.message),
        ("GET", "/mailbox/{id}/html", mails.message_html),
    ],
    guide=_guide,
)
