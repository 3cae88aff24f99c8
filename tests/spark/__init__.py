import shutil

import pytest

needs_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="Spark needs Java 17; there is no java here"
)
