"""Which files are photographs: told by their first bytes, and by endings that promise one."""

import os
import re
import stat

READABLE = ("PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF", "JPEG2000", "PPM", "AVIF")  # as Pillow calls them
HEAD = 132  # bytes that tell what a file is

# The first that fits, so what looks like TIFF or HEIF and is more than that stands before them.
_BEGINNINGS = {
    kind: re.compile(beginning, re.DOTALL)
    for kind, beginning in {
        "PNG": rb"\x89PNG\r\n\x1a\n",
        "JPEG": rb"\xff\xd8\xff",
        "camera raw": rb"II\*\0....CR|IIU\0|II(?:RO|RS)|MMOR|II\x1a\0\0\0HEAPCCDR|FUJIFILMCCD-RAW|FOVb|\0MRM|"
        rb"....ftypcrx ",
        "TIFF": rb"II\*\0|MM\0\*|MM\*\0|II\0\*|MM\0\+|II\+\0",
        "BMP": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
        "WEBP": rb"RIFF....WEBP",
        "GIF": rb"GIF8[79]a",
        "JPEG2000": rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n",
        "PPM": rb"P[1-6]\s+(?:#|\d+\s)",
        "AVIF": rb"....ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4})*?avi[fs])",
        "HEIC": rb"....ftyp(?:hei[cmsx]|hev[cmsx]|m[is]f1)",
        "JPEG XL": rb"\xff\n|\0\0\0\x0cJXL \r\n\x87\n",
        "JPEG XR": rb"II\xbc",
        "Photoshop": rb"8BPS",
        "OpenEXR": rb"v/1\x01",
        "Radiance": rb"#\?R(?:ADIANC|GB)E",
        "DICOM": rb".{128}DICM",
        "FITS": rb"SIMPLE  =",
        "QOI": rb"qoif",
        "DDS": rb"DDS ",
        "SGI": rb"\x01\xda[\0\1][\1\2]",
        "GIMP": rb"gimp xcf",
        "BPG": rb"BPG\xfb",
    }.items()
}
_ENDINGS = frozenset(
    """
    .png .apng .jpg .jpeg .jpe .jfif .jif .pjpeg .pjp .mpo .bmp .dib .tif .tiff .webp .gif .avif .avifs
    .jp2 .j2k .j2c .jpc .jpf .jpx .pbm .pgm .ppm .pnm .pfm .heic .heif .hif .jxl .jxr .wdp .hdp .psd .psb
    .exr .dcm .dicom .fits .fts .qoi .dds .sgi .tga .pcx .xcf .bpg
    .3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw
    .rw2 .rwl .sr2 .srf .srw .x3f
    """.split()
)


class Refused(ValueError):
    """The reason, in words, why a sound file is not opened."""


def kind_of(data: bytes) -> str:
    r"""Return what the beginning of a file, 132 bytes or more, says that it is; "" for no photograph.

    The kinds in ``READABLE`` can be decoded, all others have a name that a reason can give.

    >>> kind_of(b"\xff\xd8\xff\xe0"), kind_of(b"\0\0\0\x18ftypheic"), kind_of(b"photo,serial")
    ('JPEG', 'HEIC', '')
    """
    head = data[:HEAD]
    return next((kind for kind, beginning in _BEGINNINGS.items() if beginning.match(head)), "")


def ending(path: str) -> str:
    """Return how the name of a file that is no photograph ends, in words."""
    return os.path.splitext(path)[1].lower() or "without an ending"  # noqa: PTH122 (a Path is slow)


def is_photograph(path: str) -> bool:
    """Tell whether a file is a photograph, or means to be one: by its ending, else by its first bytes.

    True for many that can't be decoded here, so that they are named and not passed over in silence:
    `decoding.decode` gives the reason. False for what is no file or, without such an ending, can't be opened.
    """
    if ending(path) in _ENDINGS:
        return True
    try:
        # Never wait: a pipe without a writer would be waited for, for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return False
    try:
        return stat.S_ISREG(os.fstat(handle).st_mode) and bool(kind_of(os.read(handle, HEAD)))
    except OSError:
        return False
    finally:
        os.close(handle)
