"""What shows that it is really this person, beside the one-time code: passkeys of consumers and of staff."""
