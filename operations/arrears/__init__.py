"""The page of how late plans are and what rolls from bucket to bucket, and what a plan's page tells of its arrears."""
