"""The editor inside the admin, under a policy that runs no script without a nonce."""

import js_asset
from django.contrib import admin


class EditorAdmin(admin.ModelAdmin):
    """For models with a `ProseField`: its import map is inline, so it needs the request's nonce."""

    def render_change_form(self, request, context, *args, **kwargs):
        media = js_asset.Media.from_media(context["media"])
        context["media"] = media.with_nonce(str(request.csp_nonce))
        return super().render_change_form(request, context, *args, **kwargs)
