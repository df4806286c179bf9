"""The WSGI application of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from bnpl.checks import require_fit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bnpl.settings")
application = get_wsgi_application()
require_fit()

from portals.developers.docs import page  # noqa: E402  (needs the settings)

# The server loads this once and forks its workers from it. All URLs and views, and the API's reference, are loaded now, not at each
# worker's first request. These objects live as long as the process, so the garbage collector need not scan them, which would also unshare
# the workers' memory.
get_resolver().url_patterns  # noqa: B018  (a property that loads)
page()
gc.collect()
gc.freeze()
