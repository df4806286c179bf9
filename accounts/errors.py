"""Errors of signing in, personal details and identity."""

from core.errors import Conflict, Invalid


class CodeWrong(Invalid):
    """The code that was typed is not the one that was sent."""

    code = "accounts.code_wrong"


class CodeUsedUp(Invalid):
    """The code cannot be tried any more: used, too old, or tried too often. A new one is needed."""

    code = "accounts.code_used_up"


class DetailsInvalid(Invalid):
    """Details of a person are not acceptable; `fields` names each."""

    code = "accounts.details_invalid"


class DetailsFixed(Conflict):
    """Details that were checked cannot be changed by the consumer."""

    code = "accounts.details_fixed"


class DetailsMissing(Conflict):
    """Details that a check needs are missing; `fields` names each."""

    code = "accounts.details_missing"


class ContactTaken(Conflict):
    """Another consumer is recognized by this e-mail address or number."""

    code = "accounts.contact_taken"
