"""The audit log: a row for each act on people's data, money and controls, written by the database itself, sealed in one chain."""
