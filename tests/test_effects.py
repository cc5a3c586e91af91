"""`effect="once"`: what counts as having run, what is said of it, and what is on the disk before anything uses it."""

from __future__ import annotations

import pytest
from programs import Lab
from running import Model, registry, run

from llmtaskgraph import again_trace
from llmtaskgraph._store import Store

pytestmark = pytest.mark.anyio

PAY = """
@app.task
def amount() -> {kind}:
    return {value}

@app.task(effect="once")
def pay(amount: int) -> str:
    called("pay")
    {body}

@app.graph
def main():
    return pay(amount())
"""


def pay(kind: str = "int", value: str = "5", body: str = 'return f"paid {amount}"') -> str:
    return PAY.format(kind=kind, value=value, body=body)


async def test_an_effect_whose_arguments_did_not_fit_was_not_had(lab: Lab) -> None:
    lab.write(pay("str", '"five"'))
    assert (await lab.run()).failures["main/pay"].type == "WrongArguments"
    assert not lab.seen("main/pay").attempts
    lab.write(pay())
    assert (await lab.resume()).output == "paid 5"
    assert lab.called() == ["pay"]


async def test_an_effect_that_failed_is_told_as_failed_and_is_not_in_doubt(lab: Lab) -> None:
    lab.write(pay(body='raise ValueError("card refused")'))
    assert (await lab.run()).failures["main/pay"].type == "ValueError"
    lab.write(pay())
    (told,) = [planned for planned in lab.plan().tasks if planned.task == "main/pay"]
    assert told.warning == "it ran once, in run 1, and failed"
    for _ in range(2):
        failed = (await lab.resume()).failures["main/pay"]
        assert failed.type == "EffectFailed"
        assert failed.message.startswith("it ran once, in run 1, and failed (ValueError: card refused)")
    again_trace(lab.trace, None, "main/pay")
    assert (await lab.resume()).output == "paid 5"
    assert lab.called() == ["pay", "pay"]


async def test_an_effect_that_took_too_long_is_in_doubt(lab: Lab) -> None:
    code = pay(body="import time; time.sleep(3)")
    lab.write(code.replace('effect="once"', 'effect="once", timeout=0.05'))
    assert (await lab.run()).failures["main/pay"].type == "TimeoutError"
    failed = (await lab.resume()).failures["main/pay"]
    assert (failed.type, "how that ended is not known" in failed.message) == ("EffectInDoubt", True)


async def test_retries_and_an_effect_exclude_each_other() -> None:
    app = registry(Model())

    @app.task(effect="once", retries=2)
    async def send() -> None: ...

    @app.graph
    def main() -> None:
        return send()  # type: ignore[return-value]

    ran = await run(main)
    assert "effect='once'" in ran.failures["main"]


async def test_no_retries_and_an_effect_go_together() -> None:
    app = registry(Model())

    @app.task(effect="once", retries=0)
    async def send() -> int:
        return 1

    @app.graph
    def main() -> int:
        return send()  # type: ignore[return-value]

    assert (await run(main)).output == 1


async def test_the_end_of_an_effect_is_on_the_disk_before_anything_uses_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.write("""
@app.task(effect="once")
def send() -> int:
    called("send")
    return 1

@app.task(effect="once")
def spawn(ctx: Context) -> int:
    called("spawn")
    return ctx.add_task(PythonTask(use, 2))

@app.task
def use(n: int) -> int:
    called(f"use {n}")
    return n

@app.graph
def main():
    return [use(send()), spawn()]
""")
    synced: list[tuple[list[str], bytes]] = []
    calls: list[str] = []
    sync = Store.sync

    def watched(store: Store) -> None:
        sync(store)
        journal = lab.trace.with_name(lab.trace.name + ".journal")
        calls.extend(lab.called())
        synced.append((calls[:], journal.read_bytes()))

    monkeypatch.setattr(Store, "sync", watched)
    assert (await lab.run()).output == [1, 2]
    assert any("send" in done and "use 1" not in done and b'"task.succeeded"' in data for done, data in synced)
    assert any("spawn" in done and "use 2" not in done and b'"stage.settled"' in data for done, data in synced)
