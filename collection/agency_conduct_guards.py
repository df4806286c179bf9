"""What the database demands before an agency that broke the code gets debts again."""

from controls.agreed import ended_by_two

RESTARTS = "collection.agency_restarts"
"""The kind of proposals by which an agency that was stopped for its conduct gets debts again; its subject is the agency's key."""
RESTARTED_BY_TWO = ended_by_two("restarted_by_two", RESTARTS, subject="NEW.agency_id")
"""Refuses to end a stop on which no two operators agreed."""
