"""The pages of agencies: contracts, what each has, its file, and recalls."""
