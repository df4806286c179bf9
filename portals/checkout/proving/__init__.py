"""A step between the last one and the order, where rules about fraud ask for it: another one-time code."""
