"""What a person brings to show that a proposal is right: text and files, sent with the form by which they propose it.

Many forms of many apps propose something. The code that admits a request says where its proof is (`bringing`), and `propose` takes it,
so that each form only has to show the fields.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from controls.files import NamedFile


@dataclass(frozen=True, slots=True)
class Proof:
    """A text with addresses of documents, and files."""

    text: str = ""
    files: Sequence[NamedFile] = ()


_brought: ContextVar[Callable[[], Proof] | None] = ContextVar("proof", default=None)


@contextmanager
def bringing(read: Callable[[], Proof]) -> Iterator[None]:
    """Give what is proposed in the block its proof; `read` is called only when something is proposed."""
    token = _brought.set(read)
    try:
        yield
    finally:
        _brought.reset(token)


def brought() -> Proof:
    """Return the proof that was brought; empty if there is none."""
    read = _brought.get()
    return read() if read else Proof()
