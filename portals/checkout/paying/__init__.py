"""The last step: the card, the consent, and the end."""
