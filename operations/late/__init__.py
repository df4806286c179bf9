"""The desk of late people: the queue of cases, and the page of a case with its calls."""
