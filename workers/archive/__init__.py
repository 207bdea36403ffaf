"""Recordings, fetched from Telnyx's storage to a folder or a bucket of ours."""

from workers.archive.fetch import DELETE_AGAIN_S, Archive

__all__ = ["DELETE_AGAIN_S", "Archive"]
