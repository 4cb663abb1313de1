"""The pace in virtual time: no sliding window is broken, a halt is silence, no lane starves."""

import bisect
import os
import random
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pacing import BOT_BURST, Halt, Pacer
from routing.model import ChatId
from routing.ports import Lane

GROUPS = int(os.environ.get("HUYING_GROUPS", "3000"))
ARRIVALS = int(os.environ.get("HUYING_ARRIVALS", "3000"))
"""The long form: ``HUYING_GROUPS=10000 HUYING_ARRIVALS=100000 pytest tests/bot/test_pacing.py -s``."""


@dataclass(frozen=True)
class Note:
    """A message waiting to leave."""

    chat: ChatId
    telegram_id: int
    lane: Lane
    at: float = 0.0


def note(chat: int, lane: Lane = Lane.NOTICE, *, group: bool = True, at: float = 0.0) -> Note:
    return Note(ChatId(chat), -chat if group else chat, lane, at)


class Pump:
    """What the courier does with a pacer, in virtual time and without sending anything."""

    def __init__(self, notes: list[Note], pacer: Pacer | None = None, start: float = 0.0) -> None:
        self.pacer = pacer or Pacer()
        self.now = start
        self.coming = deque(sorted(notes, key=lambda each: each.at))
        self.queues: dict[Lane, dict[ChatId, deque[Note]]] = defaultdict(dict)
        self.sent: list[tuple[float, Note]] = []

    @staticmethod
    def free(chats: dict[ChatId, deque[Note]], resting: dict[ChatId, float]) -> list[Note]:
        """The first messages of a few chats, as the outbox gives them."""
        return [queue[0] for queue in islice((chats[chat] for chat in chats if chat not in resting), 8)]

    def run(self, until: float = float("inf")) -> "Pump":
        while self.now < until and (self.coming or any(self.queues.values())):
            while self.coming and self.coming[0].at <= self.now:
                each = self.coming.popleft()
                self.queues[each.lane].setdefault(each.chat, deque()).append(each)
            resting = self.pacer.resting(self.now)
            heads = {lane: self.free(chats, resting) for lane, chats in self.queues.items()}
            chosen = self.pacer.choose(self.now, heads)
            if chosen is None:
                soon = [self.pacer.free_at(head for lane in heads.values() for head in lane), *resting.values()]
                self.now = min([at for at in soon if at > self.now] + [each.at for each in islice(self.coming, 1)])
                continue
            self.pacer.spend(self.now, chosen, chosen.lane)
            self.sent.append((self.now, chosen))
            queue = self.queues[chosen.lane][chosen.chat]
            queue.popleft()
            if not queue:
                del self.queues[chosen.lane][chosen.chat]
        return self


def most_in_any_window(times: list[float], seconds: float) -> int:
    """The fullest window of that length, both ends counted."""
    return max((bisect.bisect_right(times, at + seconds) - index for index, at in enumerate(times)), default=0)


def fullest_windows(sent: list[tuple[float, Note]]) -> tuple[int, int, int]:
    """The most in any second of the bot, in any minute of a group, and in any second of a private chat."""
    by_chat: dict[int, list[float]] = defaultdict(list)
    for at, each in sent:
        by_chat[each.telegram_id].append(at)
    groups = [most_in_any_window(times, 60.0) for telegram_id, times in by_chat.items() if telegram_id < 0]
    private = [most_in_any_window(times, 1.0) for telegram_id, times in by_chat.items() if telegram_id > 0]
    return most_in_any_window([at for at, _ in sent], 1.0), max(groups, default=0), max(private, default=0)


def assert_windows_hold(sent: list[tuple[float, Note]]) -> None:
    bot, group, private = fullest_windows(sent)
    assert bot <= 30
    assert group <= 20
    assert private <= 4


arrivals = st.lists(
    st.builds(
        lambda chat, lane, at: note(chat, lane, group=chat <= 3, at=at),
        *(st.integers(1, 6), st.sampled_from(Lane), st.floats(0, 100, allow_nan=False)),
    ),
    max_size=150,
)


@settings(max_examples=30)
@given(arrivals)
def test_no_sliding_window_is_ever_broken_and_nothing_is_left_behind(notes: list[Note]) -> None:
    pump = Pump(notes).run()
    assert_windows_hold(pump.sent)
    assert Counter(each for _, each in pump.sent) == Counter(notes)


def test_full_windows_come_near_the_limits_and_never_beyond() -> None:
    """More than may leave, all the time, and for a few groups and people far more."""
    rng = random.Random(ARRIVALS)
    chats = [*range(1, 400)] + [1, 2, 300, 301] * 10
    notes = [_anywhere(rng, rng.choice(chats), seconds=ARRIVALS / 40) for _ in range(ARRIVALS)]
    pump = Pump(notes).run()
    bot, group, private = fullest_windows(pump.sent)
    print(f"{ARRIVALS} messages: at most {bot} in a second, {group} to a group in a minute")  # noqa: T201 - figures

    assert_windows_hold(pump.sent)
    assert len(pump.sent) == ARRIVALS
    assert (bot >= 28, group >= 19, private >= 3) == (True, True, True), "they were full, so it could have been seen"


def _anywhere(rng: random.Random, chat: int, seconds: float) -> Note:
    return note(chat, rng.choice(list(Lane)), group=chat < 300, at=rng.uniform(0, seconds))


def test_a_broadcast_to_thousands_of_groups_comes_near_telegram_s_own_bound() -> None:
    pump = Pump([note(chat) for chat in range(1, GROUPS + 1)]).run()
    assert_windows_hold(pump.sent)
    spent_s, bound_s = pump.sent[-1][0], GROUPS / 30
    print(f"{GROUPS} groups in {spent_s:.0f} s, {bound_s / spent_s:.3f} of the bound")  # noqa: T201 - a figure
    assert spent_s <= bound_s / 0.95


def test_the_messages_of_one_chat_and_lane_leave_in_order() -> None:
    notes = [Note(ChatId(1), 1, Lane.CARD, at=index / 100) for index in range(20)]
    assert [each for _, each in Pump(notes).run().sent] == notes


@settings(max_examples=20)
@given(retry_after=st.floats(0.5, 120), rounds=st.integers(1, 4), chats=st.integers(50, 200))
def test_a_halted_bot_is_silent_until_the_last_deadline_and_starts_gently(
    retry_after: float, rounds: int, chats: int
) -> None:
    pump = Pump([note(chat) for chat in range(1, chats)]).run(until=1.0)
    for _ in range(rounds):  # late refusals of calls that were in flight; a shorter one shortens nothing
        pump.pacer.halt(Halt(None, pump.now + retry_after))
        pump.pacer.halt(Halt(None, pump.now + retry_after / 2))
        before, stopped = len(pump.sent), pump.now
        pump.run(until=stopped + retry_after + 2)
        assert all(at >= stopped + retry_after for at, _ in pump.sent[before:])
        assert_windows_hold(pump.sent)


def test_a_halt_survives_a_restart_of_the_pump() -> None:
    fresh = Pacer()
    fresh.halt(Halt(None, 35.0))  # read from where the old one kept it
    pump = Pump([note(chat) for chat in range(1, 20)], fresh, start=10.0).run()
    assert pump.sent[0][0] == 35.0


def test_one_refused_group_stops_and_the_others_go_on() -> None:
    pacer = Pacer()
    assert pacer.refused(0.0, note(1), retry_after_s=40) == Halt(ChatId(1), 40.0)
    pump = Pump([note(chat) for chat in range(1, 11)], pacer).run()
    left = {each.chat: at for at, each in pump.sent}
    assert left.pop(ChatId(1)) == 40.0
    assert max(left.values()) < 1
    assert pacer.rate_per_s == 29


@pytest.mark.parametrize(
    ("refusals", "whole_bot"),
    [
        ([(0.0, 1, True, 3.0)], False),
        ([(0.0, 1, True, 3.0), (4.0, 1, True, 3.0)], False),  # the same chat again
        ([(0.0, 1, True, 3.0), (4.0, 2, True, 3.0)], True),  # two chats within seconds
        ([(0.0, 1, True, 3.0), (9.0, 2, True, 3.0)], False),
        ([(0.0, 1, False, 6.0)], True),  # no private chat is refused for so long
        ([(0.0, 1, True, 61.0)], True),  # nor a group for more than its minute
    ],
)
def test_a_refusal_stops_just_what_it_must_mean(
    refusals: list[tuple[float, int, bool, float]], whole_bot: bool
) -> None:
    pacer = Pacer()
    halts = [pacer.refused(at, note(chat, group=group), pause) for at, chat, group, pause in refusals]
    assert (halts[-1].chat is None) == whole_bot


def test_after_refusals_the_bot_goes_slower_and_recovers_by_clean_minutes() -> None:
    pacer = Pacer()
    for _ in range(20):
        pacer.refused(0.0, note(1, group=False), retry_after_s=10)
    assert pacer.rate_per_s == 5
    pacer.spend(600.0, note(2), Lane.CARD)
    assert pacer.rate_per_s == pytest.approx(10)
    pacer.spend(36_000.0, note(2), Lane.CARD)
    assert pacer.rate_per_s == 29


def test_full_lanes_share_the_rate_as_promised_and_none_starves() -> None:
    notes = [note(chat, lane) for lane in Lane for chat in range(1000 * lane, 1000 * lane + 400)]
    sent = [each.lane for _, each in Pump(notes).run().sent[:400]]
    share = Counter(sent)
    for lane, percent in zip(Lane, (30, 35, 20, 10, 5), strict=True):
        assert share[lane] == pytest.approx(400 * percent / 100, abs=2)
    digests = [index for index, lane in enumerate(sent) if lane is Lane.DIGEST]
    assert max(later - earlier for earlier, later in pairwise(digests)) <= 21


def test_an_idle_lane_gives_its_share_away_and_saves_nothing_up() -> None:
    late = [note(5000 + chat, Lane.ANSWER, at=10.0) for chat in range(100)]
    bulk = [note(chat, Lane.NOTICE) for chat in range(1, 1000)]
    sent = Pump(bulk + late).run().sent
    alone = [each for at, each in sent if at < 10]
    assert len(alone) == pytest.approx(290 + BOT_BURST - 1, abs=1)
    both = Counter(each.lane for at, each in sent if 10 <= at < 12)
    assert both[Lane.NOTICE] == pytest.approx(58 * 10 / 45, abs=2)


def test_an_answer_does_not_wait_behind_a_broadcast() -> None:
    rng = random.Random(2)
    answers = [note(100_000 + i, Lane.ANSWER, group=False, at=rng.uniform(0, 150)) for i in range(150)]
    alarms = [note(200_000 + i, Lane.EMERGENCY, at=100.0) for i in range(100)]
    bulk = [note(i, Lane.NOTICE) for i in range(1, 5_001)]
    sent = Pump(bulk + answers + alarms).run().sent
    waits = sorted(at - each.at for at, each in sent if each.lane is Lane.ANSWER)
    assert waits[int(len(waits) * 0.99)] <= 1.0
    assert min(at for at, each in sent if each.lane is Lane.EMERGENCY) - 100.0 <= 1.0


def test_what_rests_is_named_and_forgotten_when_its_time_has_come() -> None:
    pacer = Pacer()
    pacer.spend(0.0, note(1), Lane.CARD)
    assert pacer.resting(0.0) == {}
    pacer.spend(0.1, note(1), Lane.CARD)
    pacer.halt(Halt(ChatId(2), 9.0))
    assert set(pacer.resting(0.1)) == {ChatId(1), ChatId(2)}
    assert pacer.resting(100.0) == {}
    assert pacer._chats == {}


def test_in_a_rehearsal_every_rate_is_as_many_times_higher_as_the_clock_is_faster() -> None:
    usual, fast = Pacer(), Pacer(speed=60)
    for pacer, step_s in ((usual, 1.0), (fast, 1 / 60)):
        for number in range(3):
            pacer.spend(number * step_s, note(1), Lane.NOTICE)

    free = usual.free_at([note(1)])
    assert fast.free_at([note(1)]) == pytest.approx(free / 60)
    assert fast.rate_per_s == 60 * usual.rate_per_s


@given(st.lists(st.floats(0.0, 0.4), min_size=40, max_size=120), st.floats(0.0, 0.2))
def test_no_second_holds_a_thirty_first_message_however_the_way_there_varies(delays: list[float], back: float) -> None:
    """Each arrives so much later than it leaves, its answer so much later than that; the quickest way is known."""
    pacer, now, arrived = Pacer(), 0.0, []
    delays = [min(delays), *delays]
    answers: list[tuple[float, float]] = []
    for number, delay in enumerate(delays):
        while (free := pacer.bot_free_at) > now or len(answers) >= 8:
            due = min(answers, key=lambda one: one[1], default=None)
            if due is not None and (len(answers) >= 8 or due[1] <= free):
                answers.remove(due)
                now = max(now, due[1])
                pacer.answered(*due)
            else:
                now = free
        pacer.spend(now, note(number + 1), Lane.NOTICE)
        arrived.append(now + delay)
        answers.append((now, now + delay + back))

    assert most_in_any_window(sorted(arrived), 1.0) <= 30
