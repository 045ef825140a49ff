import pytest
from django.test import RequestFactory

from config.wsgi import application


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("multipart/form-data; boundary=x; charset=hex", "400"),
        ("text/plain; charset=idna", "400"),
        ('application/x-www-form-urlencoded; charset="undefined"', "400"),
    ],
)
def test_a_charset_that_is_none_is_refused_before_it_is_tried(content_type, status):
    environ = RequestFactory().get("/healthz?x=1").environ | {"CONTENT_TYPE": content_type}
    answered = []

    application(environ, lambda line, headers: answered.append(line))

    assert answered[0].startswith(status)
