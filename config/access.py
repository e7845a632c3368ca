"""What a removable medium of a zone may be used as."""

from __future__ import annotations

from enum import StrEnum

from config.text import Text


class Access(StrEnum):
    """What the agent lets people do with a medium it has taken over. Read by whoever mounts it."""

    GATEWAY = "gateway"  # read and written; each file is judged before it lands
    READ_ONLY = "read_only"  # read, never written
    BLOCK = "block"  # not mounted at all
    TRUSTED = "trusted"  # mounted as it is, nothing stands in between; still watched afterwards

    __hash__ = str.__hash__

    @property
    def text(self) -> Text:
        """What people call it."""
        return _WORDS[self]


_WORDS = {
    Access.GATEWAY: Text("checked before writing", "写入前检查"),
    Access.READ_ONLY: Text("read only", "只读"),
    Access.BLOCK: Text("may not be used", "禁止使用"),
    Access.TRUSTED: Text("not checked before writing", "写入前不检查"),
}
