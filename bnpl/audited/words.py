"""SQL parts for the log's declarations."""

NOBODY_NAMED = "''"
"""The actor where the row names none: that of the transaction is logged (`controls.audit.triggers.Watched`)."""


def actor_of(column: str) -> str:
    """Return the actor in a row's column; where it is empty, that of the transaction is logged."""
    return f"NEW.{column}::text"


def objects_of(*columns: str) -> str:
    """Return the objects in some columns; empty ones are left out."""
    return "ARRAY[" + ", ".join(f"nullif(NEW.{column}::text, '')" for column in columns) + "]"


def facts_of(*columns: str) -> str:
    """Return some columns as the facts of an act."""
    return "jsonb_build_object(" + ", ".join(f"'{column}', NEW.{column}" for column in columns) + ")"


def differ(*columns: str) -> str:
    """Return the condition that one of some columns changed."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
