"""The back office's pages of the audit log."""
