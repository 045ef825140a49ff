"""Forms for a picture and its texts."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.merging import MergingForm
from images import pending, reencoding, uploads
from images.models import Image, PendingUpload


class ImageForm(MergingForm[Image]):
    together = (("file", "focal_x", "focal_y"), ("alt", "is_decorative"))

    file = forms.FileField(
        label="Picture",
        widget=AdminFileWidget(
            # By name as well: not every system knows HEIC's media type.
            attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif,.heic,.heif"}
        ),
        help_text=f"{reencoding.ACCEPTED}, at most {reencoding.MAX_BYTES // 1024**2} MB. Location "
        "and camera data are removed.",
    )

    # The picture of a form that was refused for something else, by its digest.
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Image
        fields = ["file", "title", "alt", "is_decorative", "credit", "focal_x", "focal_y"]
        widgets = {"alt": forms.Textarea(attrs={"rows": 2, "cols": 60})}

    reencoded: reencoding.Reencoded | None = None
    existing: Image | None = None  # the library has the picture already: this one

    user_id: int = 0
    pending: PendingUpload | None = None

    @classmethod
    def for_user(cls, user_id: int) -> "type[ImageForm]":
        return type(cls.__name__, (cls,), {"user_id": user_id})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if digest := self.data.get("kept"):
            self._offer(pending.find(digest, user_id=self.user_id))

    def full_clean(self) -> None:
        super().full_clean()
        file = self.files.get("file")
        if self.is_bound and self.errors and "file" not in self.errors and self.reencoded and file:
            self._offer(
                pending.keep(
                    self.reencoded, user_id=self.user_id, called=file.name or "Your picture"
                )
            )

    def _offer(self, kept: PendingUpload | None) -> None:
        """Show the picture as chosen, so that only what was wrong has to be done again."""
        self.pending = kept
        if kept is None or "file" not in self.fields:
            return
        data: Any = self.data  # a QueryDict, of which a copy can be changed
        self.data = data = data.copy()
        data["kept"] = kept.digest
        self.instance.pending_source = default_storage.url(kept.file)
        self.fields["file"].required = False
        self["file"].help_text = (  # of the field it has been copied by now
            f"“{kept.called}” ({kept.width} × {kept.height}) is still here: you don’t "
            "need to choose it again. Choose a file only to replace it."
        )

    def clean_file(self) -> File[bytes]:
        file: File[bytes] = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            self.reencoded = reencoding.reencode(file)
        elif self.pending:
            self.reencoded = pending.picture_of(self.pending)
        if self.reencoded:
            try:
                uploads.refuse_duplicate(self.reencoded, besides=self.instance)
            except uploads.AlreadyHere as refusal:
                self.existing = refusal.existing
                raise forms.ValidationError(already_here(refusal.existing)) from refusal
            uploads.store(self.reencoded)
        return file


class UploadForm(ImageForm):
    """The fields of the picker. The focal point can be set later."""

    class Meta(ImageForm.Meta):
        fields = ["file", "title", "alt", "is_decorative", "credit"]


class DescribeForm(forms.ModelForm[Image]):
    """What a picture shows, from within a text. `was` is what the page knew of it."""

    was = forms.CharField(required=False)

    class Meta:
        model = Image
        fields = ["alt", "is_decorative"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        known = Image.objects.only("alt").get(pk=self.instance.pk).alt
        if cleaned.get("was", "") != known:
            raise forms.ValidationError(f"A colleague has described it meanwhile: “{known}”.")
        return cleaned


def already_here(existing: Image) -> SafeString:
    return format_html(
        'This picture is in the library already, as <a href="{}">{}</a>.',
        reverse("admin:images_image_change", args=[existing.pk]),
        existing.title,
    )
