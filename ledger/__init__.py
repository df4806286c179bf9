"""Double-entry ledger; no other app writes its rows."""
