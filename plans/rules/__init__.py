"""Pure calculation of plans: schedules, legal APR, interest, early payment, refunds. Knows neither Django nor the clock."""
