"""The browsers in which consumers sign in: remembered by a cookie, listed, and signed out."""
