"""Each field about a person says beside it why it is asked."""

from accounts.states import ProofLevel
from portals.checkout.deciding.figures import FiguresForm
from portals.checkout.deciding.forms import ADDRESS, DetailsForm
from portals.proofs import ProofForm


def test_each_field_about_a_person_says_why_it_is_asked():
    asked = DetailsForm.base_fields | FiguresForm(currency="DKK", locale="da_DK").fields
    asked["selfie"] = ProofForm(level=ProofLevel.SELFIE).fields["selfie"]
    # The first line of an address says it for all of it.
    assert [name for name, field in asked.items() if not field.help_text and name not in ADDRESS[1:]] == []
