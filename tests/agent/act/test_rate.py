from agent.act.rate import Rate


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_burst_is_one_message_and_a_number():
    clock = Clock()
    rate = Rate(5, clock)
    assert [rate.admits(1) for _ in range(300)] == [True] + [False] * 299
    assert rate.admits(2), "another person hears at once"
    assert rate.wait() == 5
    assert rate.due() == []
    clock.now += 5
    assert rate.due() == [(1, 299)]
    assert rate.wait() is None
    assert not rate.admits(1), "the number was a message too"
    clock.now += 5
    assert rate.due() == [(1, 1)]


def test_the_next_message_may_carry_the_number():
    clock = Clock()
    rate = Rate(5, clock)
    for _ in range(4):
        rate.admits(1)
    clock.now += 6
    assert rate.admits(1)
    assert rate.take(1) == 3
    assert rate.take(1) == 0
    assert rate.due() == []
