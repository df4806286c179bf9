"""Consumers' requests: their kinds, the time to answer each, and their text. Pure."""

from dataclasses import dataclass

from core.characters import visible
from core.sentences import Faulty, Sentence

MOST_TEXT = 2_000
"""The longest text of a request, in characters."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: its name for operators, the days within which it must be answered, and what it needs.

    `days` is our own promise; a market's law may require less (its dated setting `request.<kind>.days`). `about` names the subject: a
    `purchase`, or none. `needs_text` says that the request must have a text. `by_law`: only people whose market's law gives this right (has
    the setting) are offered it, and of them, if there is a `region`, those who live there, or whose address is not known.
    """

    label: str
    days: int
    about: str = ""
    needs_text: bool = False
    by_law: bool = False
    region: str = ""


CALIFORNIA = "CA"
KINDS = {
    "copy": Kind(Sentence("A copy of their data, or a question about it"), 28),
    "correction": Kind(Sentence("Correct their data"), 28, needs_text=True),
    "closure": Kind(Sentence("Close the account, delete the data"), 28),
    "restriction": Kind(Sentence("Restrict the use of their data"), 28, needs_text=True, by_law=True),
    "objection": Kind(Sentence("Object to the use of their data"), 28, needs_text=True, by_law=True),
    "no_sale": Kind(Sentence("Do not sell or share their data"), 15, by_law=True, region=CALIFORNIA),
    "limit_use": Kind(Sentence("Limit the use of their sensitive data"), 15, by_law=True, region=CALIFORNIA),
    "review": Kind(Sentence("Look again at a refusal or limit"), 14),
    "purchase": Kind(Sentence("Something is wrong with a purchase"), 7, about="purchase", needs_text=True),
    "hardship": Kind(Sentence("Cannot pay"), 7, needs_text=True),
    "withdrawal": Kind(Sentence("Withdraws from an agreement"), 30, about="purchase"),
    "complaint": Kind(Sentence("Complaint"), 14, needs_text=True),
    "question": Kind(Sentence("Question"), 14, needs_text=True),
}
SPARING = ("restriction", "objection", "limit_use")
"""Kinds by which a person is spared from being judged without a wish of theirs, from the moment they ask until it is refused."""
OUTCOMES = {"done": Sentence("Done as asked"), "partly": Sentence("Done in part"), "refused": Sentence("Not done")}


def written(text: str, *, needed: bool = True) -> str:
    """Return a text in lines of visible characters; Faulty if it is too long, or empty although it is needed."""
    lines = [visible(line) for line in text.replace("\x00", "").splitlines()]
    kept = "\n".join(line for place, line in enumerate(lines) if line or (place and lines[place - 1])).strip()
    if len(kept) > MOST_TEXT:
        raise Faulty(Sentence("Write at most %(most)s characters.", most=f"{MOST_TEXT:,}"))
    if needed and not kept:
        raise Faulty("Say in a few words what it is about.")
    return kept
