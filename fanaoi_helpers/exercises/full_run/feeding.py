"""How photographs reach the CNN: the handout's generator, batch by batch."""

from ..engine.choosing import Order, Rule

batch_work = Order(
    name="batch_work",
    asks=(
        "What does the handout's generator do for each batch, and in which order? Leave out what does "
        "not belong."
    ),
    lines=[
        "open the files of the batch",
        "decode each into pixels",
        "resize it to target_size",
        "turn, shift or flip it, where it was told to",
        "multiply all values by 1/255",
        "hand pixels and labels to fit()",
    ],
    rules=[
        Rule(0, 1, "There is nothing to decode before the file is open."),
        Rule(1, 2, "A PNG is compressed: it has no pixels to resize before it is decoded."),
        Rule(2, 3, "It turns what the CNN will see: resized first, so that there is less to turn."),
        Rule(3, 4, "Scaling to 0 … 1 is its last touch on the pixels; turning comes before."),
        Rule(4, 5, "fit() gets the finished batch."),
    ],
    extra={
        "keep the pixels for the next epoch": (
            "If only it did! It keeps nothing: the next epoch opens, decodes and resizes every file again."
        ),
    },
    hints=[
        "It begins with files and ends with `fit()`.",
        "Open, decode, resize; then what changes the picture, then what changes its scale.",
    ],
    why="All of it for every photograph in every epoch, in Python. That is where its time goes.",
    minutes=3,
    difficulty=2,
)
