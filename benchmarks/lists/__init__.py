"""The data for measuring lists: many plans, made by set-based SQL, and every list page of the product."""
