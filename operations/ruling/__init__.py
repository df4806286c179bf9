"""Pages of rules: written by one person with drop-downs or as text, tried on the past, and agreed on by another."""
