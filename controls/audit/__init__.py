"""The audit log: one row per act on people's data, money and controls, written by database triggers, and sealed in a hash chain."""
