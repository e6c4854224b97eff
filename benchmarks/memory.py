"""The memory of a large dataset: a resident register of many rows through the whole pipeline, in a process of its own.

``python -m benchmarks.memory FOLDER URL`` pulls what stands in FOLDER and prints rows, seconds and the peak of the process and its
children; the database server of PostgreSQL is not counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from benchmarks.bench import Bench, Row
from hub.core.clock import SystemClock
from hub.core.identifiers import id_check
from hub.core.log import configure
from hub.core.settings import load
from hub.intake.memory import resident_bytes
from hub.sample.deliver import records
from hub.store.hub import make_hub

RESIDENT = "public-security.resident"
LIMIT = 1.5 * 2**30
_ID, _BORN, _HOUSEHOLD, _HEAD = "公民身份号码", "出生日期", "户号", "户主公民身份号码"
_FIRST_DAY, _A_DAY = date(1940, 1, 1), 900  # people born on each day, all of one county


def run(bench: Bench, rows: int) -> Iterator[Row]:
    bench.fresh_hub().engine.dispose()
    folder = bench.home / "many"
    file = folder / "public-security" / f"resident-{bench.city.days[1]:%Y%m%d}.csv"
    file.parent.mkdir(parents=True)
    with file.open("w", encoding="gb18030", newline="\n") as out:
        out.writelines(register(bench, rows))
    command = [sys.executable, "-m", "benchmarks.memory", str(bench.home), bench.url]
    done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    peak = f"{done['peak'] / 2**20:,.0f} MiB at {done['rows'] / done['seconds']:,.0f} rows/s"
    yield Row(f"memory for {done['rows']:,} rows of the register", peak, f"limit {LIMIT / 2**20:,.0f} MiB", done["peak"] / LIMIT)


def register(bench: Bench, rows: int) -> Iterator[str]:
    """The city's own rows again and again, each with an identity of its own; three make a household."""
    base = records(bench.city, RESIDENT, 1)
    yield ",".join(base[0]) + "\n"
    head = ""
    for number in range(rows):
        born = _FIRST_DAY + timedelta(number // _A_DAY)
        first = f"330803{born:%Y%m%d}{number % _A_DAY:03d}"
        own = first + id_check(first)
        head = own if number % 3 == 0 else head
        told = {_ID: own, _BORN: f"{born:%Y%m%d}", _HOUSEHOLD: f"{number // 3:09d}", _HEAD: head}
        yield ",".join(str(cell or "") for cell in {**base[number % len(base)], **told}.values()) + "\n"


@contextmanager
def peak() -> Iterator[list[int]]:
    """The most bytes that this process and its children held while the block ran, looked at ten times a second."""
    found, over = [resident_bytes()], threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            found[0] = max(found[0], resident_bytes())

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()


def main(home: Path, url: str) -> None:
    from hub.checks.apart import checking
    from hub.pipeline import pull

    configure("WARNING")
    hub = make_hub(load(home, url), SystemClock())
    with peak() as most, checking() as check:
        (done,) = pull(hub, RESIDENT, home / "many", check)
    hub.engine.dispose()
    if done.reason is not None:
        raise done.reason
    print(json.dumps({"rows": done.read, "seconds": done.seconds, "peak": most[0]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
