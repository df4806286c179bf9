"""How far a training has come: its steps, and the share of the work that is done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum


class Step(StrEnum):
    """The steps of a training, in their order."""

    READ = "read"
    CHECK = "check"
    STRENGTHS = "strengths"
    CROSS = "cross"
    WHOLE = "whole"
    REPORT = "report"
    COMPARE = "compare"


TEXTS = {
    Step.READ: "reading the table",
    Step.CHECK: "checking its columns",
    Step.STRENGTHS: "trying settings",
    Step.CROSS: "cross-validation",
    Step.WHOLE: "training on all rows",
    Step.REPORT: "measuring for the report",
    Step.COMPARE: "comparing with the champion",
}
"""The steps in the words of a shell; pages have their own, in the reader's language."""


@dataclass(frozen=True)
class Progress:
    """A step, the percentage of the training that is done, and which of how many rounds of the step this is (0 if it has no rounds)."""

    step: Step
    percent: int
    number: int = 0
    rounds: int = 0

    def __str__(self) -> str:
        of = f" {self.number} of {self.rounds}" if self.rounds else ""
        return f"{TEXTS[self.step]}{of}: {self.percent}%" if self.percent else f"{TEXTS[self.step]}{of}"

    def saying(self, say: "Say", worth: int) -> Callable[[float], None]:
        """Return a function that tells the share of this step that is done, where the whole step is `worth` so many percent."""
        return lambda share: say(replace(self, percent=round(self.percent + share * worth)))


Say = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Tell nobody."""
