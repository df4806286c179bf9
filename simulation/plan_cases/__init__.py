"""Worked cases of plans, lived through the real services in a transaction that is undone: `manage.py plan_cases FILE`."""
