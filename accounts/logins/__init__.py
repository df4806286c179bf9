"""Signing in by another company's account, such as Google's: linked once by a one-time code, one touch from then on."""
