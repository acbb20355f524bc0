"""Notebook 05 with its default parameters for several seeds: accuracy on the sealed test, and time.

python benchmarks/seeds.py [SEED ...] (0 to 4 unless given); each run takes one to three minutes on 2 cores.
"""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from fanaoi_helpers import runs


def main(seeds: list[int]) -> None:
    """Run the notebook once a seed and print a line for each."""
    for seed in seeds:
        with TemporaryDirectory() as folder:
            started = time.perf_counter()
            runs.run("05", {"seed": seed}, folder, progress=False)
            seconds = time.perf_counter() - started
            metrics = json.loads(Path(folder, "metrics.json").read_text(encoding="utf-8"))
        test = metrics["test"]
        print(
            f"seed {seed}: accuracy {test['accuracy']:.4f}, auc {test['auc']:.4f}, "
            f"escapes {test['escapes']} of {test['ng_total']}, "
            f"overkill {test['overkill']} of {test['go_total']}; "
            f"training {metrics['seconds']:.0f} s, whole notebook {seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [0, 1, 2, 3, 4])
