"""Threads and event loops beside the main one."""
