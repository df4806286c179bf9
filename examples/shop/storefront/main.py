"""The process: reads its configuration, serves pages, receives events, and stops on request."""

import hashlib
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from urllib.parse import urlsplit

from storefront.api import Api
from storefront.config import Config, NotConfigured, read_config
from storefront.hearing import Ear
from storefront.server import Server
from storefront.site import Site
from storefront.store import Store
from storefront.till import Till


def main(argv: Sequence[str] | None = None) -> int:
    """Run the shop until SIGTERM or Ctrl-C; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        config = read_config(argv)
    except NotConfigured as error:
        print(error, file=sys.stderr)
        return 2
    _serve(config)
    return 0


def _serve(config: Config) -> None:
    store = Store(config.database)
    apis = {slug: Api(config.api_base, keys.secret, urlsplit(keys.platform).netloc) for slug, keys in config.keys.items()}
    for slug, keys in config.keys.items():
        store.adopt(slug, hashlib.sha256(keys.secret.encode()).hexdigest())
    till = Till(store, apis, config.shop_url)
    ear = Ear(store, till, apis, config.shop_url)
    server = Server((config.host, config.port), Site(config, store, till, ear))
    for number in (signal.SIGTERM, signal.SIGINT):
        # `shutdown` waits for the loop that this signal handler interrupts, so it must be called from another thread.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    listening = threading.Thread(target=ear.run, name="ear", daemon=True)
    listening.start()
    print(f"The shop is open at {config.shop_url}", flush=True)
    server.serve_forever(poll_interval=0.2)
    ear.stopping.set()
    server.server_close()
    store.close()
