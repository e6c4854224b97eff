"""The child process: takes a job, sets its own limits, reads, answers. Run by ``child.read_in_child`` and nothing else."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from connectors.files.child import CHUNK, END, REFUSAL, job_of, packed_chunk, packed_error, packed_summary, send
from connectors.files.frames import Reading
from connectors.files.messages import UNREADABLE
from connectors.files.settings import XLSX, Limits
from hub.intake.port import YibiaoError, invalid

OUT_OF_MEMORY = 3  # exit status


def main() -> int:
    kind, path, agreed, settings = job_of(sys.stdin.buffer.read())
    reading: Reading
    if kind == XLSX:
        from connectors.files.workbook import read_workbook as read
    else:
        from connectors.files.parquet import read_parquet as read
    limit(settings.limits)
    out = sys.stdout.buffer
    try:
        reading = read(path, agreed, settings)
        while True:
            try:
                chunk = next(reading)
            except StopIteration as end:
                send(out, END, packed_summary(end.value))
                return 0
            send(out, CHUNK, packed_chunk(chunk))
    except YibiaoError as error:
        send(out, REFUSAL, packed_error(error))
    except MemoryError:
        return OUT_OF_MEMORY
    except BrokenPipeError:
        return 0  # nobody listens any more
    except Exception as error:  # noqa: BLE001 - a library that stumbles over the file; its words may hold values
        send(out, REFUSAL, packed_error(invalid(UNREADABLE, place=path.name, found=type(error).__name__)))
    return 0


def limit(limits: Limits) -> None:
    """No more memory than agreed beyond what the interpreter has now, no more processor time, no core file."""
    now = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    most = now + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
