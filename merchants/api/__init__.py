"""Merchants' doors for machines."""
