"""The signed address in a letter by which a change of a contact is undone without signing in; it is good for this alone."""

from django.core import signing

from accounts.contacts.models import ContactChange
from accounts.contacts.queries import get_change
from core.errors import NotFound

_UNDO = "accounts.undo_contact"


def undo_path(change: str) -> str:
    """Return the path on which a change (a public id) is undone while it waits; afterwards its page only tells what came of it."""
    return f"/contact/keep/{signing.Signer(salt=_UNDO).sign(change)}"


def change_of_link(token: str) -> ContactChange:
    """Return the change that a link undoes; NotFound for one that was not signed for this."""
    try:
        return get_change(signing.Signer(salt=_UNDO).unsign(token))
    except signing.BadSignature:
        raise NotFound("There is no such page.") from None
