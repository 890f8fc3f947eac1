"""`make verify-slot`: a golden set through the idle slot, and the report that `make swap` wants."""
