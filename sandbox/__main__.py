"""`python -m sandbox --host 127.0.0.1 --port 8600 --db FILE`: serve the sandbox world until SIGTERM."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys

from sandbox.app import App
from sandbox.companies import COMPANIES
from sandbox.courier import Courier
from sandbox.wire import Connection, Engine
from sandbox.world import Options, World


def options_from(arguments: list[str]) -> tuple[Options, bool]:
    """Read the command line; an option that is not given comes from an environment variable."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The outside world for demo, tests and chaos.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--db", default="var/sandbox.sqlite3", help="SQLite file that remembers everything")
    parser.add_argument("--key", default=os.environ.get("SANDBOX_KEY") or "sandbox_gateway_key", help="bearer key of the APIs")
    parser.add_argument("--public-url", default=os.environ.get("SANDBOX_PUBLIC_URL"), help="what the addresses in answers start with")
    parser.add_argument("--events-url", default=os.environ.get("SANDBOX_EVENTS_URL"), help="where the gateway sends its signed events")
    parser.add_argument("--events-secret", default=os.environ.get("SANDBOX_EVENTS_SECRET"), help="whsec_... that signs them")
    parser.add_argument("--quiet", action="store_true", help="print nothing when ready")
    given = parser.parse_args(arguments)
    public_url = (given.public_url or f"http://{given.host}:{given.port}").rstrip("/")
    options = Options(given.host, given.port, given.db, given.key, public_url, given.events_url or None, given.events_secret or None)
    return options, given.quiet


async def tick(app: App, engine: Engine) -> None:
    """Let the companies do what has come due, once a second."""
    while True:
        await asyncio.sleep(1)
        app.tick()
        engine.flush()


async def serve(options: Options, quiet: bool) -> None:
    """Listen until SIGTERM or SIGINT; then commit what was recorded and close the file."""
    world = World(options, COMPANIES)
    app = App(world)
    engine = Engine(app)
    world.courier = Courier(world, engine.flush)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    server = await loop.create_server(lambda: Connection(engine), options.host, options.port, backlog=1024)
    world.courier.start()
    clock = loop.create_task(tick(app, engine))
    gc.freeze()
    if not quiet:
        print(f"sandbox world at {options.public_url}/", flush=True)
    await stopping.wait()
    server.close()
    clock.cancel()
    engine.flush()
    await world.courier.stop()
    for connection in list(engine.connections):
        if connection.transport:
            connection.transport.close()
    await asyncio.sleep(0)
    world.store.close()


def main() -> int:
    """Run the server; an error about a busy port names the port."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s sandbox %(levelname)s %(message)s")
    options, quiet = options_from(sys.argv[1:])
    try:
        asyncio.run(serve(options, quiet))
    except OSError as error:
        print(f"sandbox: cannot listen on {options.host}:{options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)  # Everything is committed; do not wait for a courier's thread that is sending to a slow shop.


if __name__ == "__main__":
    sys.exit(main())
