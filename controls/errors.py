"""Errors of proposals and assignments."""

from core.errors import Conflict


class AlreadyProposed(Conflict):
    """A proposal or trial about the same subject is already open."""

    code = "controls.proposed_already"
    title = "Proposed already"


class Decided(Conflict):
    """The proposal is no longer open for this action."""

    code = "controls.decided"
    title = "Decided already"


class OnePerson(Conflict):
    """The person who proposed cannot decide."""

    code = "controls.one_person"
    title = "Another person decides"


class Changed(Conflict):
    """The present values are no longer those from when the proposal was made."""

    code = "controls.changed_meanwhile"
    title = "Changed meanwhile"


class Unsigned(Conflict):
    """The row is marked as approved, but has no valid signature of the decision."""

    code = "controls.unsigned"
    title = "Not signed"


class Taken(Conflict):
    """Somebody else has the task."""

    code = "controls.taken"
    title = "Taken by somebody else"
