"""How much of a very long test is run: a part of it, or all of it with `BNPL_WHOLE=1`, which takes from five to forty minutes each."""

import os

WHOLE = "BNPL_WHOLE"


def sized(whole: int, part: int) -> int:
    """Return the size of a test: the part that every run of all tests has, or the whole."""
    return whole if os.environ.get(WHOLE) else part
