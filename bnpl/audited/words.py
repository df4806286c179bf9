"""The SQL of which the log's declarations are made."""

NOBODY_NAMED = "coalesce(nullif(current_setting('bnpl.actor', true), ''), '')"
"""Who acts by the present transaction, where its rows do not say it (`core.acting`)."""


def actor_of(column: str) -> str:
    """Return who a row names, else who acts."""
    return f"coalesce(nullif(NEW.{column}::text, ''), {NOBODY_NAMED})"


def objects_of(*columns: str) -> str:
    """Return the objects that columns name; empty ones are left out."""
    return "ARRAY[" + ", ".join(f"nullif(NEW.{column}::text, '')" for column in columns) + "]"


def facts_of(*columns: str) -> str:
    """Return columns as the facts of an act."""
    return "jsonb_build_object(" + ", ".join(f"'{column}', NEW.{column}" for column in columns) + ")"


def differ(*columns: str) -> str:
    """Return the condition that one of some columns changed."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
