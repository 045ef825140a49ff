"""The editor inside the admin, under a policy that runs no script without a nonce."""

import js_asset
from csp.decorators import csp_update
from django.utils.decorators import method_decorator

from desk.once import SavesOnce

# The few rules that Tiptap writes into the page when an editor starts. A new version may bring
# others; then the browser tests see its complaint, which names the new hash.
EDITOR_STYLE = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"


@method_decorator(csp_update({"style-src": [EDITOR_STYLE]}), name="changeform_view")
class EditorAdmin(SavesOnce):
    """For models with a `ProseField`: its import map is inline, so it needs the request's nonce."""

    def render_change_form(self, request, context, *args, **kwargs):
        media = js_asset.Media.from_media(context["media"])
        context["media"] = media.with_nonce(str(request.csp_nonce))
        return super().render_change_form(request, context, *args, **kwargs)
