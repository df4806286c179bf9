"""docker-compose.yml names only what exists: no engine here to run it, so each command, variable, file and port is looked up."""

import importlib
import re
import runpy
import shlex
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from celery.bin.beat import beat as celery_beat
from celery.bin.worker import worker as celery_worker
from django.core.management import get_commands
from gunicorn.config import Config

from bnpl import env
from bnpl.env import ROOT
from sandbox.__main__ import options_from
from sandbox.companies.gateway.events import DEFAULT_SECRET
from stack import programs
from stack.web.worker import Worker

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = sorted(name for name, service in SERVICES.items() if "build" in service)
TEXT = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
# Folders and switches of one machine, and the addresses of stand-ins for providers.
LOCAL = {"BNPL_VAR", "BNPL_TESTING", "BNPL_TEST_TEMPLATE", "BNPL_NO_VENV", "STRIPE_API_BASE", "TWILIO_API_BASE"}
# Read by compose itself; and what is known here because the proxy is one of the services.
PUBLISHED = {"HTTP_PORT", "HTTPS_PORT"}
OF_THE_SERVICES = {"BNPL_TRUSTED_PROXIES": "1"}
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::?-([^}]*))?\}")


def celery_options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


def check_gunicorn(arguments: list[str]) -> None:
    options = Config().parser().parse_args(arguments)
    assert options.bind
    assert {name for name, value in vars(options).items() if value} == {"bind"}, "all else stands in gunicorn.conf.py"


def check_celery(arguments: list[str]) -> None:
    assert arguments[:2] == ["-A", "bnpl"]
    assert importlib.import_module("bnpl.celery").app.main == "bnpl"
    known = {"worker": celery_worker, "beat": celery_beat}[arguments[2]]
    assert {part for part in arguments[3:] if part.startswith("-")} <= celery_options(known)


def check_python(arguments: list[str]) -> None:
    if arguments[0] == "manage.py":
        assert arguments[1] in get_commands()
        return
    assert arguments[:2] == ["-m", "sandbox"]
    shown = subprocess.run([sys.executable, "-m", "sandbox", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for option in (part for part in arguments if part.startswith("--")):
        assert option in shown


CHECKS = {"gunicorn": check_gunicorn, "celery": check_celery, "python": check_python}


def test_the_services_of_a_server_are_all_there():
    assert {"postgres", "redis", "migrate", "web", *programs.WORKERS, "beat", "proxy"} <= set(SERVICES)
    assert SERVICES["postgres"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", OWN)
def test_every_command_exists_with_every_option(name):
    program, *arguments = SERVICES[name]["command"]
    CHECKS[program](arguments)


def test_the_commands_are_those_of_the_demo():
    def flags(given: tuple[str, ...] | list[str]) -> set[tuple[str, str]]:
        pairs = zip(given, [*given[1:], "--"], strict=True)
        return {(option, "" if value.startswith("--") else value) for option, value in pairs if option.startswith("--")}

    for name in programs.WORKERS:
        assert flags(programs.worker(name, {}, threads=programs.WORKERS[name]).argv[3:-2]) <= flags(SERVICES[name]["command"])


def test_gunicorn_reads_its_file_without_being_told():
    program = programs.web(0, {})
    assert program.cwd == ROOT
    CHECKS["gunicorn"](list(program.argv[3:]))
    cfg = Config()
    for setting, value in runpy.run_path(str(ROOT / "gunicorn.conf.py")).items():
        if setting in cfg.settings:
            cfg.set(setting, value)
    module, _, name = cfg.wsgi_app.partition(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert cfg.worker_class is Worker
    assert cfg.preload_app


def test_every_variable_is_one_that_the_product_reads_with_its_default():
    for name, default in VARIABLE.findall(TEXT):
        variable = name.removesuffix("_FILE")
        if name in PUBLISHED:
            continue
        assert variable in env.KNOWN
        if not variable.endswith("_URL") or variable != name:
            assert default in {"", env.KNOWN[variable], OF_THE_SERVICES.get(variable, "")}, name
    for name in OWN:
        assert {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]} <= set(env.KNOWN)


def test_every_variable_of_the_product_can_be_set():
    assert set(env.KNOWN) - set(SERVICES["web"]["environment"]) == LOCAL | {"DATABASE_OWNER_URL"}


SECRETS = {name for name in env.KNOWN if re.search(r"_KEY$|_KEYS|_SECRET$|_TOKEN$|(DATABASE|REDIS|EMAIL)_URL$", name)}


def test_every_secret_can_stand_in_a_file():
    """A value that is set wins over its file, so a secret with a default of compose's own can be set to nothing."""
    variables = SERVICES["web"]["environment"]
    assert {name.removesuffix("_FILE") for name in variables if name.endswith("_FILE")} == SECRETS
    for name in SECRETS:
        assert variables[f"{name}_FILE"] == f"${{{name}_FILE:-}}"
        assert not (variables[name].removeprefix(f"${{{name}").startswith(":-") and VARIABLE.fullmatch(variables[name])[2])
    assert SERVICES["migrate"]["environment"]["DATABASE_OWNER_URL_FILE"] == "${DATABASE_OWNER_URL_FILE:-}"
    for name in OWN:
        assert ("secrets-of-the-owner" in str(SERVICES[name].get("volumes"))) == (name == "migrate")


def test_the_guide_starts_web_as_compose_and_the_demo_do():
    guide = (ROOT / "docs/guides/installation.md").read_text()
    program, *arguments = shlex.split(re.search(r"\.venv/bin/(gunicorn .*)", guide)[1], comments=True)
    CHECKS[program](arguments)
    for text in re.findall(r"\.venv/bin/(celery .*)", guide):
        program, *arguments = shlex.split(text, comments=True)
        CHECKS[program](arguments)


def test_only_migrate_knows_who_owns_the_tables():
    assert {name for name, service in SERVICES.items() if "DATABASE_OWNER_URL" in service.get("environment", {})} == {"migrate"}
    owner, worker = (VARIABLE.fullmatch(SERVICES["migrate"]["environment"][name])[2] for name in ("DATABASE_OWNER_URL", "DATABASE_URL"))
    assert urlsplit(owner).username != urlsplit(worker).username
    assert owner.partition("@")[2] == worker.partition("@")[2]


def test_every_dependency_mount_and_volume_exists():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_the_addresses_between_services_fit_their_ports():
    environment = SERVICES["web"]["environment"]
    for name, host, port in (("DATABASE_URL", "postgres", 5432), ("REDIS_URL", "redis", 6379), ("SANDBOX_URL", "sandbox", 8002)):
        default = VARIABLE.fullmatch(environment[name])
        assert default
        assert f"{host}:{port}" in default[2]
        assert host in SERVICES
    assert "server web:8000;" in (ROOT / "deploy" / "nginx.conf").read_text()
    assert "0.0.0.0:8000" in SERVICES["web"]["command"]


def test_the_platform_and_the_sandbox_world_know_the_same_secrets(monkeypatch):
    """A variable that is empty in the file means the default on both sides."""
    for name, value in SERVICES["sandbox"]["environment"].items():
        default = VARIABLE.fullmatch(value)
        monkeypatch.setenv(name, default[2] if default else value)
    monkeypatch.setattr(env, "stack_values", dict)
    options, _ = options_from(SERVICES["sandbox"]["command"][3:])
    assert options.key == env.get("SANDBOX_KEY") == "sandbox_gateway_key"
    assert (options.events_secret or DEFAULT_SECRET) == env.get("SANDBOX_EVENTS_SECRET")
    assert options.public_url == env.get("SANDBOX_PUBLIC_URL") == "http://localhost:8002"


def test_the_image_copies_what_exists_and_starts_the_web():
    sources = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert [source for source in sources if not (ROOT / source).exists()] == []
    command = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0]
    program, *arguments = yaml.safe_load(command)
    CHECKS[program](arguments)
    for variable in re.findall(r"\b(BNPL_[A-Z_]+)=", DOCKERFILE):
        assert variable in env.KNOWN
    for line in re.findall(r"^RUN (python manage.*)$", DOCKERFILE, re.MULTILINE):
        CHECKS["python"](shlex.split(line)[1:])
