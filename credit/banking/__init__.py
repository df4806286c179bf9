"""A person's bank accounts as a source: movements sorted into a few categories, and summed up by `sum_up`.

No text of a movement is ever stored.
"""
