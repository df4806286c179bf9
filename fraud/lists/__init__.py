"""Block and allow lists: values that operators know, by which attempts to buy are refused or let go on."""
