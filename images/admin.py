from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.merging_admin import MergingAdmin
from images import pictures, uploads
from images.forms import DescribeForm, ImageForm, UploadForm, already_here
from images.models import Image


def _for_editor(image: Image) -> JsonResponse:
    """What the editor writes into a text, as from the picker."""
    alt = "" if image.is_decorative else image.alt
    answer = {"id": image.pk, "url": image.file.url, "alt": alt, "caption": image.credit}
    return JsonResponse(answer)


@admin.register(Image)
class ImageAdmin(MergingAdmin):
    """The picture library, and the window in which the editor picks from it."""

    form = ImageForm
    list_display = ["thumbnail", "title", "alternative", "size", "uploaded_at"]
    list_display_links = ["thumbnail", "title"]
    list_filter = ["is_decorative", "uploaded_at"]
    search_fields = ["title", "alt", "credit"]
    ordering = ["-uploaded_at", "-pk"]
    list_per_page = 50
    readonly_fields = ["preview", "size", "uploaded_at"]
    fieldsets = [
        (None, {"fields": ["file", "kept", "preview", "title", "alt", "is_decorative", "credit"]}),
        ("Focal point", {"fields": [("focal_x", "focal_y")]}),
        ("File", {"fields": ["size", "uploaded_at"]}),
    ]

    class Media:
        css = {"all": ["admin/images/images.css"]}
        js = [Script("admin/images/focal.js", type="module")]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("renditions")

    @admin.display(description="")
    def thumbnail(self, image: Image) -> SafeString:
        return format_html(
            '<img class="thumbnail" src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
            pictures.source(image, 480),
            image.width,
            image.height,
            image.title,  # the name of the link around it
        )

    @admin.display(description="alternative text", ordering="alt")
    def alternative(self, image: Image) -> str:
        return "decorative" if image.is_decorative else image.alt

    @admin.display(description="size in pixels")
    def size(self, image: Image) -> str:
        return f"{image.width} × {image.height}" if image.pk else "–"

    @admin.display(description="preview")
    def preview(self, image: Image) -> SafeString:
        return render_to_string(
            "admin/images/preview.html",
            {"src": image.pending_source or (pictures.source(image) if image.pk else "")},
        )

    def get_form(self, request, obj=None, change=False, **kwargs):
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        return form.for_user(request.user.pk or 0)

    def has_change_permission(self, request, obj=None) -> bool:
        """People who can add pictures can edit the texts of their own."""
        if super().has_change_permission(request, obj):
            return True
        is_own = obj is not None and obj.uploaded_by_id == request.user.pk
        return is_own and self.has_add_permission(request)

    def get_readonly_fields(self, request, obj=None):
        if obj is None or super().has_change_permission(request, obj):
            return self.readonly_fields
        # Another file, or another part of it, would change what others have published.
        return [*self.readonly_fields, "file", "focal_x", "focal_y"]

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            obj.uploaded_by = request.user
        if form.reencoded:
            uploads.keep(obj, form.reencoded)
        else:
            super().save_model(request, obj, form, change)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except uploads.AlreadyHere as refusal:  # sent twice, and both checked before one was saved
            return self._already_here(request, refusal.existing)

    def get_urls(self):
        pick = path("pick/", self.admin_site.admin_view(self.pick), name="images_image_pick")
        describe = path(
            "<int:pk>/describe/",
            self.admin_site.admin_view(self.describe),
            name="images_image_describe",
        )
        return [pick, describe, *super().get_urls()]

    def describe(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a picture shows, asked and changed from within a text it stands in."""
        image = get_object_or_404(Image, pk=pk)
        if not self.has_change_permission(request, image):
            raise PermissionDenied
        if request.method != "POST":
            return JsonResponse({"alt": image.alt, "is_decorative": image.is_decorative})
        form = DescribeForm(request.POST, instance=image)
        if not form.is_valid():
            said = [str(text) for errors in form.errors.values() for text in errors]
            return JsonResponse({"error": " ".join(said)})
        if form.changed_data:
            form.save()
            self.log_change(request, image, [{"changed": {"fields": form.changed_data}}])
        return _for_editor(image)

    def pick(self, request: HttpRequest) -> HttpResponse:
        """Choose an image for the editor that opened this window, or upload one for it."""
        may_upload = self.has_add_permission(request)
        if not self.has_view_permission(request) or (request.method == "POST" and not may_upload):
            raise PermissionDenied
        is_script = request.headers.get("Accept") == "application/json"
        form = UploadForm.for_user(request.user.pk or 0)(
            request.POST or None, request.FILES or None
        )
        if request.method == "POST" and form.is_valid() and form.reencoded:
            try:
                image = form.save(commit=False)
                image.uploaded_by_id = request.user.pk
                uploads.keep(image, form.reencoded)
            except uploads.AlreadyHere as refusal:
                if is_script:
                    return _for_editor(refusal.existing)
                return self._already_here(request, refusal.existing)
            self.log_addition(request, image, [{"added": {}}])
            if is_script:
                return _for_editor(image)
            query = request.GET.copy()
            query["chosen"] = str(image.pk)  # the page will hand it to the editor at once
            return redirect(f"{request.path}?{query.urlencode()}")
        if request.method == "POST" and is_script:
            if form.existing:
                return _for_editor(form.existing)
            said = [str(text) for errors in form.errors.values() for text in errors]
            return JsonResponse({"error": " ".join(said) or "The file did not arrive. Try again."})
        found = Image.objects.matching(request.GET.get("q", "")).newest_first().with_renditions()
        context = {
            **self.admin_site.each_context(request),
            "title": "Choose a picture",
            "is_popup": True,
            "opts": self.opts,
            "form": form if may_upload else None,
            "page": Paginator(found, 24).get_page(request.GET.get("page")),
        }
        return TemplateResponse(request, "admin/images/pick.html", context)

    def _already_here(self, request: HttpRequest, existing: Image) -> HttpResponse:
        messages.warning(request, already_here(existing))
        return redirect("admin:images_image_change", existing.pk)
