"""Batch calls that go on without their caller, and outlive a restart."""
