"""An extra step before the order, if fraud rules require it: another one-time code, or the bank's confirmation of the card."""
