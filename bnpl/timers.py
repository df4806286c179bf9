"""Everything that time alone brings about, in the order in which it happens at one moment."""

TIMERS: list[str] = []
