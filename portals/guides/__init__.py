"""The guides of `docs/guides/`, served as pages."""
