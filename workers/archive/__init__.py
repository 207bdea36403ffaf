"""Recordings, fetched from Telnyx's storage to a folder of ours."""

from workers.archive.fetch import Archive

__all__ = ["Archive"]
