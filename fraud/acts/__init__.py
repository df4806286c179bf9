"""Acts on accounts between purchases: sign-ins, mistyped codes, changed details, added cards; kept, counted, and read by the rules."""
