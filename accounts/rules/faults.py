"""What a rule says of a value that it does not take."""


class Faulty(ValueError):
    """A value cannot be accepted; the text is a sentence for people."""
