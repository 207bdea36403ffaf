"""The SDK's method for each of our operations, and the type of what it takes."""

from importlib import import_module
from typing import Final, NamedTuple


class Sdk(NamedTuple):
    method: str  # of a client
    params: str | None = None  # module and type under telnyx.types


def on_a_leg(method: str, params: str | None = None) -> Sdk:
    words = (params or method).split("_")
    kind = "".join(word.capitalize() for word in words)
    return Sdk(f"calls.actions.{method}", f"calls.action_{params or method}_params.Action{kind}Params")


IN_THE_SDK: Final = {
    "answer": on_a_leg("answer"),
    "bridge": on_a_leg("bridge"),
    "dial": Sdk("calls.dial", "call_dial_params.CallDialParams"),
    "hangup": on_a_leg("hangup"),
    "transfer": on_a_leg("transfer"),
    "list_active_calls": Sdk(
        "connections.list_active_calls", "connection_list_active_calls_params.ConnectionListActiveCallsParams"
    ),
    "list_call_events": Sdk("call_events.list", "call_event_list_params.CallEventListParams"),
    "list_call_control_applications": Sdk(
        "call_control_applications.list", "call_control_application_list_params.CallControlApplicationListParams"
    ),
    "create_call_control_application": Sdk(
        "call_control_applications.create",
        "call_control_application_create_params.CallControlApplicationCreateParams",
    ),
    "retrieve_call_control_application": Sdk("call_control_applications.retrieve"),
    "update_call_control_application": Sdk(
        "call_control_applications.update",
        "call_control_application_update_params.CallControlApplicationUpdateParams",
    ),
    "delete_call_control_application": Sdk("call_control_applications.delete"),
    "reject": on_a_leg("reject"),
    "client_state_update": on_a_leg("update_client_state"),
    "speak": on_a_leg("speak"),
    "playback_start": on_a_leg("start_playback"),
    "playback_stop": on_a_leg("stop_playback"),
    "record_start": on_a_leg("start_recording"),
    "record_stop": on_a_leg("stop_recording"),
    "record_pause": on_a_leg("pause_recording"),
    "record_resume": on_a_leg("resume_recording"),
    "gather_using_speak": on_a_leg("gather_using_speak"),
    "send_dtmf": on_a_leg("send_dtmf"),
    "streaming_start": on_a_leg("start_streaming"),
    "streaming_stop": on_a_leg("stop_streaming"),
    "retrieve_call": Sdk("calls.retrieve_status"),
    "list_recordings": Sdk("recordings.list", "recording_list_params.RecordingListParams"),
    "retrieve_recording": Sdk("recordings.retrieve"),
    "delete_recording": Sdk("recordings.delete"),
}


def params_of(sdk, name: str) -> type | None:
    where = IN_THE_SDK[name].params
    if where is None:
        return None
    module, _, kind = where.rpartition(".")
    return getattr(import_module(f"{sdk.__name__}.types.{module}"), kind)
