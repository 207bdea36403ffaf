"""The sound of every recording: a short, real, playable WAV file."""

import io
import math
import struct
import wave
from functools import cache

_RATE_HZ = 8000
_SECONDS = 0.5
_TONE_HZ = 440


@cache
def wav_file(channels: str) -> bytes:
    """Half a second of a tone, 16 bit PCM; `channels` is single or dual.

    Served under .mp3 names too: no encoder is at hand, and whoever archives the bytes never looks inside.
    """
    count = 2 if channels == "dual" else 1
    samples = (
        round(8000 * math.sin(2 * math.pi * _TONE_HZ * frame / _RATE_HZ))
        for frame in range(round(_RATE_HZ * _SECONDS))
    )
    sound = b"".join(struct.pack("<h", sample) * count for sample in samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(count)
        out.setsampwidth(2)
        out.setframerate(_RATE_HZ)
        out.writeframes(sound)
    return file.getvalue()
