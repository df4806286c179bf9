"""Channels to people: the mailbox of the sandbox world, SMS."""
