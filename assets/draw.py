"""Draw the README's picture of the fans: `python assets/draw.py` from anywhere."""

from pathlib import Path

from fanaoi_helpers import fans, files
from fanaoi_helpers.figures import line


def main() -> None:
    """Write fans.png: one fan without and with each kind of defect, beside this file."""
    units = [fans.make_unit("F0001", 3)]
    units += [fans.make_unit("F0001", 3, kind, fans.SIZES[kind].usual * 0.8) for kind in fans.DEFECTS]
    units.append(fans.make_unit("F0002", 12))
    captions = [unit.defect.replace("_", " ") for unit in units]
    shots = [fans.render(unit, shot=1, size=320).pixels for unit in units]
    figure = line.contact_sheet(shots, [unit.label for unit in units], captions, columns=4)
    with files.replacing(Path(__file__).with_name("fans.png")) as path:
        figure.savefig(path)


if __name__ == "__main__":
    main()
