"""Each transcription engine is held to its own settings, languages and models."""

import pytest
from msgspec import UNSET

from shared import commands as c
from shared.errors import BadInput
from tests.telnyx_contract import ENGINES


def transcribed(engine, **fields):
    """An answer with what an engine needs in its configuration, and `fields`."""
    needed = {"region": "eastus"} if engine == "Azure" else {}
    needed |= {"transcription_model": engine} if engine.startswith("deepgram/") else {}
    return configured(c.EngineConfig(**({"transcription_engine": engine} | needed | fields)))


def configured(config, engine=UNSET):
    """An answer with an engine's configuration; `engine` stands outside of it."""
    return c.Answer(
        transcription_config=c.TranscriptionConfig(transcription_engine=engine, transcription_engine_config=config)
    )


@pytest.mark.parametrize(
    ("engine", "field", "rule"),
    [
        (engine, field, rule)
        for engine, rules in ENGINES.items()
        for field, rule in rules.items()
        if "enum" in rule and field in {"language", "transcription_model"}
    ],
)
def test_an_engine_takes_its_own_languages_and_models_only(engine, field, rule):
    for value in rule["enum"]:
        c.check(transcribed(engine, **{field: value}))

    with pytest.raises(BadInput, match=f"transcription_engine_config.{field}: {engine} takes only "):
        c.check(transcribed(engine, **{field: "no-such-value"}))


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (transcribed("Telnyx", hints=("a",)), "config.hints: Telnyx takes only language, transcription_model"),
        (configured(c.EngineConfig(hints=("a",)), "B"), "config.hints: B takes only language"),
        (configured(c.EngineConfig(transcription_engine="Azure")), "config.region is missing: Azure needs it"),
        (configured(c.EngineConfig(), "Soniox"), "config.transcription_engine is missing: Soniox needs it"),
        (transcribed("Soniox", max_endpoint_delay_ms=499), "config.max_endpoint_delay_ms must be"),
        (transcribed("deepgram/nova-3", utterance_end_ms=5001), "config.utterance_end_ms must be"),
        (transcribed("deepgram/nova-3", keyterms=("a",) * 101), "config.keyterms must be"),
    ],
)
def test_an_engine_refuses_what_belongs_to_another(sent, refusal):
    with pytest.raises(BadInput, match=refusal):
        c.check(sent)


@pytest.mark.parametrize("engine", [UNSET, "Deepgram"])
def test_an_engine_that_nobody_names_is_not_judged(engine):
    c.check(configured(c.EngineConfig(hints=("a",), transcription_model="brand-new"), engine))
