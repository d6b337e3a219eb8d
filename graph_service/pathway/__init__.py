"""The pathway as data: instruments, rule packs, clocks, kinds of harm and words, and the pure functions that read them."""
