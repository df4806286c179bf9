"""The back office's pages of refunds, payouts, disputes and statements of shops, as people read them."""
