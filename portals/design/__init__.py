"""The design system's page, made from the real components."""
