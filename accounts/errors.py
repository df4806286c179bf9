"""Errors of signing in, personal details and identity."""

from core.errors import Conflict, Invalid


class CodeWrong(Invalid):
    """The typed code is not the one that was sent."""

    code = "accounts.code_wrong"


class CodeUsedUp(Invalid):
    """The code cannot be tried again: used, too old, or tried too often. A new one is needed."""

    code = "accounts.code_used_up"


class DetailsInvalid(Invalid):
    """Personal details are invalid; `fields` names each."""

    code = "accounts.details_invalid"


class DetailsFixed(Conflict):
    """The consumer cannot change details that were checked."""

    code = "accounts.details_fixed"


class DetailsMissing(Conflict):
    """Details that a check needs are missing; `fields` names each."""

    code = "accounts.details_missing"


class ProofOpen(Conflict):
    """Pictures of the person are being looked at; others can be sent afterwards."""

    code = "accounts.proof_open"


class PasskeyRefused(Invalid):
    """A passkey cannot be added, or does not show who the person is."""

    code = "accounts.passkey_refused"


class LoginFailed(Invalid):
    """Another company's account does not show who the person is."""

    code = "accounts.login_failed"


class ContactRefused(Invalid):
    """A contact cannot become that of the person's account."""

    code = "accounts.contact_refused"


class ContactWaits(Conflict):
    """A change of the person's contact waits already; one waits at a time."""

    code = "accounts.contact_waits"


class FactorWrong(Invalid):
    """The typed code is not that of the user's app, and no recovery code of theirs."""

    code = "accounts.factor_wrong"


class AnotherOfficer(Conflict):
    """Another officer of the money laundering desk has to do this."""

    code = "screening.same_person"


class ListUnreadable(Exception):
    """A published list cannot be read, or lacks so much that it is taken for broken. Whoever loads it reads why, and no page."""
