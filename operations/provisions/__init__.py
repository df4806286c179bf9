"""The page of provisions: what is expected to be lost of open money at the end of each month, and how that moved."""
