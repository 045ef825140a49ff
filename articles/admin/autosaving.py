"""The form of an article saves its text into the draft while someone writes."""

from articles import autosave
from articles.article_form import edited_revision
from articles.models import Article
from desk.keeping_admin import KeepingAdmin, kept_as, written_by


class SavesItself(KeepingAdmin):
    """The text goes into the draft; what readers see at once waits for Save."""

    drafted = autosave.TEXT

    def keep_draft(self, request, row, kept, sent):
        article = row or Article.objects.filter(pk=kept.made or 0).first()
        if not autosave.TEXT & sent.fields.keys() or not (article or autosave.says_something(sent)):
            return sent, {}
        saved = autosave.save(article, sent, wrote=kept.wrote, by=request.user)
        # What was put together with a colleague's words is more than this window wrote.
        alone = saved.taken_alone & saved.seen.keys()
        kept.wrote |= {name: saved.seen[name] for name in alone}
        if row is None:
            kept.made, saved.is_new = str(saved.article.pk), True
        rest = sent.without({*saved.taken})
        if autosave.leaves_address_to_title(saved.article, rest):
            rest = rest.without({"slug"})
        return rest, saved.as_json()

    def last_saved(self, row):
        revision = edited_revision(row)
        return revision.edited_at.isoformat() if revision else ""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The empty form whose words became an article by themselves saves that article."""
        if request.method == "POST" and object_id is None:
            object_id = kept_as(request, self)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"wrote": written_by(request, self, obj)})

    def save_model(self, request, obj, form, change):
        if "slug" in form.changed_data:
            obj.address_follows_title = False  # somebody chose it
        super().save_model(request, obj, form, change)
