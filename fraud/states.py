"""What an assessment says about a purchase."""

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of an assessment, the mildest first: go on, ask for one more proof, let people look, or refuse."""

    ALLOW = "allow"
    STEP_UP = "step_up"
    HOLD = "hold"
    BLOCK = "block"


GRAVITY = {verdict: rank for rank, verdict in enumerate(Verdict)}
"""How grave each verdict is; the gravest of all rules that hold decides."""
