"""Lua scripts, loaded by name from the folder of the module that uses them."""

from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError


class Script:
    """A Lua script; `run` sends its hash, and its text only where the server does not know it yet."""

    def __init__(self, beside: str, *names: str) -> None:
        """`beside` is the `__file__` of the module that uses it. Several files are one script, in their order."""
        files = (Path(beside).with_name(f"{name}.lua") for name in names)
        self.text = "".join(file.read_text(encoding="utf-8") for file in files)
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Redis, keys: list[str], args: list[Any]) -> Any:
        """Run it and return the server's raw reply. Raises redis.exceptions.RedisError."""
        try:
            return await client.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await client.eval(self.text, len(keys), *keys, *args)
