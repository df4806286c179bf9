"""The web server's workers: a gunicorn thread gets a request only once it has arrived completely."""
