"""How the web server runs: gunicorn reads this file by itself wherever it is started in this folder; the command line adds the address.

The master loads the application once, and its workers share it. So an installation with faults ends at once, with one message; workers that
load it themselves would be started again and again.
"""

import tempfile
from pathlib import Path

wsgi_app = "bnpl.wsgi:application"
proc_name = "bnpl-web"
preload_app = True
# Threads, not processes, because the work waits for gateways and for the database. Slow clients wait in the worker's main loop.
worker_class = "stack.web.worker.Worker"
workers = 2
threads = 4
worker_connections = 500
keepalive = 75
graceful_timeout = 10
sendfile = False
control_socket_disable = True
# The folder of a worker's heartbeat file, which it touches many times a second.
worker_tmp_dir = next(folder for folder in ("/dev/shm", tempfile.gettempdir()) if Path(folder).is_dir())  # noqa: S108
