"""Errors of collection."""

from core.errors import Conflict
from core.sentences import marked


class HoldsDeposit(Conflict):
    """The card cannot be removed while it holds the deposit of a purchase."""

    code = "collection.holds_deposit"


class LastMethod(Conflict):
    """The card cannot be removed while something is still to be paid with it."""

    code = "collection.last_method"


class NoticeFirst(Conflict):
    """What follows has to wait for a notice to the person."""

    code = "collection.notice_first"


REFUSED_PROMISE = {
    "not_late": marked("Nothing of this purchase is late, so there is nothing to promise."),
    "stopped": marked("The payments of this purchase are stopped. Nothing has to be paid now."),
    "settling": marked("You agreed on a settlement for this purchase. Pay that instead."),
    "under_way": marked("A payment is on its way. Try again in a few minutes."),
    "respite": marked("There is a breathing space. Nothing has to be paid until it is over."),
    "waiting": marked("There is a promise for this purchase already."),
    "too_many": marked("There are promises for other purchases already. Pay one of them first."),
    "broken": marked("Promises before were not kept. Please pay now, or ask for help with payments."),
}
"""Why nobody can promise to pay a purchase later now."""
REFUSED_CALL = {
    "nothing_late": marked("Nothing of this person is late any more, so there is nothing to call about."),
    "standstill": marked("Collecting stands still for the person. Do not call."),
    "complaint": marked("A complaint of the person waits for its answer. Do not call."),
    "promised": marked("All that is late is promised, or a settlement for it is being paid. Wait for its day."),
    "asked_not": marked("The person asked not to be called. Write instead."),
    "no_calls": marked("The person needs to be written to in place of calls, for their situation."),
    "no_phone": marked("No phone number is known. Write instead."),
    "under_way": marked("A call is under way. Note its outcome first."),
    "often": marked("The person was called as often as allowed. The next call is allowed from %(at)s."),
    "talked": marked("Somebody talked with the person in the last days. The next call is allowed from %(at)s."),
    "hours": marked("It is no hour for calls where the person is. The next call is allowed from %(at)s."),
}
"""Why a late person cannot be called now."""
