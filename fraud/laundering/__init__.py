"""Money laundering: rules on behavior after onboarding, the alerts that they raise, and what officers decide (ADR 0062).

Nothing of it is shown to the person, to shops or to support. Screening people against lists of sanctions again is not done here yet: it
comes with the providers of such lists, and raises alerts of its own.
"""
