"""Pages of settings: the list, and the value, history and change of each."""
