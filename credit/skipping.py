"""Sources that hang or fail are skipped for a while: counted in Redis by all processes together.

A source fails several times in a row within a window: it rests. After the rest one decision tries it; an answer ends the skipping, another
failure begins the next rest. Where Redis does not answer or lost what it knew, every source is asked.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core.adjusting import value_of
from core.short_memory import NO_ANSWER, store
from credit.gateways.base import SourceSkipped, SourceUnavailable
from credit.settable import SKIP_AFTER, SKIP_FOR_S, SKIP_WITHIN_S

log = logging.getLogger("bnpl.credit")
TRIAL_S = 15
"""After that another decision may try a source again: the one that tried before is gone. More than any source may take."""


@dataclass(frozen=True, slots=True)
class Skipping:
    """A source that is skipped: what its last failure was (`credit.gateways.base.Asked`), since when, and for how long it still rests."""

    why: str
    since: datetime
    rest_s: int = 0


class Watch:
    """What is known of some sources when a decision begins; one call of Redis, and more only where a source failed lately."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._skipped: dict[str, str] = {}
        self._failed: set[str] = set()
        self._rests: set[str] = set()
        if codes:
            try:
                self._look(codes)
            except NO_ANSWER:
                return

    def _look(self, codes: Sequence[str]) -> None:
        with store().pipeline(transaction=False) as pipe:
            pipe.hmget(_all(), list(codes))
            for code in codes:
                pipe.exists(_name("rest", code))
                pipe.exists(_name("failed", code))
            kept, *known = pipe.execute()
        for code, told, rests, failed in zip(codes, kept, known[::2], known[1::2], strict=True):
            if told:
                self._skipped[code] = json.loads(told)["why"]
            self._rests |= {code} if rests else set()
            self._failed |= {code} if failed or told else set()

    def skips(self, code: str) -> str:
        """Return what the last failure of a source was if it is not to be asked now, otherwise an empty text; then it is asked."""
        why = self._skipped.get(code, "")
        if not why or code in self._rests:
            return why
        try:
            return "" if store().set(_name("trial", code), 1, nx=True, ex=TRIAL_S) else why
        except NO_ANSWER:
            return ""

    def failed(self, code: str, why: str, at: datetime) -> None:
        """Count a failure of a source; the last of several in a row has it skipped."""
        try:
            count = _count(code)
            if code not in self._skipped and count < value_of(SKIP_AFTER):
                return
            with store().pipeline(transaction=False) as pipe:
                pipe.hsetnx(_all(), code, json.dumps({"why": why, "since": at.isoformat()}))
                pipe.set(_name("rest", code), 1, ex=value_of(SKIP_FOR_S))
                pipe.delete(_name("trial", code))
                is_new = pipe.execute()[0]
        except NO_ANSWER:
            return
        if is_new:
            log.error("the source %s is skipped: %s failures in a row, the last: %s", code, count, why)

    def answered(self, code: str) -> None:
        """Note that a source answered: its failures are forgotten, and it is not skipped any more."""
        if code in self._failed:
            end_skipping(code)


@contextmanager
def watched(code: str, at: datetime) -> Iterator[None]:
    """Call a source in the block, and count its failure; SourceSkipped at once if it is skipped now."""
    watch = Watch([code])
    if why := watch.skips(code):
        raise SourceSkipped(why)
    try:
        yield
    except SourceUnavailable as error:
        if error.is_down:
            watch.failed(code, error.outcome, at)
        else:
            watch.answered(code)
        raise
    watch.answered(code)


def end_skipping(code: str) -> None:
    """Forget the failures of a source, so that it is asked again."""
    try:
        with store().pipeline(transaction=False) as pipe:
            pipe.hdel(_all(), code)
            pipe.delete(*(_name(what, code) for what in ("rest", "failed", "trial")))
            pipe.execute()
    except NO_ANSWER:
        return


def list_skipped() -> dict[str, Skipping]:
    """Return the sources that are skipped, by the code of their account; none where Redis does not answer."""
    try:
        kept = {code.decode(): json.loads(told) for code, told in store().hgetall(_all()).items()}  # type: ignore[union-attr]
        with store().pipeline(transaction=False) as pipe:
            for code in kept:
                pipe.ttl(_name("rest", code))
            rests = pipe.execute()
    except NO_ANSWER:
        return {}
    return {
        code: Skipping(told["why"], datetime.fromisoformat(told["since"]), max(0, rest))
        for (code, told), rest in zip(kept.items(), rests, strict=True)
    }


def _count(code: str) -> int:
    with store().pipeline(transaction=False) as pipe:
        pipe.set(_name("failed", code), 0, ex=value_of(SKIP_WITHIN_S), nx=True)
        pipe.incr(_name("failed", code))
        return int(pipe.execute()[1])


def _all() -> str:
    return f"{settings.SOURCE_FAILURES}:skipped"


def _name(what: str, code: str) -> str:
    return f"{settings.SOURCE_FAILURES}:{what}:{code}"
