"""``make bench``: every benchmark on both engines, ratios from one run. ``--people`` sets the size."""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import intake, memory, reports, resolving, working
from benchmarks.bench import Bench, Row, engines
from hub.core.log import configure
from hub.sample.city import build


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=100_000, help="of the large dataset whose memory is measured")
    options = parser.parse_args()
    configure("WARNING")
    city = build(options.people, 1, date(2026, 10, 31))
    print(f"{options.people:,} people, medians of {options.rounds} rounds\n")
    print("| engine | what | hub | against | ratio |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="yibiao-bench-") as folder:
        for engine, url in engines(Path(folder)):
            bench = Bench(engine, url, Path(folder) / engine, city, options.rounds)
            for part in (intake.run, resolving.run, reports.run, working.run):
                for row in part(bench):
                    show(engine, row)
            for row in memory.run(bench, options.rows):
                show(engine, row)


def show(engine: str, row: Row) -> None:
    """One line of the table; ``ratio`` is how many times the limit's time the hub takes."""
    ratio = f"{row.ratio:.1f}x" if row.ratio is not None else ""
    print(f"| {engine} | {row.what} | {row.hub} | {row.against} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
