"""A second kernel: Coq compiles the library of `proofs/coq`, and statements printed from our own terms."""
