"""Money that people send to our bank account themselves: it stands at a gateway's place, though no gateway moves it."""

OUTSIDE = "transfer"
"""The `gateway` of such charges and of the payment method that they name."""
NO_WAY_BACK = "came_by_transfer"
"""Why such money cannot go back the way that it came: it is paid to a bank account, as a transfer by hand."""
ENTERED_WRONGLY = "entered_wrongly"
"""Why such a charge is taken back: two operators found that it was recorded wrongly."""
