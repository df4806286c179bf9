"""What the stack tells its processes: each where the others are, and only who changes tables who owns them."""

import os

import pytest

from bnpl import env
from stack.demo import Demo
from stack.folders import Folders, read_env
from stack.paths import know_owner
from stack.ports import Ports
from stack.variables import owner_environment, process_environment

OWNER = "postgresql://owner@/given"


@pytest.fixture
def given(monkeypatch):
    """A database that the caller's environment names, with its owner."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://worker@/given")
    monkeypatch.setenv("DATABASE_OWNER_URL", OWNER)


@pytest.fixture
def demo(tmp_path):
    made = Demo(Folders(tmp_path), Ports(9000))
    made.folders.make()
    return made


@pytest.mark.usefixtures("given")
def test_a_process_is_not_told_of_the_owner_that_its_starter_knows():
    assert "DATABASE_OWNER_URL" not in process_environment({})
    assert "DATABASE_OWNER_URL" not in process_environment({"DATABASE_OWNER_URL": OWNER})
    assert owner_environment({"DATABASE_OWNER_URL": OWNER})["DATABASE_OWNER_URL"] == OWNER


@pytest.mark.usefixtures("given")
def test_programs_of_the_demo_are_told_of_the_worker_only(demo):
    demo._set_variables()
    assert demo.env["DATABASE_URL"] == "postgresql://worker@/given"
    assert "DATABASE_OWNER_URL" not in demo.env
    assert "DATABASE_OWNER_URL" not in read_env(demo.folders.stack_env)
    assert read_env(demo.folders.owner_env) == {"DATABASE_OWNER_URL": OWNER}


def test_commands_that_own_find_the_owner_of_the_stack(demo, monkeypatch):
    monkeypatch.setenv("BNPL_VAR", str(demo.folders.var))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    demo._set_variables()
    env.stack_values.cache_clear()
    try:
        assert env.get("DATABASE_OWNER_URL") == ""
        know_owner()
        assert env.get("DATABASE_OWNER_URL") == demo.variables["DATABASE_OWNER_URL"] != ""
    finally:
        os.environ.pop("DATABASE_OWNER_URL", None)
        env.stack_values.cache_clear()


def test_a_value_can_stand_in_a_file(tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("from the file\n")
    monkeypatch.delenv("BNPL_SECRET_KEY", raising=False)
    monkeypatch.setenv("BNPL_SECRET_KEY_FILE", str(secret))
    assert env.get("BNPL_SECRET_KEY") == "from the file"
    monkeypatch.setenv("BNPL_SECRET_KEY", "given")
    assert env.get("BNPL_SECRET_KEY") == "given"
    monkeypatch.delenv("BNPL_SECRET_KEY")
    secret.unlink()
    with pytest.raises(SystemExit, match="BNPL_SECRET_KEY_FILE cannot be read"):
        env.get("BNPL_SECRET_KEY")
