"""Options of all tests, and the plug-ins with their fixtures: `tests/conftest.py` and the standing cast of people."""

import gc
import importlib.util
import os
from pathlib import Path

import pytest

ALL = "BNPL_TEST_ALL"
OUTSIDE = {"db", "transactional_db", "sandbox_world", "browser"}
LONG = (
    *("tests/benchmarks/", "tests/browser/", "tests/exactly_once/", "tests/live/", "tests/shop/", "tests/upgrade/", "tests/web/"),
    *("tests/api/test_schemathesis.py", "tests/collection/test_exactly_once.py", "tests/portals/test_guides_browser.py"),
    *("tests/portals/test_design_browser.py", "tests/portals/test_nasty_values.py"),
    # Crawls of all pages of a portal, outages of all providers, and all orders of events.
    *(
        "tests/portals/test_back_office_languages.py",
        "tests/portals/test_languages.py",
        "tests/portals/test_unreadable.py",
        "tests/portals/test_weight.py",
        "tests/portals/test_once.py",
        "tests/portals/test_slow_sources.py",
        "tests/portals/test_asks_and_buys.py",
    ),
    *(
        "tests/portals/test_outages.py",
        "tests/portals/test_forms_again.py",
        "tests/core/test_evidence.py",
        "tests/plans/test_money.py",
    ),
    *("tests/payments/test_turns_in_any_order.py", "tests/collection/test_debits_disturbed.py", "tests/api/test_sandbox_clock.py"),
    # Every page of the back office and of the shops' portal, each after purchases of its own.
    *("tests/operations/", "tests/portals/merchant/", "tests/portals/test_back_office.py", "tests/portals/test_back_office_limits.py"),
    *(
        "tests/portals/test_requests.py",
        "tests/portals/test_bank_accounts.py",
        "tests/portals/test_refused.py",
        "tests/portals/test_tries.py",
    ),
    *("tests/portals/test_rights_of_users.py", "tests/portals/test_papers.py"),
    # Texts and documents in all languages, letter by letter.
    *(
        "tests/portals/test_answers_in_languages.py",
        "tests/portals/test_guides.py",
        "tests/portals/test_terms.py",
        "tests/plans/test_pdf.py",
    ),
    # Each way around two people, each kind of proposal; and movements that were made after all, in every order.
    *("tests/controls/test_four_eyes.py", "tests/payments/test_made_after_all.py", "tests/payments/test_charges_made_after_all.py"),
    # Ten thousand decisions, and a thousand times eight checkouts at once.
    *("tests/credit/test_many_replayed.py", "tests/credit/test_many_at_once.py::test_a_thousand"),
    *("tests/fraud/test_network.py", "tests/fraud/test_acts.py", "tests/fraud/laundering/test_watching.py"),
    # Training of models, which takes seconds each; tests of every page or day.
    *("tests/learning/", "tests/fraud/test_models.py", "tests/fraud/test_stories.py", "tests/portals/test_full_stops.py"),
    "tests/controls/test_audit.py::test_each_of_a_hundred_tamperings_is_found_and_named",
    "tests/plans/test_lawful_offers.py::test_what_comes_with_the_product_is_lawful_on_every_day_to_come",
    "tests/plans/test_plans_under_time.py::test_the_model_and_the_product_agree_for_long",
    "tests/core/test_arrays.py::test_texts_arrive_as_they_are",
    "tests/checkout/test_declined_cards.py::test_forty_declined_cards_of_one_person_stop_after_five",
    "tests/reports/test_planted_faults.py",
    # Training, which takes a second each, and a process that is killed.
    "tests/reports/test_laboratory.py",
    "tests/reports/test_days.py::test_memory_grows_neither_with_the_charges_of_a_day_nor_with_the_days",
    *("tests/stack/test_checks.py", "tests/stack/test_demo.py", "tests/stack/test_postgres.py", "tests/stack/test_prelude.py"),
    *(
        "tests/stack/test_simulation.py",
        "tests/stack/test_supervisor.py",
        "tests/stack/test_days_of_notices.py",
        "tests/stack/test_days_of_contacts.py",
        "tests/stack/test_giving_way.py",
    ),
)
"""Tests that start and kill whole programs, crawl portals, or try every page, URL, text or order of events."""

pytest_plugins = ["tests.cast"] if importlib.util.find_spec("tests.cast") else []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--all`, which also runs the long tests; runs of named tests, or with `-k` or `-m`, always include them."""
    parser.addoption("--all", action="store_true", help="run the long tests too")


def pytest_configure(config: pytest.Config) -> None:
    """Keep migrated data in tests that commit, and set no deadline for the examples of property tests.

    The garbage collector is off while tests are collected: it would find nothing, and double the time.
    """
    gc.disable()
    chosen = config.args_source is not pytest.Config.ArgsSource.TESTPATHS or config.option.keyword or config.option.markexpr
    if not hasattr(config, "workerinput"):
        # Inherited by the processes of the run.
        os.environ[ALL] = "1" if config.option.all or chosen else ""
    from hypothesis import settings

    from tests.flush import install

    install()
    # A shared machine is sometimes slow; pytest's own time-out ends tests that hang.
    settings.register_profile("any machine", deadline=None)
    settings.load_profile("any machine")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out long tests before their modules are imported, since imports generate schemathesis cases and load browser tools."""
    if (os.environ.get(ALL) and config.option.markexpr != "not slow") or not collection_path.is_relative_to(config.rootpath):
        return None
    own = collection_path.relative_to(config.rootpath).as_posix() + ("/" if collection_path.is_dir() else "")
    return True if own.startswith(LONG) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests with a database, the sandbox world or a browser as slow, and tests of many seconds as long; deselect the long ones."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or item.get_closest_marker("browser") or asked & OUTSIDE:
            item.add_marker("slow")
        if item.nodeid.startswith(LONG):
            item.add_marker("slow")
            item.add_marker("long")
    if not os.environ.get(ALL):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Turn the garbage collector on again, for what the tests themselves leave: little, so it runs rarely."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()
