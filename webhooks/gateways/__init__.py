"""The way out to merchants' servers."""
