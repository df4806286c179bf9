"""Pages for consumers and merchants; no models, no rules."""
