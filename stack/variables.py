"""The variables that tell every process the addresses of the others; written to `stack.env` for commands in other terminals.

The URL of the tables' owner is given only to commands that change tables or re-encrypt rows; it is in `owner.env`.
"""

import os
import secrets
from collections.abc import Mapping

from stack import redis
from stack.folders import Folders, read_env
from stack.paths import OWNER
from stack.ports import LOOPBACK, Ports
from stack.postgres import APPLICATION, Postgres

DATABASE = "bnpl"


def demo_variables(folders: Folders, ports: Ports) -> dict[str, str]:
    """Return the variables of the demo. Values in the caller's environment (a database, a Redis, a key) take precedence."""
    earlier = read_env(folders.stack_env)
    given = os.environ.get
    return {
        "BNPL_VAR": str(folders.var),
        "BNPL_MODE": "sandbox",
        "BNPL_SECRET_KEY": given("BNPL_SECRET_KEY") or earlier.get("BNPL_SECRET_KEY") or secrets.token_urlsafe(48),
        "BNPL_BASE_URL": f"http://localhost:{ports.web}",
        "BNPL_SHOP_URL": f"http://localhost:{ports.shop}",
        "SANDBOX_URL": f"http://{LOOPBACK}:{ports.sandbox}",
        **_database(folders),
        "REDIS_URL": given("REDIS_URL") or redis.url(ports.redis),
    }


def _database(folders: Folders) -> dict[str, str]:
    """Return the database URLs of the application and of the owner; for a given database, the given owner's URL, or else the same URL."""
    given, cluster = os.environ.get("DATABASE_URL"), Postgres(folders)
    if given:
        return {"DATABASE_URL": given, OWNER: os.environ.get(OWNER, "")}
    return {"DATABASE_URL": cluster.url(DATABASE, APPLICATION), OWNER: cluster.url(DATABASE)}


def without_owner(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for web, workers and every other program."""
    return {name: value for name, value in variables.items() if name != OWNER}


def owner_url(variables: Mapping[str, str]) -> str:
    """Return the URL of the database for its owner."""
    return variables.get(OWNER) or variables["DATABASE_URL"]


def process_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a process of the stack: the caller's, our variables, no proxy for the loopback, no owner."""
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), LOOPBACK, "localhost")))
    # Compiling all modules again in each process would take two thirds of its start.
    inherited = {key: value for key, value in without_owner(os.environ).items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        **without_owner(variables),
        "NO_PROXY": direct,
        "no_proxy": direct,
        "BNPL_NO_VENV": "1",
        "DJANGO_SETTINGS_MODULE": "bnpl.settings",
        "PYTHONUNBUFFERED": "1",
        # `migrate` has already run Django's checks; three more runs would take half of a worker's start.
        "CELERY_SKIP_CHECKS": "1",
    }


def owner_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command that changes tables: that of every process, plus the URL of the tables' owner."""
    return {**process_environment(variables), OWNER: variables.get(OWNER, "")}
