//! The contract: standing.v1, its generated code, and its mapping to the domain.
