"""Due run, retries, reminders."""
