"""Which host a connect tries, and for how long, after some of them were silent: the rules, without servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentomatic_sql.drivers import hosts, silence
from agentomatic_sql.drivers.hosts import Host, NoHost, Role, Wanted

PRIMARY, STANDBY = Host("primary"), Host("standby")


class Connection:
    def __init__(self, role: Role) -> None:
        self.role: Role = role


class Refused(Exception):
    """A server that starts up says so."""


class Driver:
    """Hosts of a test: each has a role, refuses, or does not answer; `asked` is the order in which they were tried."""

    def __init__(self) -> None:
        self.answers: dict[Host, Role | Exception | None] = {PRIMARY: "writable", STANDBY: "standby"}
        self.seconds: dict[Host, float] = {}
        self.asked: list[Host] = []

    async def open_(self, host: Host) -> Connection:
        self.asked.append(host)
        await asyncio.sleep(self.seconds.get(host, 0))
        answer = self.answers[host]
        if answer is None:
            await asyncio.get_running_loop().create_future()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, str)
        return Connection(answer)

    async def connect(self, *among: Host, attrs: str = "read-write", seconds: float = 30) -> Any:
        return await hosts.connect(Wanted(among or (PRIMARY, STANDBY), attrs), self, seconds, self.open_)

    async def role(self, connection: Connection) -> Role:
        return connection.role

    def fits(self, role: Role, attrs: str) -> bool:
        return hosts.fits(role, attrs)

    def terminate(self, connection: Any) -> None:
        self.asked.append(Host("ended"))

    def is_refusal(self, error: BaseException) -> bool:
        return isinstance(error, Refused)

    def is_full(self, error: BaseException) -> bool:
        return False

    def is_lost(self, error: BaseException) -> bool:
        return False


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setattr(silence, "_silences", {})
    monkeypatch.setattr(silence, "_DOUBT_SECONDS", 0.05)
    monkeypatch.setattr(hosts, "_leading", {})
    return Driver()


async def test_a_host_in_doubt_is_tried_last(driver: Driver) -> None:
    silence.doubt(PRIMARY)
    assert (await driver.connect()).role == "writable"
    assert [host for host in driver.asked if host != Host("ended")] == [STANDBY, PRIMARY]


async def test_a_host_in_doubt_that_has_answered_is_tried_first_again(driver: Driver) -> None:
    silence.doubt(PRIMARY)
    await driver.connect()
    driver.asked.clear()
    await driver.connect()
    assert driver.asked == [PRIMARY]


async def test_one_call_at_a_time_tries_a_host_in_doubt_and_only_for_a_while(driver: Driver) -> None:
    silence.doubt(PRIMARY)
    driver.answers[PRIMARY] = None
    calls = await asyncio.gather(*(driver.connect() for _ in range(5)), return_exceptions=True)
    assert all(isinstance(call, NoHost) and call.answered for call in calls)
    assert driver.asked.count(PRIMARY) == 1
    told = sorted(str(call).partition("primary: ")[2].partition(";")[0] for call in calls)
    assert told == [*["it is left out: it did not answer lately"] * 4, "no answer within 0.05 s"]


async def test_a_host_in_doubt_gets_its_whole_time_if_no_other_answers(driver: Driver) -> None:
    silence.doubt(PRIMARY)
    driver.seconds[PRIMARY] = 0.2  # longer than a host in doubt gets beside another one
    driver.answers[STANDBY] = ConnectionRefusedError("refused")
    assert (await driver.connect()).role == "writable"


async def test_a_slow_host_is_found_because_each_attempt_has_more_time(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_LEFT_OUT_SECONDS", 0.0)
    silence.doubt(PRIMARY)
    driver.seconds[PRIMARY] = 0.3
    attempts = 0
    while True:
        attempts += 1
        try:
            connection = await driver.connect()
            break
        except NoHost:
            assert attempts < 10
    assert connection.role == "writable"
    assert attempts > 1


async def test_a_host_that_is_silent_for_hours_is_found_when_it_answers(driver: Driver) -> None:
    for _ in range(2_000):
        silence.not_answered(PRIMARY)
    silence.given_up(PRIMARY, 0)  # the time for which it is left out is over
    assert (await driver.connect()).role == "writable"


@pytest.mark.parametrize("answer", [Refused(), ConnectionRefusedError("refused"), "standby"], ids=repr)
async def test_any_answer_ends_a_doubt(driver: Driver, answer: Role | Exception) -> None:
    silence.doubt(PRIMARY)
    driver.answers[PRIMARY] = answer
    with pytest.raises(NoHost):
        await driver.connect()
    driver.answers[PRIMARY] = "writable"
    assert (await driver.connect()).role == "writable"


async def test_a_cancelled_attempt_leaves_the_host_to_the_next_call(driver: Driver) -> None:
    silence.doubt(PRIMARY)
    driver.answers[PRIMARY] = None
    cancelled = asyncio.ensure_future(driver.connect())
    while PRIMARY not in driver.asked:
        await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    driver.answers[PRIMARY] = "writable"
    assert (await driver.connect()).role == "writable"


@pytest.mark.parametrize("among", [(PRIMARY,), (STANDBY, PRIMARY)], ids=["alone", "beside a standby that is down"])
@pytest.mark.parametrize("note", [silence.doubt, silence.not_answered], ids=["in doubt", "silent"])
async def test_a_primary_takes_the_place_of_the_standby_that_is_preferred(
    driver: Driver, among: tuple[Host, ...], note: Callable[[Host], None]
) -> None:
    note(PRIMARY)
    driver.answers[STANDBY] = ConnectionRefusedError("refused")
    assert (await driver.connect(*among, attrs="prefer-standby")).role == "writable"
