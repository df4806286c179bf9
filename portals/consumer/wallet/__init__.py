"""Future and past payments, cards and bank accounts."""
