"""The notebook widgets of reslib."""

__all__: list[str] = []
