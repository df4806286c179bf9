"""Words of collecting."""

from django.utils.translation import gettext_lazy as _

from collection.advising import Next
from core.sentences import Text

ADVICE: dict[Next, tuple[Text, Text]] = {
    Next.NOTHING: (_("Do nothing"), _("Collecting stands still for the person.")),
    Next.COMPLAINT: (_("Wait for the answer to the complaint"), _("Until then nobody contacts the person about what is late.")),
    Next.OUTCOME: (_("Note the outcome of the call"), _("A call is under way.")),
    Next.TASK: (_("Do what is noted as a task"), _("A task is due today or was due before.")),
    Next.PROMISE: (_("Wait for the promised payment"), _("It is promised by %(day)s.")),
    Next.AGREED: (_("Wait for what was agreed"), _("All that is late is promised, or a settlement for it is being paid.")),
    Next.CLOSED: (_("Nothing to do"), _("The case is closed. Another opens by itself once something has been late for some days.")),
    Next.PAID: (_("Nothing to do"), _("Nothing is late any more. The close of day closes the case.")),
    Next.TRACE: (_("Look for another number"), _("The last call reached a wrong number.")),
    Next.NO_PHONE: (_("Write, with a link to pay"), _("No phone number is known.")),
    Next.WRITE: (_("Write, with a link to pay"), _("The person asked not to be called.")),
    Next.RELIEF: (_("Call, and talk about help with payments"), _("Payments were already eased, and something is late again.")),
    Next.UNREACHED: (_("Write, with a link to pay"), _("The last calls reached nobody.")),
    Next.LATER: (_("Call later"), _("The next call is allowed from %(at)s.")),
    Next.BROKEN: (_("Call now"), _("The last promise to pay was not kept.")),
    Next.CALL: (_("Call now"), _("Something is late, and a call is allowed.")),
}
"""What to do next about a late person, and why; the same facts stand in `collection.advising.Known`."""
