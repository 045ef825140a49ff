"""What narrows the list of articles."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from articles.models import ListedArticle
from articles.search import AUTHOR, TOPIC, all_names

MAX_WORDS = 20


class ArticleFilter(forms.Form):
    """Fields that say nothing of use are left aside, with an error beside each."""

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Search",
        widget=forms.TextInput(
            {
                "type": "search",
                "data-key": "/",
                "data-key-name": "Search",
                "placeholder": "Titles, authors and every word",
            }
        ),
    )
    topic = forms.ChoiceField(required=False)
    author = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "filter-%s"
        self.label_suffix = ""
        self.use_required_attribute = False
        self.names = all_names()
        topics, authors = (self._choices(path) for path in (TOPIC, AUTHOR))
        gone = {"invalid_choice": "There is no such choice any more."}
        for name, choices in (("topic", topics), ("author", authors)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", f"Every {name}"), *choices]
            field.error_messages |= gone

    def _choices(self, path: str) -> list[tuple[str, str]]:
        found = [(str(pk), name) for of, pk, name in self.names if of == path]
        return sorted(found, key=lambda one: one[1].casefold())

    def said(self, name: str) -> Any:
        return self.cleaned_data.get(name) or ""

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"].replace("\0", "").strip()
        if len(words.split()) > MAX_WORDS:
            raise forms.ValidationError(f"Search for at most {MAX_WORDS} words.")
        return words

    def narrowed(self, rows: QuerySet[ListedArticle]) -> QuerySet[ListedArticle]:
        if topic := self.said("topic"):
            rows = rows.filter(article__topics=topic)
        if author := self.said("author"):
            rows = rows.filter(article__authors=author)
        return rows
