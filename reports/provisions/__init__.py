"""What is expected to be lost of open money (IFRS 9, CECL): counted and posted at the end of each month."""
