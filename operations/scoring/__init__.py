"""Models of risk in the back office: which there are, what they do, and the proposal by which two people put another to work."""
