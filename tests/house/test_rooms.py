"""What may be done in which room: services write, rules calculate, doors read the clock, nobody calls a provider in a transaction."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import RANK, ROOT, Function, app_modules, called, functions, imported, in_room, modules, room, walk

# Who may ask what time it is: whoever lets the outside in.
DOORS = {"api", "portals", "operations", "admin", "tasks", "commands", "middleware", "templatetags"}
CLOCKWORK = {Path("core/clock.py"), Path("core/timers.py"), Path("simulation/world.py"), Path("simulation/api.py")}
# `now(...)` there says that a handler hears an event now.
CLOCKWORK |= {Path("bnpl/subscriptions.py")}
# A command of its own, which needs no Django: it tells how far a clock is to be moved.
CLOCKWORK |= {Path("stack/other_days.py")}
CLOCKS = re.compile(r"^(clock\.now|now|timezone\.(now|localdate|localtime)|datetime\.(now|utcnow|today)|date\.today|time\.time)$")
# Writes that know no time: what they do has no date of its own.
TIMELESS = {
    "choose_language_of_user",
    "forget_try",
    "keep_assessment",
    "keep_look",
    "claim",
    "cancel_plan",
    "make_default",
    "renew_agency_key_hash",
    "renew_key_hash",
    "release_many",
    "release_columns",
    "load_markets",
    "load_rates",
}
READS = {"pick_quote", "replay_case"}
PROVIDERS = re.compile(
    r"^(gateways?|requests|remote|stripe|twilio|client)\.|\.(get_gateway|data_source)$"
    r"|^(in_flight|guarded|ask_all|ask_once_more|settle_open|post|urlopen)$|(^|\.)(run_charges|send_refunds|send_payouts|authorize|add_card|release_authorization)$"
)


def exported(app: str) -> set[str] | None:
    """Return the names that an app's package of services offers; None where it is one module."""
    init = ROOT / app / "services" / "__init__.py"
    if not init.exists():
        return None
    return {alias.name for node in ast.walk(ast.parse(init.read_text())) if isinstance(node, ast.ImportFrom) for alias in node.names}


def offered() -> Iterator[tuple[Path, Function]]:
    """Yield the functions that are the services of each app."""
    for path, tree in room("services"):
        names = exported(path.parts[0])
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and (names is None or node.name in names):
                yield path, node


def test_services_are_called_by_keyword_and_told_the_time():
    found = []
    for path, node in offered():
        arguments = {argument.arg for argument in node.args.kwonlyargs}
        if node.name not in READS and (node.args.args or node.args.posonlyargs or node.args.vararg):
            found.append(f"{path} {node.name}: positional arguments")
        if node.name not in READS | TIMELESS and "at" not in arguments:
            found.append(f"{path} {node.name}: no `at`")
    assert found == []


def test_exceptions_are_still_needed():
    names = {node.name for _, node in offered()}
    assert (READS | TIMELESS) - names == set()


def test_only_services_and_the_kernel_open_transactions():
    found = []
    for path, tree in app_modules():
        calls = {called(node) for node in walk(tree) if isinstance(node, ast.Call)} | {
            called(n) for f in functions(tree) for n in f.decorator_list
        }
        if any(name.endswith("atomic") for name in calls) and path != Path("core/db.py"):
            found.append(f"{path}: atomic")
        # These are where commands compose services of several apps.
        if "unit" in calls and not in_room(path, "services") and path.parts[0] not in {"core", "simulation", "operations"}:
            found.append(f"{path}: unit")
    assert found == []


def test_only_doors_read_the_clock():
    found = []
    for path, tree in app_modules():
        if path in CLOCKWORK or DOORS & {*path.parts[:-1], path.stem}:
            continue
        calls = {called(node) for node in walk(tree) if isinstance(node, ast.Call)}
        found += [f"{path}: {name}" for name in calls if CLOCKS.match(name)]
        found += [f"{path}: {name}" for name in imported(tree) if name in {"django.utils.timezone", "core.clock.now"}]
    assert found == []


def test_rules_are_pure():
    """They know no Django, no clock, no database and no network; they may call the states of their own app by name."""
    allowed = {
        "core.hours",
        "core.money",
        "core.months",
        "core.business_days",
        "core.errors",
        "core.characters",
        "core.sentences",
        "core.web_addresses",
    }
    found = []
    for path, tree in room("rules"):
        for name in imported(tree):
            top = name.partition(".")[0]
            own = name.startswith((f"{path.parts[0]}.rules", f"{path.parts[0]}.states"))
            ours = top in RANK and not own and not any(name.startswith(module) for module in allowed)
            if ours or top in {"django", "requests", "celery", "rest_framework", "os", "random", "time", "socket"}:
                found.append(f"{path} imports {name}")
    assert found == []


def test_services_know_no_tasks_and_no_doors():
    found = [
        f"{path} imports {name}"
        for path, tree in room("services")
        for name in imported(tree)
        if re.search(r"\.(tasks|api|admin)\b|^portals", name)
    ]
    assert found == []


def test_no_provider_is_called_inside_a_unit():
    found = []
    for path, tree in room("services"):
        for node in walk(tree):
            if isinstance(node, ast.With) and any(called(item.context_expr) == "unit" for item in node.items):
                inside = {called(call) for statement in node.body for call in ast.walk(statement) if isinstance(call, ast.Call)}
                found += [f"{path}:{node.lineno} {name}" for name in inside if PROVIDERS.search(name)]
    assert found == []


def test_providers_are_called_from_gateways_only():
    wires = {"requests", "urllib.request", "http.client", "httpx", "stripe", "twilio", "smtplib", "socket"}
    allowed = {Path("core/remote.py"), Path("core/twilio_client.py")}
    found = []
    for path, tree in app_modules():
        if path in allowed or in_room(path, "gateways") or path.parts[0] == "stack":
            continue
        found += [
            f"{path} imports {name}"
            for name in imported(tree)
            if name in wires or name.partition(".")[0] in wires - {"urllib.request", "http.client"}
        ]
    assert found == []


def test_rows_are_locked_by_lock_queries_only():
    """A claim that passes over locked rows may stand in a service; waiting for a lock is the business of `lock_` queries."""
    found = []
    for path, tree in app_modules():
        for function in functions(tree):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and called(node).endswith("select_for_update"):
                    skips = any(keyword.arg == "skip_locked" for keyword in node.keywords)
                    if not skips and not (function.name.startswith("lock_") and in_room(path, "queries")):
                        found.append(f"{path}:{node.lineno} {function.name}")
    assert found == []


def test_nobody_else_touches_the_ledger_s_rows():
    found = [f"{path} imports {name}" for path, tree in app_modules() for name in imported(tree) if name.startswith("ledger.models")]
    assert [line for line in found if not line.startswith("ledger")] == []
    writes = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+ledger_", re.IGNORECASE)
    written = [str(path) for path, _ in app_modules() if writes.search((ROOT / path).read_text())]
    assert {Path(path).parts[0] for path in written} == {"ledger"}


def test_no_signals_for_what_happens_in_the_domain():
    found = [
        f"{path} imports {name}"
        for path, tree in app_modules()
        for name in imported(tree)
        if name.startswith(("django.db.models.signals", "django.dispatch"))
    ]
    # That tables are made is nothing of the domain: what comes with them is loaded then.
    assert found == [f"markets/apps.py imports django.db.models.signals{what}" for what in ("", ".post_migrate")]


def test_handlers_and_tasks_are_thin():
    """Event in, or timer in: one service call; nothing of it takes a screen."""
    long = [
        f"{path} {node.name}"
        for name in ("handlers", "tasks")
        for path, tree in room(name)
        for node in functions(tree)
        if node.end_lineno - node.lineno > 25
    ]
    assert long == []


WRITES = re.compile(r"\b(?:UPDATE|INSERT INTO|DELETE FROM)\s+\"?([a-z]+)_[a-z]+\b")
LABELS = {path.parent.parent.name for path in ROOT.glob("*/migrations/__init__.py")}


def test_a_statement_that_writes_a_table_stands_in_the_app_that_owns_it():
    found = [
        f"{path}:{node.lineno} {table}"
        for path, tree in modules().items()
        if path.parts[0] not in {"benchmarks", "docs"}
        for node in walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for table in WRITES.findall(node.value)
        if table in LABELS and table != path.parts[0]
    ]
    assert found == []
