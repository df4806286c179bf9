"""The merchant portal: orders, refunds, settlements, keys and webhooks, checkout look and team of a shop."""
