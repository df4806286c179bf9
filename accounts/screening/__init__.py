"""Screening of people against lists of sanctions and of politically exposed persons, again and again after onboarding."""
