"""What can run here is looked up, not tried."""

import json
import subprocess
import sys

from gateway.engines import ENGINES, Availability, Needs, availability, available


def test_every_engine_has_a_row() -> None:
    """Each engine says whether it can run."""
    assert [needs.name for needs in ENGINES] == [row.name for row in available()]


def test_what_is_missing_is_named_by_its_package() -> None:
    """A missing module or weights package is named as one would install it; what is there is not."""
    needs = Needs("local/x", modules=("json", "no_such_module"), packages=("msgspec", "no-such-package"))
    assert Availability("local/x", ("no_such_module", "no-such-package")) == availability(needs)
    assert not availability(needs).ready


def test_import_loads_no_engine_library() -> None:
    """Importing every gateway-side module loads none of the engines' libraries."""
    heavy = ["PIL", "cv2", "numpy", "onnxruntime", "pypdfium2", "rapidocr", "xllamacpp"]
    code = (
        "import json, sys, gateway.engines.transport, gateway.engines.worker, gateway.engines.llama_child;"
        f"print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) == []
