"""The documents that bind lender and consumer: written once, before consent, from frozen facts; kept, and shown as they were agreed to."""
