import lxml.html
import pytest
from django.template import Context, Template

from images import pictures
from images.models import Image
from images.tasks import make_renditions
from tests.builders import image
from tests.pictures import picture_file

pytestmark = pytest.mark.django_db


def img(markup: str):
    return lxml.html.fromstring(markup).xpath("//img")[0]


def source(markup: str):
    [source] = lxml.html.fromstring(markup).xpath("//source")
    return source


def test_a_browser_may_choose_format_and_width():
    wall = image(file=picture_file(size=(1000, 500)), focal_x=0)
    make_renditions(wall.pk)

    markup = pictures.picture(wall, sizes="50vw", css_class="card__image")

    assert source(markup).get("type") == "image/avif"
    assert [candidate.split()[1] for candidate in source(markup).get("srcset").split(", ")] == [
        "480w", "960w", "1000w",
    ]  # fmt: skip
    assert source(markup).get("sizes") == "50vw"
    assert img(markup).get("src") == wall.renditions.get(format="jpeg", width=960).file.url
    assert (img(markup).get("width"), img(markup).get("height")) == ("1000", "500")
    assert img(markup).get("class") == "card__image focus-left-center"


@pytest.mark.parametrize(
    ("widest", "avif", "jpeg"), [(1600, [480, 960, 1000], 960), (960, [480, 960], 960)]
)
def test_a_small_place_is_offered_no_large_file(widest, avif, jpeg):
    wall = image(file=picture_file(size=(1000, 500)))
    make_renditions(wall.pk)

    markup = pictures.picture(wall, widest=widest)

    offered = [int(one.split()[1][:-1]) for one in source(markup).get("srcset").split(", ")]
    assert offered == avif
    assert img(markup).get("src") == wall.renditions.get(format="jpeg", width=jpeg).file.url


def test_where_one_file_will_do_there_is_nothing_to_choose():
    wall = image(file=picture_file(size=(1000, 500)))
    make_renditions(wall.pk)

    markup = pictures.picture(wall, widest=480)

    assert source(markup).get("srcset") == wall.renditions.get(format="avif", width=480).file.url
    assert source(markup).get("sizes") is None
    assert img(markup).get("src") == wall.renditions.get(format="jpeg", width=480).file.url


def test_the_original_serves_until_the_renditions_are_made():
    wall = image()

    markup = pictures.picture(wall)

    assert img(markup).get("src") == wall.file.url
    assert "srcset" not in markup
    assert "<source" not in markup


def test_a_picture_waits_unless_it_is_the_first_thing_seen():
    wall = image()

    lazy, eager = img(pictures.picture(wall)), img(pictures.picture(wall, eager=True))

    assert (lazy.get("loading"), lazy.get("fetchpriority")) == ("lazy", None)
    assert (eager.get("loading"), eager.get("fetchpriority")) == (None, "high")


def test_words_are_escaped_and_can_be_replaced():
    wall = image(alt='"><script>')

    assert img(pictures.picture(wall)).get("alt") == '"><script>'
    assert img(pictures.picture(wall, alt="Else")).get("alt") == "Else"
    assert "<script>" not in pictures.picture(wall)


def test_a_decorative_picture_says_nothing():
    assert img(pictures.picture(image(is_decorative=True, alt="Kept"))).get("alt") == ""


@pytest.mark.parametrize(
    ("focal_x", "focal_y", "name"),
    [
        (0, 0, "focus-left-top"),
        (0.5, 0.5, ""),
        (1, 1, "focus-right-bottom"),
        (0.4, 0.9, "focus-center-bottom"),
    ],
)
def test_the_focal_point_is_one_of_eight_classes_or_the_middle(focal_x, focal_y, name):
    assert pictures.focus_class(Image(focal_x=focal_x, focal_y=focal_y)) == name


def test_the_tag_writes_the_same():
    wall = image()
    page = Template('{% load pictures %}{% picture wall sizes="10vw" eager=True %}')

    assert page.render(Context({"wall": wall})) == pictures.picture(wall, sizes="10vw", eager=True)


def test_prefetched_pictures_cost_no_query(django_assert_num_queries):
    for _ in range(10):
        make_renditions(image().pk)
    walls = list(Image.objects.with_renditions())

    with django_assert_num_queries(0):
        for wall in walls:
            pictures.picture(wall)
