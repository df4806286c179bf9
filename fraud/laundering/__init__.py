"""Money laundering: rules on behavior after onboarding, their alerts, and the officers' decisions (ADR 0062).

None of it is shown to the person, to shops or to support. Repeated screening against sanctions lists is not part of it yet: it will come
with providers of such lists, and raise alerts of its own.
"""
