"""The money laundering desk: alerts, decisions and reports, for its officers alone."""
