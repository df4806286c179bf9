"""The error of a rule that refuses a value."""


class Faulty(ValueError):
    """A value cannot be accepted; the text is a sentence for people."""

    def __str__(self) -> str:
        """Return the sentence as it was made: it can be translated."""
        sentence: str = self.args[0]
        return sentence
