"""What may go wrong with merchants and their teams."""

from core.errors import Conflict


class AlreadyMember(Conflict):
    """The person is in the team."""

    code = "team.already_member"


class LastOwner(Conflict):
    """A team keeps at least one owner."""

    code = "team.last_owner"


class InvitationSpent(Conflict):
    """The invitation was used or is too old."""

    code = "team.invitation_spent"
