"""Channels to people: mail, by servers or the mailbox of the sandbox world, and SMS."""
