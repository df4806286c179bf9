"""Put before all else on the path of every process under a faked clock."""
