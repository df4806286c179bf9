"""Commands that run by themselves borrow the demo's servers, and only those commands do."""

import pytest

from stack import borrowed


@pytest.fixture
def shell(monkeypatch) -> pytest.MonkeyPatch:
    """A shell in which nobody set an address."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BNPL_TESTING", raising=False)
    return monkeypatch


BORROWING = {"simulate": True, "check_books": True, "credit_model": True, "fraud_model": True, "migrate": False, "demo": False}


@pytest.mark.parametrize(("command", "borrows"), BORROWING.items())
def test_some_commands_borrow_the_servers(shell, command, borrows):
    assert borrowed.wanted(command) is borrows


@pytest.mark.parametrize("name", ["DATABASE_URL", "BNPL_TESTING"])
def test_nobody_borrows_where_the_environment_names_a_database(shell, name):
    shell.setenv(name, "1")
    assert not borrowed.wanted("check_books")
