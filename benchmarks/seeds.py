"""The handout's CNN for several seeds: accuracy on the sealed test, and time.

python benchmarks/seeds.py [SEED ...]             notebook 05 with its default parameters
python benchmarks/seeds.py --precisions [SEED ...]     the same training alone, float32 beside bfloat16

The seeds are 0 to 4 unless given; each run takes one to three minutes on 2 cores.
"""

import argparse
import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

PARAMETERS = {"units": 2000, "shots": 2, "image_size": 80, "epochs": 15, "batch_size": 32}  # notebook 05's


def of_notebook(seed: int) -> None:
    """Run the notebook and print a line."""
    from fanaoi_helpers import runs

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


def of_precisions(seed: int) -> dict[str, object]:
    """Train in float32 and in bfloat16 and print a line each; return the verdicts by precision."""
    from fanaoi_helpers import cnn, fans, files, photos, verdicts

    told = PARAMETERS
    folder = files.runs_dir() / "line" / f"v{fans.LINE_VERSION}-{told['units']}x{told['shots']}-seed{seed}"
    fans.produce(folder, told["units"], told["shots"], seed)
    album = photos.load(folder, told["image_size"])
    split = photos.split(album, seed)
    found = {}
    for precision in ("float32", "bfloat16"):
        model = cnn.handout_cnn(told["image_size"], seed=seed)
        how = {"epochs": told["epochs"], "batch_size": told["batch_size"], "seed": seed}
        cpu = time.process_time()
        history = cnn.train(
            model, album.pixels, album.labels, split, precision=precision, report=lambda line: None, **how
        )
        cpu = time.process_time() - cpu
        p_go = {part: cnn.predict(model, album.pixels[index]) for part, index in split.parts.items()}
        threshold = verdicts.choose_threshold(album.labels[split.validation], p_go["validation"])
        test = found[precision] = verdicts.judge(album.labels[split.test], p_go["test"], threshold)
        print(
            f"seed {seed}, {precision:8}: accuracy {test.accuracy:.4f}, auc {test.auc:.4f}, "
            f"escapes {test.escapes} of {test.ng_total}, overkill {test.overkill} of {test.go_total}; "
            f"best val_loss {min(history['val_loss']):.4f}; {cpu:.0f} s of CPU",
            flush=True,
        )
    return found


def main() -> None:
    """Go through the seeds; with --precisions print the means at the end."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("seeds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    options.add_argument("--precisions", action="store_true", help="float32 beside bfloat16")
    chosen = options.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not chosen.precisions:
        for seed in chosen.seeds:
            of_notebook(seed)
        return
    all_found = [of_precisions(seed) for seed in chosen.seeds]
    for precision in all_found[0]:
        each = [found[precision] for found in all_found]
        accuracy = sum(one.accuracy for one in each) / len(each)
        print(
            f"{precision:8}, {len(each)} seeds: mean accuracy {accuracy:.4f}, "
            f"escapes {sum(one.escapes for one in each)} of {sum(one.ng_total for one in each)}, "
            f"overkill {sum(one.overkill for one in each)} of {sum(one.go_total for one in each)}"
        )


if __name__ == "__main__":
    main()
