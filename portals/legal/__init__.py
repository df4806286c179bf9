"""Terms of use, privacy policy and cookies: pages for everybody, by market and brand, in the reader's language."""
