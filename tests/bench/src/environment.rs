//! What the environment and the arguments say.

/// Returns the number that a variable holds: `STANDING_BENCH_` and a name.
pub fn number(name: &str, default: u32) -> u32 {
    std::env::var(format!("STANDING_BENCH_{name}"))
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Returns the argument after a flag.
pub fn after(flag: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != flag);
    arguments.nth(1)
}

/// Returns whether a flag is among the arguments.
pub fn has(flag: &str) -> bool {
    std::env::args().any(|argument| argument == flag)
}
