"""The back office's pages of people: search, one person's page, and the log of operators who looked at a person."""
