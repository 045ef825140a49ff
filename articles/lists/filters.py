"""What narrows the list of articles."""

from typing import Any

from django import forms
from django.db.models import F, QuerySet, Value

from articles.models import Author, ListedArticle, Topic

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
        topics, authors = _choices()
        gone = {"invalid_choice": "There is no such choice any more."}
        for name, choices in (("topic", topics), ("author", authors)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", f"Every {name}"), *choices]
            field.error_messages |= gone

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


def _choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Topics and authors, by name. One query."""
    topics = Topic.objects.order_by().values_list(Value("topic"), F("pk"), F("name"))
    authors = Author.objects.order_by().values_list(Value("author"), F("pk"), F("name"))
    found: dict[str, list[tuple[str, str]]] = {"topic": [], "author": []}
    for kind, pk, name in topics.union(authors, all=True):
        found[kind].append((str(pk), name))
    for each in found.values():
        each.sort(key=lambda one: one[1].casefold())
    return found["topic"], found["author"]
