"""Changing the e-mail address or number that signs a consumer in: proven by a code, told at once, and made after a time to undo it."""
