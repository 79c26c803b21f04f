"""The notebook widgets of reslib: a panel and a plot of a pool of workers, a viewer of tables.

>>> from reslib_widgets import ControlPanel
>>> ControlPanel(worker)
"""

try:
    import ipywidgets as _ipywidgets  # noqa: F401
except ImportError as error:
    raise ImportError(
        "reslib_widgets needs ipywidgets, which is not installed. In your copy of reslib, run "
        "pip install '.[notebook]' and restart the kernel. Without it, worker.get_status() and "
        "worker.wait(progress=True) tell how far a pool is."
    ) from error

from reslib_widgets.panel import ControlPanel
from reslib_widgets.tableviewer import TableViewer
from reslib_widgets.throughput import ThroughputPlot

__all__ = ["ControlPanel", "TableViewer", "ThroughputPlot"]


def __dir__() -> list[str]:
    """Complete to the widgets, and not to what they are made with."""
    return __all__
