"""Worked cases of plans, run through the real services in a transaction that is rolled back: `manage.py plan_cases FILE`."""
