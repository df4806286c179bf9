"""The fraud desk's pages: attempts to buy that need a person to look at them."""
