"""Numbers in the notebooks' prose that no cell shows: each phrase as it stands there, and what computes it.

``lint.proven`` takes a number in prose for proven if it stands in a phrase here, and ``test_prose.py`` holds
every phrase against the notebook's text and against what its function computes.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fanaoi_helpers import byhand, digits, fans, notebooks, parameters, verdicts
from fanaoi_helpers.exercises import by_eye, losses, release

# Notebook 00 -------------------------------------------------------------------------------------------


def minutes_ahead(number: str, asks: str) -> Callable[[], str]:
    """Return a function that computes the end of a line of the table of what is ahead."""
    return lambda: f"{asks} | {notebooks.title(notebooks.find(number))[1]} |"


def fans_in_a_shift() -> str:
    return f"In a shift the line makes {by_eye.SHIFT / by_eye.SECONDS_PER_FAN:,.0f} fans"


# Notebook 01 -------------------------------------------------------------------------------------------


def values_that_are_no_pixels() -> tuple[str, str]:
    photograph = np.zeros((224, 224, 3), np.uint8)
    batch = np.stack([photograph] * 32)
    return (
        f'"has over {photograph.size // 10_000 * 10_000:,} pixels"',
        f'"over {batch.size / 1e6:.1f} million pixels"',
    )


def pixels_of_a_batch() -> str:
    batch = np.zeros((32, 80, 80, 3), np.uint8)
    return f"{batch.shape}: {batch[..., 0].size:,} pixels, {batch.size:,} values"


def wrapped() -> tuple[str, str]:
    small, large = np.array([0, 200], np.uint8), np.array([1, 100], np.uint8)
    return f"−1 comes out as {(small - large)[0]}", f"{(small + large)[1]}, without a warning"


def bytes_of_a_number() -> str:
    one, four = (np.dtype(name).itemsize for name in ("uint8", "float32"))
    return f"A `uint8` takes {one} byte, a `float32` takes {four}"


# Notebook 02 -------------------------------------------------------------------------------------------

RAMP = np.arange(1, 26).reshape(5, 5)


def a_true_first_row() -> str:
    kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    return "a true first row is " + " ".join(str(number) for number in byhand.convolve2d(RAMP, kernel)[0])


def windows_of_the_corner() -> str:
    seen = byhand.convolve2d(np.ones((5, 5), int), np.ones((3, 3), int), padding="same")
    return f"the corner is in {seen[0, 0]} windows"


def windows_in_a_row() -> str:
    return f"`my_output_size(8, 3, 2, 0)` is {byhand.output_size(8, 3, 2, 0)}"


def mean_of_four() -> str:
    window = RAMP[:2, :2]
    added = " + ".join(map(str, window.flat))
    return f"({added}) / {window.size}, is {byhand.pool2d(RAMP, kind='average')[0, 0]:g}"


def rows_pooled() -> str:
    return f"⌊(5 − 2) / 2⌋ + 1 = {len(byhand.pool2d(RAMP))}"


def noise_left() -> str:
    noisy = np.random.default_rng(1).normal(100, 10, (400, 400))
    return f"The maximum leaves {10 * byhand.pool2d(noisy).std() / noisy.std():.0f} of 10"


def rows_of_the_response() -> str:
    by_four, by_one = (byhand.output_size(160, 3, stride) for stride in (4, 1))
    same_four, same_one = (
        byhand.output_size(160, 3, stride, byhand.same_padding(160, 3, stride)) for stride in (4, 1)
    )
    return (
        f'⌊(160 − 3) / 4⌋ + 1 = {by_four} with "valid", and ⌈160 / 4⌉ = {same_four} with "same". '
        f"They need not agree: with stride 1 it is {by_one} and {same_one}"
    )


def handouts_layers() -> dict[str, tuple[int, int]]:
    """Return for each layer of the handout's CNN how long axis 1 is and its parameters, as Keras has them."""
    from fanaoi_helpers import cnn

    return {layer.name: (layer.output.shape[1], layer.count_params()) for layer in cnn.handout_cnn().layers}


def pooled_sides() -> str:
    layers = handouts_layers()
    return "{} and {}, not 40 and 20".format(*(layers[name][0] for name in ("pool1", "pool2")))


def dense_share() -> str:
    layers = handouts_layers()
    total, dense = sum(count for _, count in layers.values()), layers["dense1"][1]
    return (
        f"{100 * dense / total:.1f} % of its {total / 1e6:.2f} million parameters sit in a single dense "
        f"layer, because {layers['flatten'][0]:,} numbers meet {layers['dense1'][0]} neurons"
    )


def parameters_of_the_dense_layer() -> str:
    layers = handouts_layers()
    inputs, neurons = layers["flatten"][0], layers["dense1"][0]
    total = sum(count for _, count in layers.values())
    return f"{inputs:,} · {neurons} + {neurons} = {layers['dense1'][1]:,} of {total:,}"


def parameters_of_conv2() -> str:
    return f"3 · 3 · 32 · 64 + 64 = {handouts_layers()['conv2'][1]:,}"


def positions_of_conv2() -> str:
    layers = handouts_layers()
    conv1, conv2 = (layers[name][0] for name in ("conv1", "conv2"))
    return f"there are {conv2}×{conv2} positions instead of {conv1}×{conv1}"


def numbers_that_a_filter_reads() -> tuple[str, str]:
    from fanaoi_helpers import cnn

    kernels = {layer.name: layer.kernel.shape for layer in cnn.handout_cnn().layers if "conv" in layer.name}
    rows, columns, channels = kernels["conv2"][:3]
    return (
        f"in three colors, {np.prod(kernels['conv1'][:3])} numbers",
        f"{rows} · {columns} · {channels} = {rows * columns * channels} numbers",
    )


def field_of_pool2() -> str:
    from fanaoi_helpers import cnn, explain

    x0, _, x1, _ = explain.patch_of(cnn.handout_cnn(), "pool2", 5, 5)
    return f"one number of pool2 sees {x1 - x0} of 80 pixels"


# Notebook 03 -------------------------------------------------------------------------------------------


def one_more_in_score() -> str:
    pairs = [(2, 1), (102, 101)]
    (ratio,) = {round(float(np.divide(*byhand.softmax(pair))), 3) for pair in pairs}
    listed = " or ".join(f"{one} and {other}" for one, other in pairs)
    return f"One more in score is always e = {ratio} times as probable, whether the scores are {listed}"


def a_tenth_of_it() -> str:
    costs = np.log(1) - np.log(0.1)
    return f"from 0.1 to {0.1 * np.exp(-costs):g} costs as much as from 1 to 0.1"


def the_handouts_digit_adds_up() -> str:
    return f"The ten probabilities add up to {losses.digit_loss.given['predicted'].sum():.2f}"


def the_digit_that_would_agree() -> str:
    digit = losses.digit_loss.given["predicted"]
    rest = digit.sum() - digit[3]
    return f"With `p_true = {1 - rest:.2f}` in the parameters cell the two agree"


def confident_and_wrong() -> str:
    pays = byhand.binary_cross_entropy([0], [0.999])
    twice = 1 - np.exp(-2 * pays)
    return f"a model that says 0.999 and is wrong pays {pays:.1f}, and {twice:.6f} costs twice that"


def smoothed_label() -> str:
    from fanaoi_helpers.cnn import keras

    p, loss = 0.8, keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    go, ng = (byhand.binary_cross_entropy([label], [p]) for label in (1, 0))
    asked = (float(loss(np.array([1.0]), np.array([p]))) - ng) / (go - ng)  # the loss is linear in the label
    return f"`label_smoothing=0.1` asks for {asked:.2f} instead of 1"


# Notebook 04 -------------------------------------------------------------------------------------------


def steps_toward_3() -> str:
    def factor(rate: float) -> float:
        start, after = byhand.sgd(lambda gain: 4 * (2 * gain - 6), 0.5, rate, steps=1) - 3
        return after / start

    slow, leap, edge = (f"{factor(rate):g}".replace("-", "−") for rate in (0.1, 0.2, 0.25))
    steep = factor(0) - factor(1)
    return (
        f"{slow} at rate 0.1, {leap} at 0.2, {edge} at 0.25. "
        f"Between {1 / steep:g} and {2 / steep:g} the steps leap over the goal"
    )


def passes_of_one_step() -> str:
    passes = []
    byhand.numeric_gradient(lambda kernel: passes.append(kernel) or 0.0, np.zeros((3, 3)))
    return f"Each step took {len(passes)} forward passes"


def largest_rates() -> str:
    def largest(momentum: float) -> float:
        low, high = 0.01, 1.0
        while high - low > 1e-4:
            rate = (low + high) / 2
            path = byhand.sgd(lambda point: np.array([2, 20]) * point, [-8.0, 2.5], rate, 2000, momentum)
            low, high = (rate, high) if np.abs(path[-1]).max() < 8 else (low, rate)
        return low

    return f"SGD is thrown out above {largest(0):.2g} and momentum above {largest(0.9):.2g}"


# Notebooks 06 and 07 -----------------------------------------------------------------------------------


def receptive_fields() -> str:
    from fanaoi_helpers import cnn, explain

    model, sides = cnn.handout_cnn(), []
    for layer in ("conv1", "pool1", "conv2", "pool2"):
        x0, _, x1, _ = explain.patch_of(model, layer, 5, 5)
        sides.append(x1 - x0)
    return "{}, {}, {} and {} pixels".format(*sides)


def handouts_windows() -> tuple[str, str]:
    from fanaoi_helpers import cnn, explain

    model = cnn.handout_cnn()
    filters, pool = explain.filters(model).shape, model.get_layer("pool1").pool_size
    return f"filters of {filters[0]}×{filters[1]} weights", f"the strongest of each {pool[0]}×{pool[1]}"


def eight_by_eight() -> str:
    from sklearn.datasets import load_digits

    return "but {}×{} pixels, enlarged".format(*load_digits().images.shape[1:])


def repaired_cnn_sees() -> str:
    from fanaoi_helpers import cnn

    return "sees {}×{} pixels".format(*cnn.load(cnn.shipped_model()).input_shape[1:3])


def between_numbers() -> int:
    """Return how many pixels apart the numbers of the repaired CNN's last maps stand."""
    from fanaoi_helpers import cnn, explain

    (step,) = set(np.diff(explain.centers(cnn.repaired_cnn(), "relu5")[0]))
    return int(step)


def her_line() -> str:
    (number,) = [at for at, preset in enumerate(fans.PRESETS.values()) if preset.ng is not None]
    return f"Her line is number {number} of `fans.PRESETS`"


def looks() -> str:
    from fanaoi_helpers import cnn

    names = [layer.name for layer in cnn.four_looks(cnn.repaired_cnn(32)).layers]
    moved = [name.split("_")[1:] for name in names if name.startswith("look_")]
    (step,) = {int(pixels) for both in moved for pixels in both} - {0}
    return f"each {step} pixels further"


def photographs_to_train_on() -> str:
    from fanaoi_helpers import photos

    units = np.repeat(np.arange(2000), 2)
    album = photos.Photos(
        pixels=np.zeros((len(units), 1, 1, 3), np.uint8),
        labels=units % 2,
        serials=units.astype(str),
        names=[str(at) for at in range(len(units))],
        defects=np.full(len(units), ""),
        sizes=np.full(len(units), np.nan),
        folder=Path(),
    )
    return f"twenty epochs of {len(photos.split(album, 0).train):,} photographs"


def all_called_ng() -> str:
    right = np.mean([not unit.is_go for unit in fans.make_units(40, 1_000_003)])
    return f"{right} means that every fan is"


# Notebook 08 -------------------------------------------------------------------------------------------


def prices_of_the_exercise() -> str:
    return "an escape {escape_cost}, an overkill {overkill_cost}".format(**release.cost_threshold.given)


def how_dear_an_escape_is() -> str:
    usual = parameters.declared(notebooks.find("08"))
    times = usual["escape_cost"].default / usual["overkill_cost"].default
    return f"an escape is {times:g} times as dear as an overkill"


def shift_of_the_exercise() -> str:
    given = release.review_minutes.given
    bin_ = f"{100 * given['share']:g} % land in the bin, {given['seconds_each']} seconds each"
    return f"A shift makes {given['fans']:,} fans, {bin_}"


def counts_of_the_exercise() -> str:
    return (
        "{escapes} of {ng_total} NG fans were called GO, {overkill} of {go_total} GO fans were called NG"
    ).format(**release.two_denominators.given)


def studies_that_wilson_holds() -> str:
    from scipy.stats import binom

    escapes, rates = np.arange(301), np.linspace(0.005, 0.5, 400)
    low, high = np.transpose([verdicts.wilson(int(count), 300) for count in escapes])
    held = [binom.pmf(escapes, 300, rate)[(low <= rate) & (rate <= high)].sum() for rate in rates]
    return f"hold the true rate in about {100 * np.mean(held):.0f} of 100 studies"


def agreement_of_go_to_everything() -> str:
    labels = np.arange(1000) >= 5  # True: GO
    agrees = 100 * np.mean(labels)
    return f"with {100 * np.mean(~labels):g} % NG, “GO” to everything agrees {agrees:g} %"


def proof_of_600() -> str:
    bound = verdicts.zero_escape_bound(600)
    return f"What do 0 escapes of 600 NG fans prove? That the escape rate is below {100 * bound:.1f} %"


def ng_box_of_a_fine_station() -> str:
    line = verdicts.at_prevalence(verdicts.Counts(2, 100, 2, 100), 0.005)
    bad, good = line.ng_total - line.escapes, line.overkill
    return f"at 0.5 % NG, {good:.0f} of {line.total:,.0f} good ones beside {bad:.0f} bad ones"


# By notebook: a phrase of its prose -> the same phrase, computed.
FACTS: dict[str, dict[str, Callable[[], str]]] = {
    "00": {
        "The fans are 120 mm wide": lambda: f"The fans are {2 * fans.AF120.frame:.0f} mm wide",
        "In a shift the line makes 7,200 fans": fans_in_a_shift,
        "Can I beat the machine? | 30 |": minutes_ahead("00", "Can I beat the machine?"),
        "What does the computer see? | 70 |": minutes_ahead("01", "What does the computer see?"),
        "What does one filter compute? | 130 |": minutes_ahead("02", "What does one filter compute?"),
        "How wrong is a verdict? | 100 |": minutes_ahead("03", "How wrong is a verdict?"),
        "How does a filter learn? | 90 |": minutes_ahead("04", "How does a filter learn?"),
        "a CNN on fans? | 75 |": minutes_ahead("05", "a CNN on fans?"),
        "What did it learn? | 90 |": minutes_ahead("06", "What did it learn?"),
        "and what helps? | 90 |": minutes_ahead("07", "and what helps?"),
        "May it release fans? | 90 |": minutes_ahead("08", "May it release fans?"),
    },
    "01": {
        '"has over 150,000 pixels"': lambda: values_that_are_no_pixels()[0],
        '"over 4.8 million pixels"': lambda: values_that_are_no_pixels()[1],
        "(32, 80, 80, 3): 204,800 pixels, 614,400 values": pixels_of_a_batch,
        "−1 comes out as 255": lambda: wrapped()[0],
        "44, without a warning": lambda: wrapped()[1],
        "A `uint8` takes 1 byte, a `float32` takes 4": bytes_of_a_number,
        "the work of a product grows 32,768-fold": lambda: (
            f"the work of a product grows {(1024 // 32) ** 3:,}-fold"
        ),
        "its work grows 64-fold": lambda: f"its work grows {(256 // 32) ** 2}-fold",
    },
    "02": {
        "a true first row is 35 40 45": a_true_first_row,
        "`my_output_size(8, 3, 2, 0)` is 3": windows_in_a_row,
        "the corner is in 4 windows": windows_of_the_corner,
        "(1 + 2 + 6 + 7) / 4, is 4": mean_of_four,
        "⌊(5 − 2) / 2⌋ + 1 = 2": rows_pooled,
        "The maximum leaves 7 of 10": noise_left,
        '⌊(160 − 3) / 4⌋ + 1 = 40 with "valid", and ⌈160 / 4⌉ = 40 with "same". '
        "They need not agree: with stride 1 it is 158 and 160": rows_of_the_response,
        "a bias of −10 is −0.04 there": lambda: f"a bias of −10 is −{10 / 255:.2f} there",
        "4 · 4 · 8 = 128 numbers in one row": lambda: f"4 · 4 · 8 = {4 * 4 * 8} numbers in one row",
        "39 and 18, not 40 and 20": pooled_sides,
        "99.3 % of its 2.67 million parameters sit in a single dense layer, "
        "because 20,736 numbers meet 128 neurons": dense_share,
        "in three colors, 27 numbers": lambda: numbers_that_a_filter_reads()[0],
        "3 · 3 · 32 = 288 numbers": lambda: numbers_that_a_filter_reads()[1],
        "there are 37×37 positions instead of 78×78": positions_of_conv2,
        "one number of pool2 sees 10 of 80 pixels": field_of_pool2,
        "3 · 3 · 32 · 64 + 64 = 18,496": parameters_of_conv2,
        "20,736 · 128 + 128 = 2,654,336 of 2,673,857": parameters_of_the_dense_layer,
    },
    "03": {
        "One more in score is always e = 2.718 times as probable, "
        "whether the scores are 2 and 1 or 102 and 101": one_more_in_score,
        "from 0.1 to 0.01 costs as much as from 1 to 0.1": a_tenth_of_it,
        "The ten probabilities add up to 1.01": the_handouts_digit_adds_up,
        "With `p_true = 0.69` in the parameters cell the two agree": the_digit_that_would_agree,
        "a model that says 0.999 and is wrong pays 6.9, and 0.999999 costs twice that": confident_and_wrong,
        "`label_smoothing=0.1` asks for 0.95 instead of 1": smoothed_label,
    },
    "04": {
        "0.2 at rate 0.1, −0.6 at 0.2, −1 at 0.25. "
        "Between 0.125 and 0.25 the steps leap over the goal": steps_toward_3,
        "Each step took 18 forward passes": passes_of_one_step,
        "SGD is thrown out above 0.1 and momentum above 0.19": largest_rates,
    },
    "05": {
        "a square of 134 mm": lambda: f"a square of {fans.FIELD:.0f} mm",
        "a chip of 10 mm is 6 pixels long": lambda: (
            f"a chip of 10 mm is {10 / (fans.FIELD / 80):.0f} pixels long"
        ),
    },
    "06": {
        "MNIST: 28×28 pixels": lambda: "MNIST: {}×{} pixels".format(*digits.load(1, 0).pictures.shape[1:]),
        "but 8×8 pixels, enlarged": eight_by_eight,
        "filters of 3×3 weights": lambda: handouts_windows()[0],
        "the strongest of each 2×2": lambda: handouts_windows()[1],
        "3, 4, 8 and 10 pixels": receptive_fields,
        "sees 128×128 pixels": repaired_cnn_sees,
        "Up to 4 pixels beside it": lambda: f"Up to {between_numbers()} pixels beside it",
        "Her line is number 2 of `fans.PRESETS`": her_line,
    },
    "07": {
        "0.5 means that every fan is": all_called_ng,
        "each 2 pixels further": looks,
        "strides of 4 pixels": lambda: f"strides of {between_numbers()} pixels",
        "twenty epochs of 2,400 photographs": photographs_to_train_on,
    },
    "08": {
        "an escape 96, an overkill 4": prices_of_the_exercise,
        "an escape is 250 times as dear as an overkill": how_dear_an_escape_is,
        "A shift makes 7,200 fans, 3 % land in the bin, 8 seconds each": shift_of_the_exercise,
        "15 of 150 NG fans were called GO, 60 of 450 GO fans were called NG": counts_of_the_exercise,
        "hold the true rate in about 95 of 100 studies": studies_that_wilson_holds,
        "with 0.5 % NG, “GO” to everything agrees 99.5 %": agreement_of_go_to_everything,
        "What do 0 escapes of 600 NG fans prove? That the escape rate is below 0.5 %": proof_of_600,
        "at 0.5 % NG, 199 of 10,000 good ones beside 49 bad ones": ng_box_of_a_fine_station,
    },
}
