"""The web server's workers: gunicorn's threads, to which a request is given only once it is there as a whole."""
