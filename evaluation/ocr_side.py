"""rapidocr in a process of its own, in whose Python it is installed.

``ocr.py`` gives it a list of pictures a line, in JSON; it answers with the text of all and the
seconds of computing. The first line says the version, or why it is not there.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import sys
import time


def main() -> None:
    """Answer until nothing is asked any more."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        print(json.dumps({"error": f"not in the environment of --peers ({error})"}), flush=True)
        return
    logging.disable()
    threads = ("intra_op_num_threads", "inter_op_num_threads")
    engine = RapidOCR(params={f"EngineConfig.onnxruntime.{each}": 1 for each in threads})
    print(json.dumps({"version": importlib.metadata.version("rapidocr")}), flush=True)
    for line in sys.stdin:
        before = time.process_time()
        try:
            lines = [text for each in json.loads(line) for text in engine(each).txts or ()]
            answer = {"text": "\n".join(lines), "seconds": time.process_time() - before}
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
