"""What the elements of OpenDocument mean for a reader, by the last word of their namespace and their name (ODF 1.3)."""

from __future__ import annotations

import re

from config.verdict import Zone

FAMILY = re.compile(r"\{(?:.*[:/])?([a-z-]+?)(?:-compatible)?(?::\d[\d.]*|/elements/1\.1/)?\}")
SILENT = frozenset(  # parts without words for a reader; automatic styles keep the texts of number formats
    [
        "office:settings",
        "office:font-face-decls",
        "office:styles",
        "office:automatic-styles",
        "office:meta",
        "office:change-info",
        "text:note-citation",
        "text:footnote-citation",
        "text:endnote-citation",
    ]
)
IN_NOTES = frozenset(("dc:creator", "dc:date", "meta:creator-initials", "loext:sender-initials", "meta:date-string"))
SHAPES = frozenset(
    "draw:" + name
    for name in [
        "frame",
        "custom-shape",
        "rect",
        "ellipse",
        "circle",
        "line",
        "polyline",
        "polygon",
        "path",
        "connector",
        "caption",
        "measure",
        "regular-polygon",
        "text-box",
        "control",
        "g",
        "image",
        "object",
    ]
)
SPACES = {"text:tab": "\t", "text:tab-stop": "\t", "text:line-break": "\n"}
ASIDES = {  # element to word of the place and zone
    "office:annotation": ("comment", Zone.NOTE),
    "text:note-body": ("footnote", Zone.NOTE),
    "text:footnote-body": ("footnote", Zone.NOTE),
    "text:endnote-body": ("endnote", Zone.NOTE),
    "text:deletion": ("deleted", Zone.NOTE),
    "table:tracked-changes": ("deleted", Zone.NOTE),
    "style:master-page": ("master", Zone.MASTER),
    "style:handout-master": ("master", Zone.MASTER),
    "style:header": ("header", Zone.HEADER),
    "style:header-left": ("header", Zone.HEADER),
    "style:header-first": ("header", Zone.HEADER),
    "style:footer": ("footer", Zone.FOOTER),
    "style:footer-left": ("footer", Zone.FOOTER),
    "style:footer-first": ("footer", Zone.FOOTER),
    "presentation:footer-decl": ("footer", Zone.FOOTER),
    "presentation:header-decl": ("header", Zone.HEADER),
    "office:chart": ("chart", Zone.TEXTBOX),
    "office:forms": ("form field", Zone.TEXTBOX),
    "table:content-validations": ("comment", Zone.NOTE),
    "math:math": ("text box", Zone.TEXTBOX),
    "svg:title": ("property:description", Zone.PROPERTY),
    "svg:desc": ("property:description", Zone.PROPERTY),
    "table:title": ("property:description", Zone.PROPERTY),
    "table:desc": ("property:description", Zone.PROPERTY),
    "office:scripts": ("property:script", Zone.PROPERTY),
    "script:module": ("property:script", Zone.PROPERTY),
}
RUNNING = frozenset(["text:p", "text:h", "text:span", "text:a", "text:meta", "text:ruby-base"])
SPACE = re.compile(r"[ \t\r\n]+")  # is one space (6.1.2); more are elements
LINES = frozenset(("text:p", "text:h", "form:option", "form:item", "math:annotation", "office:source-code"))
# Attributes that a reader may see, or that fields and forms show under some condition.
SAID = frozenset(
    [
        "string-value",
        "string-value-if-true",
        "string-value-if-false",
        "label",
        "current-value",
        "title",
        "prompt",
        "help-message",
        "comment",
        "description",
    ]
)
ANY_VALUE = frozenset(("form:text", "form:textarea", "form:hidden", "form:button", "text:label"))
LONGEST = 300  # characters of an honest name with its namespace
METAFILE = "VkNMTVRG"  # VCLMTF in base64
DRAWN = ("table:table", "draw:object", "draw:object-ole")
MOST_SPACES = 100
