"""Put first on the Python path of every process under a faked clock."""
