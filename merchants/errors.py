"""Errors of merchants and their teams."""

from core.errors import Conflict, Forbidden


class AlreadyMember(Conflict):
    """The person is already in the team."""

    code = "team.already_member"


class OperatorsStayOutside(Forbidden):
    """An operator of the back office cannot be in a shop's team."""

    code = "team.operator"


class LastOwner(Conflict):
    """A team keeps at least one owner."""

    code = "team.last_owner"


class InvitationSpent(Conflict):
    """The invitation was used or withdrawn, or has expired."""

    code = "team.invitation_spent"
