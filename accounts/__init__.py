"""People: consumers, sign-in, onboarding, KYC."""
