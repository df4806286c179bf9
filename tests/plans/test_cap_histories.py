"""Random lives under the most aggressive fees; the oracle that counts them finds what is planted, and nothing else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db
NOTHING_WRONG = "0 breaches, 0 cut without need, 0 errors or faults of the books"


def lived(market, *, count=60, served=0, plant="", seed=1):
    """Run the command and return its lines and its exit code."""
    out = StringIO()
    told = {"market": market, "count": count, "served": served, "seed": seed, "plant": plant, "verbosity": 0, "stdout": out}
    try:
        call_command("cap_histories", **told)
    except SystemExit as ended:
        return out.getvalue().splitlines(), ended.code
    return out.getvalue().splitlines(), 0


@pytest.mark.parametrize("market", ["AU", "DK", "GB", "SE", "US", "US-CA"])
def test_no_fee_breaks_a_cap(market):
    lines, code = lived(market)
    assert (code, lines[-1]) == (0, NOTHING_WRONG), lines


def test_no_fee_through_the_services_breaks_a_cap():
    lines, code = lived("US-CA", count=2, served=2)
    assert (code, lines[-1]) == (0, NOTHING_WRONG), lines


@pytest.mark.parametrize(
    ("market", "cap", "told"),
    [
        ("AU", "period_default_only_first_minor", "default fees of"),
        ("DK", "reminders_most", "reminders"),
        ("GB", "order_bps", "purchase of"),
    ],
)
def test_the_oracle_finds_a_cap_that_is_left_out(market, cap, told):
    lines, code = lived(market, plant=cap, count=200)
    assert (code, any(told in line for line in lines)) == (1, True), lines
    assert not lines[-1].startswith("0 breaches")


def test_lives_are_lived_in_a_sandbox_only(settings):
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="sandbox only"):
        lived("DK")
