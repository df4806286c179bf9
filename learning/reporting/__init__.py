"""What people read of a model: its curves, tables and fairness, measured once as plain values, then drawn as a page."""
