"""The back office's pages of refunds, payouts, disputes, and shops' statements, in words for operators."""
