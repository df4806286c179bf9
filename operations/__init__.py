"""The back office: pages of the Django admin that join data of several apps and act through their services."""
