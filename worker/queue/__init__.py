"""Requests, attempts and leases. PROTOCOL.md beside this file says why each write is safe."""
