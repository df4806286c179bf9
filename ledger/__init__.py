"""Double entry; nobody else touches its rows."""
