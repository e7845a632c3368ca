"""The whole road: `shoumi up`, a file copied, the person told, the incident reviewed in a browser, the trail read."""


import pytest

pytestmark = pytest.mark.chromium
PASSWORD = "correct horse 电池 staple"
