"""The third step: the plans on offer."""
