"""What may go wrong with merchants and their teams."""

from core.errors import Conflict, Forbidden


class AlreadyMember(Conflict):
    """The person is in the team."""

    code = "team.already_member"


class OperatorsStayOutside(Forbidden):
    """Who works in the back office has no place in a shop's team."""

    code = "team.operator"


class LastOwner(Conflict):
    """A team keeps at least one owner."""

    code = "team.last_owner"


class InvitationSpent(Conflict):
    """The invitation was used, taken back, or is too old."""

    code = "team.invitation_spent"
