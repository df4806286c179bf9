"""The back office: pages of the Django admin that show what people of several apps need, and act by services."""
