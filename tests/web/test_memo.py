from web.memo import remembered, remembering

asked = []


@remembered
def twice(number, *, plus=0):
    asked.append(number)
    return 2 * number + plus


def test_inside_the_block_the_same_question_is_asked_once():
    asked.clear()
    with remembering():
        assert [twice(2), twice(2), twice(3), twice(2, plus=1)] == [4, 4, 6, 5]

    assert asked == [2, 3, 2]


def test_outside_of_it_and_in_the_next_one_it_is_asked_again():
    asked.clear()
    twice(2)
    with remembering():
        twice(2)
    with remembering():
        twice(2)
    twice(2)

    assert asked == [2, 2, 2, 2]
