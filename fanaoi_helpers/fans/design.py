"""Models of fans, in millimeters and colors; and single fans, the units of a model."""

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Design:
    """A model of fan. Lengths in mm, angles in degrees; the frame is 120 mm wide.

    A color says how much of red, green and blue light a material sends back, compared with black plastic.
    """

    name: str = "AF120-7"
    # Rotor
    blades: int = 7
    sweep: float = (
        26.0  # how far a blade's tip trails its root; negative for a rotor that turns the other way
    )
    curl: float = 0.25  # how much of the sweep comes only toward the tip
    blade_share: float = 0.83  # of the pitch that a blade covers at its tip
    blade_tip: float = 54.0  # radius
    rotor_color: Color = (0.78, 0.80, 0.84)
    rotor_shading: float = 1.0  # how much its brightness changes with the light; less if light goes through
    rotor_opacity: float = 1.0  # below 1 the mat shines through the blades
    # Frame
    opening: float = 57.2  # radius
    frame: float = 60.0  # half of the width
    eared: bool = False  # a ring with an ear for each screw; otherwise a square
    corner: float = 7.0  # radius of the frame's corners
    frame_color: Color = (0.78, 0.80, 0.84)
    pads: Color | None = None  # rubber pads on the corners
    marks: bool = True  # arrows molded into it, along which the air flows
    hole: float = 2.2  # radius of a mounting hole
    hole_at: float = 52.5  # from the center, along both axes
    screw: float = 4.0  # radius of a screw's head
    screw_color: Color = (0.98, 0.99, 1.0)
    # Struts
    struts: int = 4
    strut_turn: float = 22.0  # where the first one is: the one that carries the cable
    strut_lean: float = 0.0  # how far a strut's outer end is turned against its inner one
    strut_width: float = 3.2
    cable: bool = True  # its wires lie on the first strut
    # Hub and label
    hub: float = 23.5  # radius
    label: float = 17.5  # half of the width
    label_height: float = 17.5  # half of it
    label_corner: float = 17.5  # radius; half of the width makes a round label
    print: str = "roundel"
    gloss: float = 1.0  # strength of highlights, compared with the color

    @property
    def round_label(self) -> bool:
        """Whether the label looks the same from all sides."""
        return self.label_corner >= self.label


AF120 = Design()
AF120_5 = Design(
    name="AF120-5",
    blades=5,
    sweep=-48.0,
    curl=0.6,
    blade_share=0.80,
    rotor_color=(2.05, 2.25, 2.5),
    rotor_shading=0.45,
    rotor_opacity=0.82,
    eared=True,
    corner=7.5,
    frame_color=(2.5, 2.5, 2.45),
    marks=False,
    screw_color=(1.0, 0.84, 0.5),
    struts=3,
    strut_turn=-30.0,
    strut_width=5.0,
    hub=26.0,
    label_corner=4.0,
    print="panel",
    gloss=0.35,
)
AF120_9 = Design(
    name="AF120-9",
    blades=9,
    sweep=38.0,
    curl=0.5,
    blade_share=0.72,
    rotor_color=(1.05, 0.62, 0.46),
    corner=4.0,
    frame_color=(2.55, 2.15, 1.7),
    pads=(1.0, 0.58, 0.44),
    strut_turn=40.0,
    strut_lean=38.0,
    strut_width=2.6,
    cable=False,
    hub=22.5,
    label_height=11.5,
    label_corner=2.0,
    print="plate",
    gloss=0.4,
)
DESIGNS = MappingProxyType({design.name: design for design in (AF120, AF120_5, AF120_9)})


@dataclass(frozen=True)
class Unit:
    """One fan off the line: its serial, the seed of all that is random about it, and its verdict.

    ``label`` is "GO" or "NG"; ``defect`` is one of `DEFECTS`, or "" for GO; ``defect_size`` is in mm on a
    120 mm fan, 0.0 for GO. ``blemish`` is one of `BLEMISHES`, or "", and changes no verdict.
    """

    serial: str
    seed: int
    label: str
    defect: str
    defect_size: float
    blemish: str = ""
    blemish_size: float = 0.0

    @property
    def is_go(self) -> bool:
        """Whether it may be sold."""
        return self.label == "GO"

    def photo(self, shot: int) -> str:
        """Return where its ``shot``-th photograph lies in a folder of classes.

        >>> Unit("F0001", 3, "GO", "", 0.0).photo(2)
        'GO/F0001_2.png'
        """
        return f"{self.label}/{self.serial}_{shot}.png"


@dataclass(frozen=True)
class Look:
    """What makes a unit differ from its neighbors, within what counts as good."""

    plastic: float
    gloss: float
    paper: float
    label_x: float  # mm
    label_y: float
    label_turn: float  # radians
    lot: str
    screws: tuple[float, ...]  # how far each of the four is turned, radians
    grain: tuple[float, float]  # where the surface's grain begins, 0 to 1


def look_of(unit: Unit) -> Look:
    """Draw how ``unit`` looks; that knows nothing of its defect."""
    random = np.random.default_rng([unit.seed, 0])
    return Look(
        plastic=random.uniform(0.94, 1.06),
        gloss=random.uniform(0.8, 1.2),
        paper=random.uniform(0.97, 1.03),
        label_x=random.uniform(-0.3, 0.3),
        label_y=random.uniform(-0.3, 0.3),
        label_turn=math.radians(random.uniform(-2, 2)),
        lot=f"{random.integers(23, 27):02d}{random.integers(1, 53):02d}-{random.integers(10000):04d}",
        screws=tuple(random.uniform(0, math.tau, 4).tolist()),
        grain=tuple(random.random(2).tolist()),
    )
