"""The merchant portal: orders, refunds, settlements, developers' corner, look and team of a shop."""
