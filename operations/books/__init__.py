"""The back office's pages of the ledger: accounts, entries and the trial balance, in debit and credit."""
