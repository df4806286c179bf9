"""An extra step before the order, if fraud rules require it: another one-time code."""
