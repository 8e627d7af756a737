"""Labels as image tags of CVAT, in its own format "CVAT for images 1.1".

https://docs.cvat.ai/docs/manual/advanced/xml_format/
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from PIL import Image

from anomaly_core.errors import InvalidInput
from state.exporting.formats.image_folder import image_file
from state.exporting.formats.statements import Annotation, Task, answer_of, moment, read_all
from state.exporting.labels import ProjectLabels
from state.store.schema import Answer

NOBODY = "CVAT"  # it does not tell who has said what
NO_EXPORT = '{} is no export of CVAT; choose the format "CVAT for images 1.1" there.'
INSIDE = "annotations.xml"
MOST_BYTES = 256 * 2**20  # of it
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Builder(ET.TreeBuilder):
    """Builds a tree of a file that declares nothing: what it declares could fill the memory."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse a file with declarations."""
        raise ValueError(name)


def to_cvat(labels: ProjectLabels, path: Path) -> None:
    """Write a tag for each label that stands; raises what reading the images does.

    Raises InvalidInput for a file name that no XML file can hold.
    """
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    root.append(task(labels))
    for number, (item, label) in enumerate(labels.standing.items()):
        name = labels.path(item) or f"{label}/{labels.names[item]}"
        if NO_XML.search(name):
            raise InvalidInput(
                f"The name of item {item} has letters that CVAT cannot read; choose another format."
            )
        with Image.open(io.BytesIO(image_file(labels, item)[0])) as image:
            width, height = image.size
        size = {"width": str(width), "height": str(height)}
        found = SubElement(root, "image", {"id": str(number), "name": name, **size})
        SubElement(found, "tag", {"label": str(label), "source": "manual"})
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def task(labels: ProjectLabels) -> Element:
    """What CVAT wants to know of the task: its name, its size, and the tags that there are."""
    meta = Element("meta")
    found = SubElement(meta, "task")
    SubElement(found, "name").text = NO_XML.sub(" ", labels.project.name)
    SubElement(found, "size").text = str(len(labels.standing))
    SubElement(found, "mode").text = "annotation"
    kinds = SubElement(found, "labels")
    for answer in Answer:
        one = SubElement(kinds, "label")
        SubElement(one, "name").text = str(answer)
        SubElement(one, "type").text = "tag"
        SubElement(one, "attributes")
    return meta


def read_cvat(path: Path) -> list[Task]:
    """Read the file, or the zip file that it came in; raises InvalidInput where it is neither."""
    return read_all(path, entries, task_of, NO_EXPORT, "Image")


def entries(path: Path) -> Iterator[tuple[Element, float | None]]:
    """The images, and when they were exported."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive, archive.open(INSIDE) as file:
                require_small(archive.getinfo(INSIDE).file_size)
                root = ET.parse(file, ET.XMLParser(target=Builder())).getroot()
        else:
            require_small(path.stat().st_size)
            root = ET.parse(path, ET.XMLParser(target=Builder())).getroot()
    except (ET.ParseError, zipfile.BadZipFile) as error:
        raise ValueError(path.name) from error
    if root is None or root.tag != "annotations":
        raise ValueError(path.name)
    at = moment(root.findtext("meta/dumped"))
    yield from ((one, at) for one in root.iter("image"))


def require_small(size: int) -> None:
    """Raise ValueError for a file of so many bytes that it could fill the memory."""
    if size > MOST_BYTES:
        raise ValueError(size)


def task_of(entry: tuple[Element, float | None]) -> Task | None:
    """One image; `None` where it has no tag."""
    image, at = entry
    tags = [one.attrib["label"] for one in image.iter("tag")]
    if not tags:
        return None
    return Task(None, (image.attrib["name"],), (Annotation(NOBODY, answer_of(tags), at),))
