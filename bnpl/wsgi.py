"""The web server's door."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from bnpl.checks import require_fit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bnpl.settings")
application = get_wsgi_application()
require_fit()

from portals.developers.docs import page  # noqa: E402  (needs the settings)

# The server loads this once and forks its workers from it. All addresses and views, and the API's reference, are loaded now, not by the
# first visitor of each worker; what is here stays as long as the process, so that the collector need not look at it, nor unshare the
# workers' memory by doing so.
get_resolver().url_patterns  # noqa: B018  (a property that loads)
page()
gc.collect()
gc.freeze()
