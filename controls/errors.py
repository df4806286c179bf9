"""What can go wrong with proposals and assignments."""

from core.errors import Conflict


class AlreadyProposed(Conflict):
    """Something about the same subject is open already."""

    code = "controls.proposed_already"
    title = "Proposed already"


class Decided(Conflict):
    """The proposal is no longer open for this."""

    code = "controls.decided"
    title = "Decided already"


class OnePerson(Conflict):
    """The person who proposed cannot decide."""

    code = "controls.one_person"
    title = "Another person decides"


class Changed(Conflict):
    """What would be changed is not as it was when the proposal was made."""

    code = "controls.changed_meanwhile"
    title = "Changed meanwhile"


class Unsigned(Conflict):
    """The row says that somebody approved, and no signature of theirs fits it."""

    code = "controls.unsigned"
    title = "Not signed"


class Taken(Conflict):
    """Somebody else works on the task."""

    code = "controls.taken"
    title = "Taken by somebody else"
