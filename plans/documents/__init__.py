"""The documents that bind lender and consumer. They are written once, before consent, from frozen facts, and always shown as agreed to."""
