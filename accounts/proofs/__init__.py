"""Pictures of identity documents and of the person: cleaned, kept encrypted for a while, and looked at by reviewers."""
