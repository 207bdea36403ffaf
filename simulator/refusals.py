"""What Telnyx says no with: HTTP status, error code and body (Telnyx docs: api-fundamentals/api-errors).

Where two rules refuse one request the stand-in checks the body first, then whether the call lives, then its state;
the real order is not published.
"""

import msgspec


class Refusal(Exception):  # noqa: N818 - an expected answer of the API, not an error of the stand-in
    """Raised where a command cannot be performed; becomes the HTTP answer."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        pointer: str | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {detail}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.pointer = pointer
        """The field of the body that is wrong, as `/to`."""
        self.parameter = parameter
        """The query's key that is wrong, as `page[size]`."""

    def body(self) -> bytes:
        error: dict[str, object] = {"code": self.code, "title": self.title, "detail": self.detail}
        source = {"pointer": self.pointer, "parameter": self.parameter}
        if any(source.values()):
            error["source"] = {name: value for name, value in source.items() if value is not None}
        return msgspec.json.encode({"errors": [error]})


def call_ended() -> Refusal:
    return Refusal(
        422,
        "90018",
        "Call has already ended",
        "This call is no longer active and can't receive commands.",
    )


def unknown_call() -> Refusal:
    return Refusal(422, "90015", "Invalid Call Control ID", "The call_control_id provided was not valid.")


def not_answered() -> Refusal:
    return Refusal(422, "90034", "Call not answered yet", "This call can't receive this command yet.")


def already_answered() -> Refusal:
    # The code for a second answer is not published; an invalid request is the nearest documented one.
    return Refusal(422, "10015", "Invalid request", "The call has already been answered.")


def missing(pointer: str) -> Refusal:
    return Refusal(422, "10004", "Missing required parameter", "A required parameter is missing.", pointer)


def invalid(detail: str, pointer: str | None = None, status: int = 422) -> Refusal:
    return Refusal(status, "10015", "Invalid parameter", detail, pointer)


def not_allowed(detail: str, pointer: str | None = None, parameter: str | None = None) -> Refusal:
    """A value that an enum does not have."""
    return Refusal(422, "10032", "Value not allowed", detail, pointer, parameter)


def out_of_range(detail: str, pointer: str | None = None, parameter: str | None = None) -> Refusal:
    return Refusal(422, "10033", "Value out of range", detail, pointer, parameter)


def bad_query(detail: str, parameter: str) -> Refusal:
    return Refusal(422, "10015", "Invalid parameter", detail, parameter=parameter)


def bad_characters(pointer: str) -> Refusal:
    return Refusal(422, "10000", "Invalid characters", "The value has characters that are not allowed.", pointer)


def bad_destination(pointer: str) -> Refusal:
    return Refusal(
        422,
        "10016",
        "Phone number must be in +E.164 format",
        "The destination is neither an E.164 number nor a SIP URI.",
        pointer,
    )


def unauthenticated() -> Refusal:
    return Refusal(401, "10009", "Authentication failed", "Could not understand the provided credentials.")


def not_authorised() -> Refusal:
    return Refusal(403, "10010", "Authorization failed", "You do not have permission to perform this action.")


def not_found() -> Refusal:
    return Refusal(404, "10005", "Resource not found", "The requested resource or URL could not be found.")


def too_many_requests() -> Refusal:
    return Refusal(429, "10011", "Too many requests", "You have exceeded the maximum number of requests.")


def server_error(status: int) -> Refusal:
    return Refusal(status, "10007", "Unexpected error", "An unexpected error occurred.")
