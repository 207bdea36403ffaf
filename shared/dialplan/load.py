"""The dialplan from its file."""

import hashlib
from pathlib import Path

from shared.dialplan.parse import parse
from shared.dialplan.schema import Loaded
from shared.errors import DialplanError


def load(path: Path) -> Loaded:
    """Raises DialplanError, one line, when the file cannot be read or used."""
    try:
        content = path.read_bytes()
        text = content.decode()
    except FileNotFoundError:
        raise DialplanError(f"{path} does not exist: set DIALPLAN to the path of your dialplan") from None
    except OSError as error:
        raise DialplanError(f"{path} cannot be read ({error.strerror}): set DIALPLAN to your dialplan") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DialplanError(f"{path}:{line}: this is not UTF-8 text: save the file as UTF-8") from None
    return Loaded(parse(text, str(path)), text, hashlib.sha256(content).hexdigest()[:16])
