"""docs/topic_map.md leads from every heading of the handouts to a section that is there."""

import re

import doc_links
import pytest

PAGE = doc_links.DOCS / "topic_map.md"
HANDOUTS = doc_links.handouts()
needs_handouts = pytest.mark.skipif(not HANDOUTS, reason=doc_links.NO_HANDOUTS)
MOST_WORDS = 8  # of a numbered topic; what is longer is a sentence
# What belongs to 09 alone; every other heading has a place in a notebook that is there.
LATER_ONLY = {
    "000": [
        "Applications of Convolution Layers",
        "11. Machine Learning Categories",
        "Machine Learning Categories: Supervised, Unsupervised, and Reinforcement Learning",
        "Visual Resources",
        "Charts",
        "Videos for Deeper Understanding",
    ],
    "002": [
        "2. Major Applications of CNNs",
        "2.1 Differences in Applications: ANNs vs. CNNs",
        "3. Problems Solved by CNNs",
        "Popular Models",
        "3.2 Image Segmentation",
        "3.3 Object Detection",
        "6.4 How CNN Training Differs from RNN Training",
        "6.4.1 Data Structure",
        "6.4.2 Backpropagation",
        "6.4.3 Epochs",
        "6.4.4 Parallelism",
        "7.1.1 CNNs for Videos",
    ],
    "003": [
        "Deep neural networks",
        "Recurrent Neural Networks (RNNs)",
        "Restricted Boltzmann Machines (RBMs)",
        "Deep Belief Networks (DBNs)",
        "Autoencoders",
    ],
}


def outline(text):
    """Return [(heading, its numbered topics)] of a handout; what is code is no heading."""
    found = []
    for line in re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.MULTILINE | re.DOTALL).splitlines():
        if heading := re.match(r" {0,3}#{1,6} +(.+)|.*<summary>(.+?)</summary>", line):
            found.append(((heading[1] or heading[2]).replace("*", "").strip().removesuffix(":"), []))
        elif topic := re.match(r"\d+\. (?:\*\*(.+?)\*\*|(`.+?`))", line):
            name = (topic[1] or topic[2]).removesuffix(":")
            if len(name.split()) <= MOST_WORDS:
                found[-1][1].append(name)
    return found


def parts():
    """Return {number of a handout: [(heading, the topics with it, places)]} as the page has them."""
    found = {}
    for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        number = re.search(r"\((\d{3})\)$", part.split("\n", 1)[0])[1]
        lines = [line for line in part.splitlines() if line.startswith("|")][2:]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        found[number] = [(heading.replace("*", ""), topics, places) for heading, topics, places in cells]
    return found


PARTS = parts()
ALL_ROWS = [(number, *row) for number, part in PARTS.items() for row in part]


def missing(text, rows):
    """Return the headings, and the topics beneath them, that the map of a handout lacks."""
    rows, lacking = list(rows), []
    for heading, topics in outline(text):
        if not rows or rows[0][0] != heading:
            lacking.append(heading)
            continue
        with_it = rows.pop(0)[1].split(" · ")
        lacking += [f"{heading}: {topic}" for topic in topics if topic not in with_it]
    return lacking + [f"{heading} is not on the page" for heading, _, _ in rows]


@needs_handouts
@pytest.mark.parametrize("name", HANDOUTS)
def test_every_heading_is_in_the_map(name):
    number = name[:3]
    if number in PARTS:
        assert missing(HANDOUTS[name], PARTS[number]) == []
    else:
        assert number == "001", f"{name} is not in the map"


@needs_handouts
def test_001_is_the_start_of_000():
    whole, start = (
        outline(next(HANDOUTS[name] for name in HANDOUTS if name[:3] == n)) for n in ("000", "001")
    )
    first = whole.index(start[0])
    assert len(start) == 15 and whole[first : first + len(start)] == start


@pytest.mark.parametrize("number", PARTS)
def test_every_place_is_there(number):
    wrong = [(heading, doc_links.problems(places)) for heading, _, places in PARTS[number]]
    assert [(heading, problems) for heading, problems in wrong if problems] == []


# Words of the handouts' topics that the section must hold to which the map sends a reader.
SAYS = {
    "00": {
        "What is the job?": ["GO", "NG", "inspection", "computer vision"],
        "Which words does the line use?": ["label", "verdict"],
    },
    "01": {
        "What is a gray picture?": ["0, 128, 255", "black", "white"],
        "How do three matrices make a color?": ["red", "green", "blue", "yellow", "channels"],
        "How bright is a color?": ["0.299", "0.587", "0.114"],
        "Why are the colors wrong?": ["cv2.imread", "BGR2RGB"],
        "Is a photograph anything else?": ["Pillow", "PNG", "RGBA"],
        "Divide by 255: how often?": ["Rescaling(1 / 255)", "load_and_prep_image", "JAX", "PyTorch"],
        "What is a tensor?": [
            "scalar",
            "vector",
            "matrix",
            "color picture",
            "4D",
            "batch",
            "labels",
            "five axes",
        ],
        "Pixels or values?": ["224", "pixels", "values"],
        "What does TensorFlow do with arrays?": ["tf.constant", "tf.Variable", "never change"],
        "What became of sessions and placeholders?": [
            "Session",
            "placeholder",
            "eager",
            "tf.function",
            "node",
            "edge",
            "[ 4 10 18]",
        ],
        "Why do GPUs help?": ["GPU", "TPU", "matrix", "convolution", "batches"],
    },
    "02": {
        "4. What does a stride skip?": ["stride 2"],
        "5. How large is the output?": ["output size", "rounded down", "1D", "3D"],
        "6. What does padding add?": ['"valid"', '"same"', "zeros"],
        "7. What does pooling keep?": ["max pooling", "average pooling", "stride", "learnable", "noise"],
        "9. Is it convolution at all?": ["cross-correlation", "flip"],
        "10. What does a kernel see on a fan?": ["edges", "ReLU", "negative"],
        "11. Where do color and bias come in?": ["filter", "channel", "bias"],
        "14. What if the fan stands elsewhere?": ["equivariant", "invariant", "pooling"],
        "15. How do maps become one verdict?": ["Flatten", "(4, 4, 8)", "global", "Dense", "softmax"],
        "16. Where are the CNN's parameters?": [
            "99.3",
            "Dense",
            "multiplications",
            "3 · 3 · 32 = 288",
            "VGG",
            "None",
        ],
        "17. How much does one number see?": ["receptive field", "5×5", "3×3"],
    },
    "03": {
        "1. What does one neuron compute?": ["weight", "bias", "dense layer"],
        "2. What are the parts of a network?": [
            "input layer",
            "hidden layer",
            "output layer",
            "loss",
            "optimizer",
        ],
        "3. Why not leave the activations out?": ["activation function", "deep"],
        "4. Which bend?": ["ReLU", "sigmoid", "tanh", "dying ReLU", "vanishing gradient"],
        "5. How do scores become probabilities?": ["softmax", "add up to 1", "Flatten"],
        "6. Is the handout's network multi-class?": ["multi-label", "multi-class"],
        "7. What should a wrong answer cost?": ["likelihood", "surprise", "cross-entropy"],
        "8. Why does Keras disagree with the handout?": ["one-hot", "0.3567"],
        "10. What does a batch of fans cost?": ["binary cross-entropy", "mean"],
        "12. Why not simply train for accuracy?": ["accuracy", "slope"],
    },
    "04": {
        "1. Which way is down?": ["gradient", "learning rate", "chain rule"],
        "3. Who gets the blame?": ["dense", "sigmoid"],
        "4. What gets through ReLU and pooling?": ["ReLU", "pooling"],
        "6. What does a whole network look like, there and back?": ["forward", "backward"],
        "7. Does TensorFlow get the same numbers?": ["GradientTape", "compute_gradients", "parameter update"],
        "8. What does `fit()` do, and when?": [
            "epoch",
            "iteration",
            "batch",
            "forward pass",
            "parameter update",
        ],
        "9. How large may a step be?": ["rate", "0 to 255"],
        "10. Which optimizer?": ["SGD", "momentum", "Adam"],
        "11. Where does a filter begin?": ["Glorot", "Xavier", "He", "random"],
        "12. What becomes of the filters?": ["before", "after", "fit()"],
    },
    "05": {
        "Which photographs?": ["folder", "GO", "NG", "label"],
        "Which number is GO?": ["60", "100", "alphabet", "class_names", "sorted as text"],
        "Which photographs may it learn from?": ["train", "validation", "sealed test", "serial"],
        "How do photographs reach the CNN?": [
            "batch",
            "shape",
            "labels",
            "0 to 255",
        ],
        "What does the handout's generator do?": [
            "ImageDataGenerator",
            "flow_from_directory",
            "image_dataset_from_directory",
            "rescale",
            "legacy",
        ],
        "What does the CNN look like?": [
            "64 filters after 32",
            "conv1",
            "multiplications",
            "fewer parameters",
            "padding",
            "dense1",
        ],
        "What does the alphabet cost?": [
            "compile",
            "fit",
            "optimizer",
            "binary_crossentropy",
            "metrics",
            "validation_data",
            "above 0.5 is GO",
        ],
        "Where does it compute?": ["GPU", "CPU", "memory", "photographs a second"],
        "Train": ["epoch", "validation"],
        "Did it learn, or memorize?": ["overfitting", "validation"],
        "Where to draw the line?": ["0.5", "threshold"],
        "Open the sealed test, once": ["accuracy", "escapes", "overkill"],
        "Keep the run": ["model.save(", "fan_model.h5", ".keras", "load"],
        "Your turn": ["epochs", "image_size", "dense_units"],
    },
    "06": {
        "What do filters find in a digit?": [
            "MNIST",
            "28×28",
            "edges",
            "texture",
            "background",
            "stroke",
            "corner",
            "ReLU",
        ],
        "What does a filter look like before and after training?": ["random", "trained", "edges"],
        "What does a plot of channel 0 hide?": ["channel", "filters[:, :, 0, i]", "RGB", "symmetric"],
        "What do the feature maps show?": ["conv1", "pool2", "map"],
        "What does conv2 look at?": ["pool1", "vote", "filter"],
        "Which pixels did a number see?": ["receptive field", "stride"],
        "Is a CNN robust to shifts and turns?": ["translation-equivariant", "pooling", "rotation"],
        "How do ten pixels reach the verdict?": ["logit", "dense1", "nothing is hidden"],
        "How well do they point?": ["pointing game", "random weights", "mask"],
    },
    "07": {
        "1. Can it learn forty fans by heart?": ["overfitting", "loss on new fans", "weights for each"],
        "2. When to stop?": ["early stopping", "patience"],
        "3. What else could help?": [
            "dropout",
            "L2",
            "fewer filters",
            "global max pooling",
            "640 photographs",
            "weights after Flatten",
        ],
        "Does more labeling lead to higher accuracy?": ["labels right", "30 %", "label"],
        "4. Layers or generator?": [
            "validation_split",
            "ImageDataGenerator",
            "RandomFlip",
            "RandomRotation",
            "RandomTranslation",
            "RandomHeight",
            "rotation_range",
            "degrees",
            "outside of training",
        ],
        "5. Which augmentation keeps the label?": ["flip", "augmentation", "zoom", "label"],
        "7. Robust to translation, scaling and rotation?": [
            "equivariant",
            "pooling",
            "shift",
            "turn",
            "scale",
            "were shown",
        ],
        "8. Can it be borrowed?": ["transfer learning", "ImageNet", "last layer"],
    },
    "08": {
        "1. What does the station do with a photograph of yours?": [
            "load_and_prep_image",
            "four channels",
            "resize",
            "255",
            "once",
        ],
        "2. What does a mistake cost?": ["threshold", "cost", "escape", "overkill"],
        "5. What do the counts prove?": ["Wilson", "exact", "two denominators"],
        "11. From the notebook to the line": ["inspect", "policy"],
    },
}


@pytest.mark.parametrize("number", SAYS)
def test_sections_speak_of_their_topics(number):
    """A reader who follows the map finds the topic's own words."""
    sections = doc_links.sections(number)
    lacking = []
    for heading, words in SAYS[number].items():
        assert any(f"[{number}] {heading}" in places for *_, places in ALL_ROWS), (
            f"the map never leads to {heading!r}"
        )
        section = sections[heading]
        said = (section.text + section.code + section.shown).lower()
        lacking += [f"{heading}: {word}" for word in words if word.lower() not in said]
    assert lacking == []


def test_nothing_but_09_is_put_off():
    named = [(number, heading, doc_links.places(places)) for number, heading, _, places in ALL_ROWS]
    later_only = {(number, heading) for number, heading, places in named if all(p.later for p in places)}
    assert later_only == {
        (number, heading) for number, headings in LATER_ONLY.items() for heading in headings
    }
    numbers = {place.number for *_, places in named for place in places if not place.later}
    assert numbers == {f"{number:02}" for number in range(9)}
    assert {place.number for *_, places in named for place in places if place.later} == {"09"}


def test_no_place_is_named_twice_in_a_row():
    for number, heading, _, places in ALL_ROWS:
        said = [place.strip() for place in places.split(";")]
        assert len(said) == len(set(said)), (number, heading)


def test_links():
    assert doc_links.link_problems(PAGE) == []


def test_each_check_notices():
    code = "```\n# no heading\n```\n"
    page = f"# One\n<summary>2. Two</summary>\n{code}### **Three**:\n1. **Four:**\n2. **Five six seven**"
    assert outline(page) == [("One", []), ("2. Two", []), ("Three", ["Four", "Five six seven"])]
    rows = [("One", "", ""), ("2. Two", "", ""), ("Three", "Five six seven · Four", "")]
    assert missing(page, rows) == []
    assert missing(page, rows[1:])[0] == "One"
    assert missing(page, [*rows[:2], ("Three", "Four · five", "")]) == ["Three: Five six seven"]
    assert missing(page, [*rows, ("Six", "", "")]) == ["Six is not on the page"]
    assert doc_links.problems("[02] Recap; comes with 09; [01] Next") == []
    for wrong, says in [
        ("[02] Nothing of the kind", "no heading"),
        ("comes with 08", "is no place"),
        ("", "is no place"),
        ("[02] Recap, [01] Next", "no heading"),
        ("[02] Recap: `no such code`", "no cell beneath"),
    ]:
        assert any(says in problem for problem in doc_links.problems(wrong)), wrong
