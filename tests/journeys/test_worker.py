"""A worker may die at any point. What it was sending goes again, what it was not goes once."""

LETTERS = 120  # seconds, once there is a worker again


def test_letters_in_flight_at_the_kill_go_again_within_two_minutes(a_worker_killed_while_sending):
    assert a_worker_killed_while_sending.seconds <= LETTERS


def test_the_copies_carry_the_same_message_id(a_worker_killed_while_sending):
    in_flight = a_worker_killed_while_sending.in_flight

    for copies in [in_flight.sales, in_flight.visitor]:
        first, second = copies
        assert first.message_id == second.message_id
        assert first.email["Subject"] == second.email["Subject"]


def test_what_came_in_while_no_worker_lived_is_told_once(a_worker_killed_while_sending):
    assert a_worker_killed_while_sending.asked_meanwhile.came_once
