"""The fraud desk's pages: attempts to buy that need eyes."""
