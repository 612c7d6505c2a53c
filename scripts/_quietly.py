"""Run a command and show what it said only if it fails; a terminal is shown how many seconds it takes.

    python3 scripts/_quietly.py SENTENCE COMMAND [ARGUMENT...]

On a terminal, shows the sentence and the seconds; in a log, nothing. Exits with the command's status, or 130 after
Ctrl-C.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile


def main(sentence: str, *command: str) -> int:
    with tempfile.TemporaryFile() as output:
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603
        try:
            status = watched(sentence, running)
        except KeyboardInterrupt:  # the terminal has told the command, too
            running.wait()
            status = 130
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the clock's line ends
        if status not in (0, 130):
            output.seek(0)
            sys.stderr.buffer.write(output.read())
        return status


def watched(sentence: str, running: subprocess.Popen[bytes]) -> int:
    seconds = 0
    while True:
        if sys.stderr.isatty():
            print(f"\r  {sentence}: {seconds} s", end="", file=sys.stderr, flush=True)
        try:
            return running.wait(timeout=1)
        except subprocess.TimeoutExpired:
            seconds += 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
