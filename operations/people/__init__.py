"""The back office's pages of people: finding them, everything about one of them, who looked at them."""
