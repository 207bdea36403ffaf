"""What every test shares: Hypothesis without a clock, because a shared machine stalls now and then."""

from hypothesis import HealthCheck, settings

settings.register_profile("trunkline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("trunkline")
