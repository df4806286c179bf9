"""The error of a rule that refuses a value."""


class Faulty(ValueError):
    """A value cannot be accepted; the text is a sentence for people."""
