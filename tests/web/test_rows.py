"""What web/rows.py lends from Django's inside: it has to answer as Django itself does."""

import pytest
from django.db import models
from django.db.models import F, OuterRef, prefetch_related_objects

from articles.models import Article, Author, Byline, Revision, Series, Topic
from images.models import Image
from leads.models import Lead
from offices.models import Office
from pages.models import Feature, MenuLink, Page, Service, SiteSettings
from tests import builders
from web.rows import JsonQuery, Parameter, Rows, columns, fill, instance

pytestmark = pytest.mark.django_db

PK = Parameter("pk", models.BigIntegerField())


@pytest.fixture
def article():
    series = builders.series()
    made = builders.article(
        series=series,
        series_position=1,
        topics=[builders.topic(), builders.topic()],
        authors=[builders.author(image=builders.image()), builders.author()],
        text={"cover": builders.image()},
    )
    builders.office(image=builders.image())
    builders.page()
    SiteSettings.load()
    service = Service.objects.create(heading="Rescue", text="We come.")
    Feature.objects.create(service=service, title="Soon", text="Within a week.")
    MenuLink.objects.create(label="Articles", part="articles")
    builders.closed_lead(value="1250.500")
    return made


@pytest.mark.parametrize(
    "model",
    [
        Article, Author, Byline, Feature, Image, Lead, MenuLink, Office, Page, Revision,
        Series, Service, SiteSettings, Topic,
    ],
)  # fmt: skip
def test_a_row_is_the_instance_that_django_makes_of_it(article, model):
    query = JsonQuery(lambda: model.objects.filter(pk=PK), lambda: columns(model))
    there = list(model.objects.all())

    for by_django in there:
        [row] = query.rows(pk=by_django.pk)
        made = instance(model, row)
        assert made == by_django
        assert made._state.adding is False and made._state.db == "default"
        for field in model._meta.concrete_fields:
            ours, theirs = (getattr(one, field.attname) for one in (made, by_django))
            assert (ours, type(ours)) == (theirs, type(theirs)), field.name
    assert there, "a comparison of nothing proves nothing"


def test_what_was_filled_in_is_answered_without_a_query(article, django_assert_num_queries):
    topics = list(article.topics.all())
    bare = Article.objects.get(pk=article.pk)

    fill(bare, "topics", topics)
    fill(bare, "bylines", [])

    with django_assert_num_queries(0):
        assert list(bare.topics.all()) == topics
        assert bare.topics.count() == len(bare.topics.all()) == 2
        assert bare.topics.exists()
        assert not bare.bylines.all()
        prefetch_related_objects([bare], "topics", "bylines")
    with django_assert_num_queries(1):
        assert list(bare.topics.filter(pk=topics[1].pk)) == [topics[1]]


def test_each_value_reaches_its_place_however_often_it_is_asked_for():
    first, second = builders.article(), builders.article()
    slug = Parameter("slug", models.CharField())
    query = JsonQuery(
        lambda: Article.objects.filter(pk=PK, slug=slug).exclude(slug="%s"),
        lambda: columns(Article),
    )

    def found(pk, slug):
        return [row["slug"] for row in query.rows(pk=pk, slug=slug)]

    assert found(first.pk, first.slug) == [first.slug]
    assert found(second.pk, second.slug) == [second.slug]
    assert found(first.pk, second.slug) == found(0, "' OR 1=1 --") == []


def test_rows_within_a_row_keep_their_order_and_none_are_an_empty_list():
    many, none = builders.article(), builders.article(authors=[], live_from=None)
    for position in (3, 1, 2):
        Byline.objects.create(article=many, author=builders.author(), position=position)
    bylines = Byline.objects.filter(article=OuterRef("pk")).order_by("position")
    query = JsonQuery(
        lambda: Article.objects.filter(pk=PK),
        lambda: columns(Article, places=Rows(bylines, F("position"))),
    )

    assert [row["places"] for row in query.rows(pk=many.pk)] == [[0, 1, 2, 3]]
    assert [row["places"] for row in query.rows(pk=none.pk)] == [[]]
