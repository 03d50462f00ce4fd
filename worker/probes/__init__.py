"""Serves health to an orchestrator: liveness, readiness and what they are made of."""
