"""One family of errors for mistakes of callers, people and machines.

A broken invariant is not part of the family: it is a plain exception, a 500 and an alarm.
"""

from collections.abc import Mapping
from typing import Protocol

from core.sentences import Sentence, translated


class DomainError(Exception):
    """A request cannot be carried out: a stable dotted code, a sentence for people, and the fields at fault."""

    status = 422
    code = "invalid"
    title = "The request cannot be done"

    def __init__(self, detail: str, *, code: str | None = None, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self._detail, self._fields = detail, fields or {}
        self.code = code or type(self).code

    @property
    def detail(self) -> str:
        """The sentence, in the current language."""
        return translated(self._detail)

    @property
    def sentences(self) -> dict[str, str]:
        """What is wrong, with the facts, by field; without a field at fault, the error's own sentence under an empty name."""
        return dict(self._fields) or {"": self._detail}

    @property
    def fields(self) -> dict[str, str]:
        """The fields at fault, each with a sentence in the current language."""
        return {name: translated(fault) for name, fault in self._fields.items()}


class Invalid(DomainError):
    """A value is wrong; `fields` names the field."""

    status = 422
    code = "invalid"
    title = "A value is not valid"


class Malformed(DomainError):
    """The request itself cannot be read."""

    status = 400
    code = "malformed"
    title = "The request cannot be read"


class Unauthenticated(DomainError):
    """The caller is not authenticated."""

    status = 401
    code = "unauthenticated"
    title = "Sign in or send a valid key"


class Forbidden(DomainError):
    """The caller is known, but may not do this."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(DomainError):
    """There is no such object, or it belongs to somebody else."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(DomainError):
    """The object's state does not allow it."""

    status = 409
    code = "conflict"
    title = "The state does not allow this"


class TooLarge(DomainError):
    """The body is larger than any call needs."""

    status = 413
    code = "too_large"
    title = "The body is too large"


class TooMany(DomainError):
    """Too many requests; try again after `retry_after_s` seconds."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """An outside service does not answer; nothing was changed."""

    status = 503
    code = "unavailable"
    title = "Try again in a moment"


class NotOpened(DomainError):
    """An encrypted value cannot be decrypted, so nothing can be decided from it; reading it has raised an alarm."""

    status = 500
    code = "unreadable"
    title = "Something here cannot be opened"


class Gone(DomainError):
    """The request needs data of a person who was erased; nobody can read it any more."""

    status = 410
    code = "erased"
    title = "The person's data was erased"


def refuse(faults: Mapping[str, str]) -> None:
    """Raise one Invalid that names every field with a fault; an empty text means no fault."""
    found = {name: fault for name, fault in faults.items() if fault}
    if found:
        raise Invalid("; ".join(f"{name}: {fault}" for name, fault in found.items()) + ".", fields=found)


def why_fault(reason: str) -> str:
    """Return what is wrong with the text of a reason, for `refuse`: it must not be empty."""
    return "" if reason.strip() else Sentence("say why")


class MayAct(Protocol):
    """Anyone with permissions: an operator."""

    def may(self, permission: str) -> bool:
        """Return whether they have a permission."""


def require(user: MayAct, permission: str) -> None:
    """Check that an operator has a permission; Forbidden."""
    if not user.may(permission):
        raise Forbidden("You may not do this.")
