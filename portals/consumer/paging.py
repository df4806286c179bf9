"""How many rows a page of a list shows."""

PAGE = 20
