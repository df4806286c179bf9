"""How a shop's checkout looks."""
