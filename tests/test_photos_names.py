"""Names as other programs write them into a .zip, and folders beside the class folders."""

import io
import unicodedata
import zipfile

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import photos
from fanaoi_helpers.audit import check
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import zip_names

pytestmark = pytest.mark.usefixtures("runs")


def photo(number):
    pixels = np.random.default_rng(number).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


class Raw(zipfile.ZipInfo):
    """A member whose name is these very bytes, without a word on their encoding."""

    def __init__(self, raw):
        super().__init__(raw.decode("latin-1"))
        self.raw = raw

    def _encodeFilenameFlags(self):
        return self.raw, self.flag_bits & ~0x800


def packed(path, encode, names, manifest=""):
    with zipfile.ZipFile(path, "w") as file:
        for number, name in enumerate(names):
            file.writestr(Raw(encode(name)), photo(number))
        if manifest:
            file.writestr(Raw(encode("manifest.csv")), manifest)
    return path


def mac(text):
    return unicodedata.normalize("NFD", text).encode()


def page(name):
    return lambda text: text.encode(name)


def six(folders, name):
    return [f"{folder}/{name}{number}.png" for folder in folders for number in range(6)]


@pytest.mark.parametrize(
    ("encode", "classes", "name"),
    [
        (mac, ("NG", "GO"), "ventilátor_é"),
        (mac, ("Défaut", "Bon"), "ventilateur"),
        (page("cp932"), ("不良", "良品"), "ファン写真"),
        (page("cp932"), ("不良", "良品"), "fan"),
        (page("cp932"), ("NG", "GO"), "ファン写真"),
        (page("cp932"), ("NG", "GO"), "表ソ"),  # their second bytes are backslashes
        (page("gbk"), ("不合格", "合格"), "fan"),
        (page("euc_kr"), ("불량", "양품"), "fan"),
        (page("cp850"), ("NG", "GO"), "Lüfter_größe"),
        (page("cp850"), ("Défaut", "Bon"), "ventilateur"),
        (page("cp1252"), ("Défaut", "Bôn"), "ventilateur"),
    ],
)
def test_a_zip_is_read_as_its_writer_meant_it(tmp_path, encode, classes, name):
    album = photos.load(packed(tmp_path / "a.zip", encode, six(classes, name)), 24, classes)
    assert sorted(album.names) == sorted(six(classes, name))
    assert album.labels.tolist().count(1) == 6


def test_a_manifest_in_the_zip_finds_its_photographs(tmp_path):
    names = six(["NG", "GO"], "ventilátor_é")
    rows = "".join(f"{name},S{number // 2}\n" for number, name in enumerate(names))
    album = photos.load(packed(tmp_path / "a.zip", mac, names, "photo,serial\n" + rows), 24)
    assert len(set(album.serials)) == 6


def test_a_folder_above_with_a_foreign_name_does_no_harm(tmp_path):
    names = [f"ファン/{name}" for name in six(["NG", "GO"], "a")]
    assert photos.load(packed(tmp_path / "a.zip", page("cp932"), names), 24).names[0] == "GO/a0.png"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_class_folders_are_found_however_their_letters_are_written(tmp_path, form):
    for folder in ("Défaut", "Bon"):
        place = tmp_path / unicodedata.normalize(form, folder)
        place.mkdir()
        (place / "a.png").write_bytes(photo(len(folder)))
    for asked in ("NFC", "NFD"):
        album = photos.load(tmp_path, 24, (unicodedata.normalize(asked, "Défaut"), "Bon"))
        assert album.labels.tolist() in ([1, 0], [0, 1])


def test_what_is_said_names_the_zip_and_not_its_copy_in_the_cache(tmp_path):
    packed(tmp_path / "mine.zip", mac, [f"{folder}/a.png" for folder in ("Bon", "REWORK", "Défaut")])
    with pytest.raises(WorkbookError, match="mine.zip must hold GO/ and NG/") as caught:
        photos.load(tmp_path / "mine.zip", 24)
    assert "cache" not in str(caught.value) and "Défaut/" in str(caught.value)
    packed(tmp_path / "deep.zip", mac, [f"a/{part}/{label}/a.png" for part in "xy" for label in ("GO", "NG")])
    with pytest.raises(WorkbookError) as caught:
        photos.load(tmp_path / "deep.zip", 24)
    assert "cache" not in str(caught.value)


@pytest.mark.parametrize("text", ["Lüfter_größe_straße", "pâte à l'été", "ventilátor", "señal"])
def test_what_is_no_chinese_or_japanese_is_not_read_as_such(text):
    member = Raw(text.encode("cp437"))
    member.orig_filename = text
    assert zip_names.decoded([member]) == [text]


# ---- What lies beside the class folders -------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A folder with two photographs of each class."""
    for label in ("GO", "NG"):
        for number in range(2):
            place = tmp_path / "mine" / label / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(photo(10 * len(label) + number + (label == "GO")))
    return tmp_path / "mine"


def put(folder, *names):
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo(100 + number) if name.endswith(".png") else b"words")


def test_photographs_in_no_class_folder_are_told(folder):
    assert not any("are not used" in note for note in photos.load(folder, 24).notes)
    put(folder, "REWORK/a.png", "REWORK/deep/b.png", "NG_2/c.png", "loose.png", "notes.txt", "docs/read.txt")
    put(folder, ".ipynb_checkpoints/d.png", "masks/e.png")
    sentence = (
        "4 photographs in NG_2/, REWORK/, no folder are not used, as they lie neither in GO/ nor NG/: move "
        "them into one of these if they belong there."
    )
    assert sentence in photos.load(folder, 24).notes
    told = [found.sentence for found in check(folder, copies=False).findings]
    assert told.count(sentence) == 1


def test_a_split_in_three_folders_is_told_which_one_to_give(tmp_path):
    names = [f"{part}/{label}/a.png" for part in ("test", "train", "val") for label in ("GO", "NG")]
    put(tmp_path / "data", *names)
    with pytest.raises(WorkbookError, match=r"each of test/, train/, val/ does: give one .*data/train\.$"):
        photos.load(tmp_path / "data", 24)
