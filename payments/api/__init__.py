"""Payment endpoints for gateways."""
