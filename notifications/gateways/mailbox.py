"""Django's e-mail backend in a sandbox: every mail goes to the sandbox world's mailbox, in one call for each batch."""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core.remote import Refused, Unknown, sandbox


class MailboxBackend(BaseEmailBackend):
    """Posts batches of mail to the sandbox world, which accepts all of a batch or none."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send mails, one to each recipient, and return how many mails were accepted."""
        batch = [_mail(message, to) for message in email_messages for to in message.recipients()]
        if not batch:
            return 0
        try:
            sandbox("sandbox-mail").post("/mailbox/messages", batch)
        except (Unknown, Refused):
            if not self.fail_silently:
                raise
            return 0
        return len(email_messages)


def _mail(message: EmailMessage, to: str) -> dict[str, Any]:
    alternatives = getattr(message, "alternatives", None) or []
    html = next((content for content, mimetype in alternatives if mimetype == "text/html"), None)
    headers = {name: str(value) for name, value in message.extra_headers.items()}
    return {"to": to, "from": message.from_email, "subject": message.subject, "text": str(message.body), "html": html, "headers": headers}
