"""Signals of fraud, their assessment at checkout, and the network of what people share."""
