"""SQL parts for the log's declarations."""

NOBODY_NAMED = "coalesce(nullif(current_setting('bnpl.actor', true), ''), '')"
"""The actor of the present transaction, for rows that do not name one (`core.acting`)."""


def actor_of(column: str) -> str:
    """Return the actor in a row's column, or else the transaction's actor."""
    return f"coalesce(nullif(NEW.{column}::text, ''), {NOBODY_NAMED})"


def objects_of(*columns: str) -> str:
    """Return the objects in some columns; empty ones are left out."""
    return "ARRAY[" + ", ".join(f"nullif(NEW.{column}::text, '')" for column in columns) + "]"


def facts_of(*columns: str) -> str:
    """Return some columns as the facts of an act."""
    return "jsonb_build_object(" + ", ".join(f"'{column}', NEW.{column}" for column in columns) + ")"


def differ(*columns: str) -> str:
    """Return the condition that one of some columns changed."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
