"""`manage.py demo`: the whole platform on one machine, from an empty folder to the first page."""

import argparse
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from stack import databases, freshness, manifest, postgres, programs, redis
from stack.errors import StackError, StopRequested
from stack.folders import Folders, write_env
from stack.paths import OWNER, var_dir
from stack.ports import Ports, require_free
from stack.program import Program
from stack.supervisor import Pids, Supervisor
from stack.variables import DATABASE, demo_variables, owner_environment, owner_url, process_environment, without_owner

HIGHEST_BASE = 65_535 - 3


def arguments() -> argparse.ArgumentParser:
    """Return the command's own options."""
    parser = argparse.ArgumentParser(prog="manage.py demo", description="Run the whole platform on this machine; Ctrl-C stops it.")
    parser.add_argument("--reset", action="store_true", help="forget everything and start afresh")
    parser.add_argument("--consumers", type=int, default=56, metavar="N", help="how many have a past when the demo is seeded (default 56)")
    parser.add_argument("--port", type=int, default=8000, metavar="P", help="web on P, shop P+1, sandbox P+2, Redis P+3 (default 8000)")
    return parser


def show(text: str) -> None:
    """Print at once. A closed output (a closed terminal, `| head`) is no error."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Demo:
    """One start of the demo: the folder, the ports, the variables, the supervisor."""

    def __init__(self, folders: Folders, ports: Ports, *, consumers: int = 60) -> None:
        self.folders = folders
        self.ports = ports
        self.consumers = consumers
        self.began_at = time.monotonic()
        self.ready = False
        self.collecting: Program | None = None
        self.seeding: Program | None = None
        self.own_database = not os.environ.get("DATABASE_URL")
        self.own_redis = not os.environ.get("REDIS_URL")
        self.supervisor = Supervisor(folders, self.say, self._changed)

    def say(self, text: str) -> None:
        """Print a line of progress with the seconds since the start."""
        show(f"[{time.monotonic() - self.began_at:5.1f} s] {text}")

    def _changed(self, pids: Pids) -> None:
        manifest.write(self.folders, self.variables, pids, ready=self.ready)

    def live(self, *, reset: bool) -> None:
        """Start everything, print the addresses, and keep it running until a signal stops it."""
        self.folders.demo_json.unlink(missing_ok=True)
        self.supervisor.take_over()
        if reset:
            self._reset()
        self._set_variables()
        self._require_ports()
        self._start_servers()
        self._prepare_database()
        self._start_platform()
        self._announce()
        self.supervisor.watch()

    def serve(self) -> None:
        """Start only the servers, migrated and seeded, for a command that runs on its own."""
        self.supervisor.take_over()
        self._set_variables()
        self._require_ports()
        self._start_servers()
        self._prepare_database()
        if self.seeding:
            self.supervisor.finish(self.seeding)
            freshness.note_prepared(self.folders, owner_url(self.variables))

    def _reset(self) -> None:
        if self.own_database:
            postgres.Postgres(self.folders).end_leftover()
        else:
            databases.empty(owner_url(os.environ))
        if not self.own_redis:
            databases.flush_redis(os.environ["REDIS_URL"])
        self.folders.wipe()
        self.say("Everything is forgotten; starting afresh")

    def _set_variables(self) -> None:
        self.variables = demo_variables(self.folders, self.ports)
        self.env = process_environment(self.variables)
        write_env(self.folders.stack_env, without_owner(self.variables))
        write_env(self.folders.owner_env, {OWNER: self.variables[OWNER]})

    def _require_ports(self) -> None:
        wanted = {"web": self.ports.web, "shop": self.ports.shop, "sandbox": self.ports.sandbox}
        if self.own_redis:
            wanted["Redis"] = self.ports.redis
        require_free(wanted)

    def _start_servers(self) -> None:
        """Start the servers, and meanwhile collect the static files."""
        first = []
        cluster = postgres.Postgres(self.folders)
        if self.own_database:
            self.say("PostgreSQL 18 ..." if cluster.data.exists() else "PostgreSQL 18 (making its data folder) ...")
            first.append(cluster.program())
        if self.own_redis:
            first.append(redis.program(self.folders, self.ports.redis))
        self.say("Redis and the sandbox world ...")
        first.append(programs.sandbox(self.folders, self.ports.sandbox, self.variables["BNPL_BASE_URL"], self.env))
        if not freshness.has_static(self.folders):
            self.collecting = programs.manage(
                "collectstatic", "collectstatic", "--noinput", "--clear", "-v", "0", env=self.env, is_up=lambda _run: True
            )
            first.append(self.collecting)
        self.supervisor.start(*first)
        if self.own_database:
            cluster.create_database(DATABASE)

    def _prepare_database(self) -> None:
        """Migrate and seed; once the shops and their keys exist, the seed's history is simulated in the background."""
        url = owner_url(self.variables)
        if not freshness.is_prepared(self.folders, url):
            if not self.own_database:
                databases.mark_if_empty(url)
            self.say("Migrating the database ...")
            self.supervisor.run(programs.manage("migrate", "migrate", "--noinput", "-v", "1", env=owner_environment(self.variables)))
            self.say("Seeding merchants, operators and consumers ...")
            seed = ("seed_demo", "--consumers", str(self.consumers))
            self.seeding = programs.manage(
                "seed", *seed, env=owner_environment(self.variables), is_up=lambda _run: self.folders.seed_json.exists()
            )
            self.supervisor.start(self.seeding)
        if self.collecting:
            self.say("Static files ...")
            self.supervisor.finish(self.collecting)
            freshness.note_static(self.folders)

    def _start_platform(self) -> None:
        """Start the web server; and, once the history has been simulated, the workers."""
        web, shop = programs.web(self.ports.web, self.env), programs.shop(self.ports, self.folders.run / "shop.json", self.env)
        rest = [*(programs.worker(name, self.env, threads=threads) for name, threads in programs.WORKERS.items()), programs.beat(self.env)]
        if self.seeding:
            self.say("Web ...")
            self.supervisor.start(web)
            self.say(f"The first page is up: {self.variables['BNPL_BASE_URL']} (consumers live their past meanwhile)")
            self.supervisor.finish(self.seeding)
            freshness.note_prepared(self.folders, owner_url(self.variables))
            self.say("Four workers, beat ...")
            self.supervisor.start(*rest)
        else:
            self.say("Web, four workers, beat ...")
            self.supervisor.start(web, *rest)
        self.say("The demo shop ...")
        self.supervisor.start(shop)

    def _announce(self) -> None:
        self.ready = True
        self._changed({name: run.pid for name, run in self.supervisor.runs.items()})
        self.say("Ready.")
        show(manifest.table(self.folders, self.variables))
        show(f"\n  All of this is in {self.folders.demo_json}; logs are in {self.folders.log}. Ctrl-C stops it.\n")

    def end(self) -> None:
        """Stop everything in order."""
        if self.supervisor.runs:
            self.say("Stopping ...")
        self.supervisor.stop()
        self.say("Stopped. Everything is kept; the next start goes on from here." if self.ready else "Stopped.")


def main(argv: Sequence[str], folder: Path | None = None) -> int:
    """Run the demo; return the exit code."""
    options = arguments().parse_args(argv)
    if not 1024 <= options.port <= HIGHEST_BASE:
        show(f"--port must be from 1024 to {HIGHEST_BASE}.")
        return 2
    folders = Folders(folder or var_dir())
    running = f"The demo already runs from {folders.var}; its addresses are in {folders.demo_json}. Stop it with Ctrl-C there first."
    try:
        with folders.held(running):
            return _run(Demo(folders, Ports(options.port), consumers=options.consumers), reset=options.reset)
    except StackError as error:
        show(f"\n{error}")
        return 1


def _run(demo: Demo, *, reset: bool) -> int:
    demo.folders.make()
    with demo.supervisor.signals():
        try:
            demo.live(reset=reset)
        except StopRequested:
            return 0
        finally:
            demo.end()
    return 0
