"""What the lists are measured on: many plans, made by set-based SQL, and every list that there is."""
