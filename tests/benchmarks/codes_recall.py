"""`python -m tests.benchmarks.codes_recall FOLDER`: how much of a folder of pictures `kiosk decode` reads.

A `.txt` beside a picture is its text; a picture of a folder named `falsepositives-*` holds no code. Line ends count.
"""

import sys
import time
from collections import Counter
from pathlib import Path

from kiosk.codes.still import read_still
from kiosk.decode import load

PICTURES = {".png", ".webp", ".jpg", ".jpeg"}
EMPTY = "falsepositives"


def main(folder: Path) -> None:
    """Print each folder's recall, the texts read that were not expected, and the time of the slowest picture."""
    right, all_of, wrong, slowest = Counter[str](), Counter[str](), [], (0.0, folder)
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES):
        start = time.perf_counter()
        texts = {reading.text for reading in read_still(load(path))}
        slowest = max(slowest, (time.perf_counter() - start, path))
        expected = path.with_suffix(".txt")
        kind = path.parent.name
        if expected.exists():
            text = expected.read_bytes().decode()
            all_of[kind] += 1
            right[kind] += text in texts
            wrong += [(path, other) for other in texts - {text}]
        elif kind.startswith(EMPTY):
            all_of[kind] += 1
            right[kind] += not texts
            wrong += [(path, other) for other in texts]
        else:
            print(f"{path.name}: {len(texts)} codes, text not known")
    for kind in sorted(all_of):
        print(f"{kind:18} {right[kind]:3} of {all_of[kind]:3}")
    print(
        f"{'together':18} {right.total():3} of {all_of.total():3}; slowest {slowest[0]:.1f} s, {slowest[1].name}"
    )
    for path, text in wrong:
        print(f"not expected: {path.name}: {text!r}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
