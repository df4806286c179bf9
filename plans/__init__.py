"""Products, quotes, schedules, installments."""
