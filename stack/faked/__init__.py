"""A folder that is first on the Python path of every process with a faked clock."""
