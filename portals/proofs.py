"""The form with pictures that prove who somebody is, on the profile and in a checkout."""

from typing import Any

import segno
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.proofs.models import DOCUMENTS, IdentityProof
from accounts.proofs.pictures import MOST_BYTES
from accounts.states import ProofLevel, ProofStatus

PHOTO = "image/jpeg,image/png"


def _photo(label: Any, note: Any = "", *, required: bool = True, **shown: str) -> forms.FileField:
    told = {"required": gettext_lazy("Take this picture."), "empty": gettext_lazy("The file is empty.")}
    widget = forms.FileInput(attrs={"accept": PHOTO, **shown})
    return forms.FileField(label=label, help_text=note, required=required, widget=widget, error_messages=told)


class ProofForm(forms.Form):
    """Which document it is, and the pictures; what is missing or is no photo is found by the service, which names each."""

    document = forms.ChoiceField(
        label=gettext_lazy("Which document is it?"),
        choices=DOCUMENTS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    front = _photo(gettext_lazy("Its front"), gettext_lazy("Of a passport, the page with your picture."))
    back = _photo(gettext_lazy("Its back"), gettext_lazy("Not needed of a passport."), required=False)
    selfie = _photo(
        gettext_lazy("You"), gettext_lazy("Your face, from the front, in good light. It shows that the document is yours."), capture="user"
    )

    def __init__(self, *args: Any, level: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if level != ProofLevel.SELFIE:
            del self.fields["selfie"]


def pictures_of(request: HttpRequest) -> dict[str, bytes]:
    """Return the pictures that a request brings, by part; of one that is too large only so much that it is refused."""
    sent = {part: request.FILES.get(part) for part in ("front", "back", "selfie")}
    return {part: file.read(MOST_BYTES + 1) for part, file in sent.items() if isinstance(file, UploadedFile)}


def code_to_scan(request: HttpRequest, path: str) -> str:
    """Return a picture that leads a phone's camera to a path of this site, as an address of an image."""
    return str(segno.make(request.build_absolute_uri(path), error="l").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"))


def shown_of(proof: IdentityProof | None) -> dict[str, Any]:
    """Return what pages show of a person's newest proof; nothing if there is none."""
    if proof is None:
        return {}
    return {
        "is_open": proof.is_open,
        "is_quick": proof.is_company_looking,
        "is_accepted": proof.is_accepted,
        "is_refused": proof.status == ProofStatus.REFUSED,
        "is_over": proof.status == ProofStatus.ENDED,
        "ends_on": proof.ends_on,
    }
