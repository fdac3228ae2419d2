"""The parts of scripts/abuse."""
