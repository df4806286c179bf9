"""The pages of sales of debts: a list is made, sold by two operators, settled with its buyer, and single debts come back."""
