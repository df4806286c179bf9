"""What came of asking a source of credit, in words for operators."""

from django.utils.translation import gettext_lazy

from core.sentences import Text

OUTCOMES: dict[str, Text] = {
    "report": gettext_lazy("New report"),
    "kept": gettext_lazy("Recent report, used again"),
    "old": gettext_lazy("Older report, used again"),
    "late": gettext_lazy("No answer in time"),
    "failed": gettext_lazy("No answer that can be read"),
    "refused": gettext_lazy("Refused the question"),
    "skipped": gettext_lazy("Not asked, after failures in a row"),
    "frozen": gettext_lazy("The file is frozen"),
    "none": gettext_lazy("No file"),
    "unscored": gettext_lazy("Too little for a score"),
    "deceased": gettext_lazy("A deceased person's file"),
    "no_income": gettext_lazy("No income known"),
    "missing": gettext_lazy("No account reaches it"),
    "not_told": gettext_lazy("Not asked, since the person was not told"),
    "bank": gettext_lazy("What the person's bank showed"),
    "consent": gettext_lazy("The person's bank asks for consent again"),
    "not_ready": gettext_lazy("The bank was still collecting"),
    "too_often": gettext_lazy("Asked too often"),
    "left": gettext_lazy("The person left without a bank"),
}
"""What came of asking a source, as operators read it."""


def outcome_text(outcome: str) -> str:
    """Return what came of asking a source, in words."""
    return str(OUTCOMES.get(outcome, outcome))
