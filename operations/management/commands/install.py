"""`manage.py install`: prepare an installation and report what is missing; run it again after each update."""

import time
from argparse import ArgumentParser
from collections.abc import Collection
from typing import Any

from django.core.checks import Error, run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import make_first_operator, set_roles
from core import clock, providers, roles
from core.errors import DomainError
from core.provider_accounts import WORDS
from core.providers import Account, Capability, ProviderMissing
from merchants.models import Merchant
from operations.missing import OPTIONAL, TYPED_IN, list_unserved
from operations.roles import ROLES

FIRST = 2
"""The number of operators with all rights that this command makes: one proposes further operators, the other decides."""


class Command(BaseCommand):
    """Refuses an installation with wrong settings; else migrates, loads markets, makes the first operator, and calls every provider."""

    help = "Make this installation ready: tables, markets, the first operator. May be run again at any time."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the first operator's e-mail address and name."""
        parser.add_argument("--operator-email", default="", help="the first operator, who gets a mail to choose a password")
        parser.add_argument("--operator-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step and print a line about it; CommandError names what has to be fixed first."""
        faults = [fault for fault in run_checks(tags=["bnpl"]) if isinstance(fault, Error)]
        if faults:
            lines = [f"  {fault.id}: {fault.msg}\n      {fault.hint}" for fault in faults]
            raise CommandError("\n".join([f"Nothing was done. {len(faults)} to mend first:", *lines]))
        call_command("migrate", verbosity=0, stdout=self.stdout, stderr=self.stderr)
        self._say("Tables", "as this version needs them")
        self._say("Markets", "with today's numbers of the law, and exchange rates")
        # In the running product two people give rights.
        with roles.as_owner():
            set_roles(roles=ROLES, actor="install", at=clock.now())
            self._say("Roles", ", ".join(ROLES))
            self._operator(options["operator_email"], options["operator_name"])
        missing = [self._provider(capability) for capability in Capability].count(False)
        for told in list_unserved():
            missing += 1
            self._say("Markets", told)
        if not Merchant.objects.exists():
            self._say("Shops", "none yet: manage.py open_shop --help")
        self.stdout.write(f"\nReady, but for {missing} of the providers above." if missing else "\nReady. Start web, workers and beat.")

    def _say(self, what: str, how: str) -> None:
        self.stdout.write(f"{what:<28} {how}")

    def _operator(self, email: str, name: str) -> None:
        """Make the first operator, and the second, who decides what the first proposes; others are proposed in the back office."""
        count = User.objects.filter(is_superuser=True, is_active=True).count()
        if count >= FIRST:
            self._say("Operators", "there are two who may do all; more are added in the back office")
        elif not email:
            missing = "one, and a second decides who else works here" if count else "none yet"
            self._say("Operators", f"{missing}: run this again with --operator-email")
        else:
            try:
                make_first_operator(email=email, name=name, actor="install", at=clock.now())
            except DomainError as error:
                raise CommandError(f"--operator-email: {error.detail}") from None
            self._say("Operators", f"{email} gets a mail to choose a password, as soon as workers run")
            if not count:
                self._say("", "run this again with --operator-email for a second one: who else works here takes two")

    def _provider(self, capability: Capability) -> bool:
        """Call the provider chosen for a capability, and return whether it answers."""
        began = time.monotonic()
        try:
            account = providers.first(capability)
            adapter = providers.connect(account.code)
            adapter.health()
            told = adapter.countries() if hasattr(adapter, "countries") else frozenset()
        except ProviderMissing:
            optional, typed = capability in OPTIONAL, capability in TYPED_IN
            why = f": {OPTIONAL[capability]}" if optional else ": type an account in under Providers" if typed else ""
            self._say(str(WORDS[capability]), f"nobody is asked{why}")
            return optional or typed
        except Exception as error:  # noqa: BLE001  (whatever the provider or its library says is the answer)
            self._say(str(WORDS[capability]), f"{account.code} does not work: {getattr(error, 'detail', '') or type(error).__name__}")
            return False
        self._say(str(WORDS[capability]), f"{account.code} answers, after {(time.monotonic() - began) * 1000:.0f} ms")
        return self._serves_all_places(account, told)

    def _serves_all_places(self, account: Account, told: Collection[str]) -> bool:
        """Return whether the provider serves every place that an account from variables is used for; print those that it does not serve."""
        variable, served = providers.get_provider(account.provider).countries_variable, " ".join(sorted(told))
        if not served or account.priority != providers.BY_VARIABLES or (account.countries and account.countries <= set(told)):
            return True
        self._say("", f'{account.code} says that it serves {served} only, and is asked elsewhere: set {variable}="{served}"')
        return False
