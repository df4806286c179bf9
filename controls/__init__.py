"""Internal controls: what two people must agree on, and who works on what."""
