"""The door of the merchant portal."""
