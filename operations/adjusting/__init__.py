"""Pages of settings: what there is, what holds, its history, and how it is changed."""
