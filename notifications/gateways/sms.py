"""SMS through Twilio's protocol: Twilio itself, or the sandbox world, which shows them on its phone page."""

from django.conf import settings

from core import twilio_client

TOO_MANY = 429


class Undeliverable(Exception):
    """The number or the text will never be taken; trying again is useless."""


def send_sms(*, to: str, text: str) -> None:
    """Send one SMS; Undeliverable where it is refused for good, any other error where it may be tried again."""
    from twilio.base.exceptions import TwilioRestException

    live = settings.SMS == "twilio"
    client = twilio_client.live_client() if live else twilio_client.sandbox_client()
    sender = settings.TWILIO["FROM"] if live else twilio_client.SANDBOX_FROM
    try:
        client.messages.create(to=to, from_=sender, body=text)
    except TwilioRestException as error:
        if 400 <= error.status < 500 and error.status != TOO_MANY:
            raise Undeliverable(f"{error.code}: {error.msg}") from error
        raise
