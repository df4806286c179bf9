"""Ask whether a statement can be answered by an index, whatever few rows the tables have."""

from collections.abc import Sequence
from typing import Any

from core.db import execute, rows
from tests.owner import as_owner


def plan_with_only(index: str, sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> str:
    """Return the plan of a statement if its table has no other index than this one, until the transaction ends, and is not read whole."""
    with as_owner():
        execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid <> %(index)s::regclass"
            " AND indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = %(index)s::regclass)",
            {"index": index},
        )
    rows("SELECT set_config('enable_seqscan', 'off', true)")
    return "\n".join(line for (line,) in rows(f"EXPLAIN {sql}", params))
