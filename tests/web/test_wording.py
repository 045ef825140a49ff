import pytest

from web.wording import listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], ""),
        (["Ada"], "Ada"),
        (["Ada", "Grace"], "Ada and Grace"),
        (["Ada", "Grace", "Edsger"], "Ada, Grace and Edsger"),
    ],
)
def test_a_list_is_said_as_people_say_it(words, said):
    assert listed(words) == said
