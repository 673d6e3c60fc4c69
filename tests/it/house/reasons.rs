//! The reasons that the server gives when a call fails are those that the contract lists, in
//! `error_reason.proto`: no other, and every one of them.
//!
//! Where a reason is given it is a word of its own in the code: handed to what makes an error, or
//! chosen by a match before that. So each upper-case word there is taken for a reason, and what is
//! none stands in a table.

use crate::house::source::rust_files;
use crate::house::tidy::root;
use prost_reflect::{DescriptorPool, EnumDescriptor, EnumValueDescriptor};
use standing_proto::FILE_DESCRIPTOR_SET;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use syn::buffer::{Cursor, TokenBuffer};
use syn::visit::{self, Visit};

/// The folders of what gives reasons.
const SOURCES: &[&str] = &[
    "ledger/domain/src",
    "ledger/engine/src",
    "proto/src",
    "services/server/src",
];

/// Upper-case words that are no reasons: file, words, and what they are.
const OTHERS: &[(&str, &str, &str)] = &[
    (
        "proto/src/json/words.rs",
        "UNSPECIFIED",
        "what the name of a zero ends with",
    ),
    (
        "services/server/src/access/oidc/algorithm.rs",
        "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384",
        "algorithms of signatures",
    ),
    (
        "services/server/src/access/oidc/fetch.rs",
        "CARGO_PKG_VERSION",
        "a variable of the build",
    ),
    (
        "services/server/src/access/oidc/options.rs",
        "RS256 ES256",
        "algorithms of signatures",
    ),
    (
        "services/server/src/ledger/warnings.rs",
        "PERSON_NAMED",
        "what a warning says; nothing fails",
    ),
    (
        "services/server/src/measured/calls.rs",
        "CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS \
         PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE \
         UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED",
        "status codes",
    ),
    (
        "services/server/src/measured/traced.rs",
        "ERROR",
        "how a span ended",
    ),
    (
        "services/server/src/serve/numbers.rs",
        "CARGO_PKG_VERSION",
        "a variable of the build",
    ),
];

/// What each value begins with, besides its name.
const PREFIX: &str = "ERROR_REASON_";

/// The status codes that come with a reason.
const CODES: &str = "
    ABORTED ALREADY_EXISTS CANCELLED DATA_LOSS DEADLINE_EXCEEDED FAILED_PRECONDITION INTERNAL
    INVALID_ARGUMENT NOT_FOUND OUT_OF_RANGE PERMISSION_DENIED RESOURCE_EXHAUSTED UNAUTHENTICATED
    UNAVAILABLE UNIMPLEMENTED
";

/// Where a reason may stand.
const PLACES: [&str; 4] = ["ErrorInfo", "field", "violation", "`ItemError.reason`"];

/// Collects the words in upper case that stand in a file for themselves, tests, attributes and
/// patterns left out: what is compared with a reason gives none.
#[derive(Default)]
struct Words(BTreeSet<String>);

impl Words {
    fn of(text: &str) -> syn::Result<BTreeSet<String>> {
        let mut words = Self::default();
        words.visit_file(&syn::parse_file(text)?);
        Ok(words.0)
    }

    fn add(&mut self, text: &str) {
        let is_part = |part: &str| {
            let is_upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            !part.is_empty() && part.bytes().all(is_upper)
        };
        let begins = text.starts_with(|first: char| first.is_ascii_uppercase());
        if text.len() >= 4 && begins && text.split('_').all(is_part) {
            self.0.insert(text.to_owned());
        }
    }

    /// Reads what a macro is handed, whatever it makes of it.
    fn add_tokens(&mut self, mut at: Cursor<'_>) {
        while !at.eof() {
            if let Some((inside, _, _, after)) = at.any_group() {
                self.add_tokens(inside);
                at = after;
            } else if let Some((literal, after)) = at.literal() {
                let literal = literal.to_string();
                let inner = literal
                    .strip_prefix('"')
                    .and_then(|of| of.strip_suffix('"'));
                if let Some(inner) = inner {
                    self.add(inner);
                }
                at = after;
            } else if let Some((_, after)) = at.token_tree() {
                at = after;
            } else {
                return;
            }
        }
    }
}

fn is_literal(expression: &syn::Expr) -> bool {
    matches!(expression, syn::Expr::Lit(_))
}

impl<'ast> Visit<'ast> for Words {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            let on = attribute.parse_args::<syn::Ident>();
            attribute.path().is_ident("cfg") && on.is_ok_and(|on| on == "test")
        });
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        if !matches!(pattern, syn::Pat::Lit(_)) {
            visit::visit_pat(self, pattern);
        }
    }

    fn visit_expr_binary(&mut self, of: &'ast syn::ExprBinary) {
        let compares = matches!(of.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_));
        for side in [&of.left, &of.right] {
            if !(compares && is_literal(side)) {
                self.visit_expr(side);
            }
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.add(&literal.value());
    }

    fn visit_macro(&mut self, of: &'ast syn::Macro) {
        let tokens = TokenBuffer::new2(of.tokens.clone());
        self.add_tokens(tokens.begin());
    }
}

/// The reasons that the sources give, with the files that do; and the rows of the table that are
/// not so any more.
fn given() -> (BTreeMap<String, Vec<String>>, Vec<String>) {
    let mut left: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (file, words, _) in OTHERS {
        left.extend(words.split_whitespace().map(|word| (*file, word)));
    }
    let others = left.clone();
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in SOURCES.iter().flat_map(|folder| rust_files(folder)) {
        let text = fs::read_to_string(root().join(&path)).expect("a source can be read");
        let words = Words::of(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        for word in words {
            let row = (path.as_str(), word.as_str());
            if others.contains(&row) {
                left.retain(|other| *other != row);
            } else {
                given.entry(word).or_default().push(path.clone());
            }
        }
    }
    let left = left.into_iter();
    let left = left.map(|(file, word)| format!("{file} does not say {word} any more"));
    (given, left.collect())
}

fn contract() -> EnumDescriptor {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the contract can be read");
    let reasons = pool.get_enum_by_name("standing.v1.ErrorReason");
    reasons.expect("the contract lists reasons")
}

/// The reasons that the contract lists. Its zero is one of them: that an enum is not said.
fn listed() -> BTreeSet<String> {
    let contract = contract();
    let names = contract.values().map(|value| {
        let name = value.name().strip_prefix(PREFIX);
        name.expect("values have the prefix").to_owned()
    });
    names.collect()
}

#[test]
fn every_reason_is_listed_and_every_listed_one_given() {
    let (given, mut found) = given();
    let listed = listed();
    for (reason, files) in &given {
        if !listed.contains(reason) {
            found.push(format!(
                "{}: {reason} is not in error_reason.proto; if it is no reason, it belongs into OTHERS",
                files.join(", ")
            ));
        }
    }
    let gone = listed.iter().filter(|reason| !given.contains_key(*reason));
    found.extend(gone.map(|reason| format!("{PREFIX}{reason}: nothing gives it any more")));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_reason_says_its_status_code_and_where_it_stands() {
    let contract = contract();
    let file = contract.parent_file().file_descriptor_proto().clone();
    let source = file.source_code_info.expect("the contract has comments");
    let says = |value: &EnumValueDescriptor| {
        let location = source.location.iter().find(|of| of.path == value.path());
        let said = location.map_or("", |of| of.leading_comments());
        let names = |word: &&str| said.split([' ', ',', ':', '\n']).any(|of| of == *word);
        CODES.split_whitespace().any(|code| names(&code)) && PLACES.iter().any(names)
    };
    let silent = contract.values().filter(|value| !says(value));
    let silent: Vec<String> = silent.map(|value| value.name().to_owned()).collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

fn words(body: &str) -> String {
    let text = format!("fn f() {{ {body} }}");
    let words = Words::of(&text).expect("it is Rust");
    words.into_iter().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_reason_is_found_wherever_it_is_given() {
    for body in [
        r#"at.refuse("NOT_SO", 1);"#,
        r#"Problem::new(Code::Aborted, "NOT_SO", message).with("most", 1)"#,
        r#"let (a, b) = match x { 1 => (2, "NOT_SO"), _ => y };"#,
        r#"let reason = if x { "NOT_SO" } else { "small" };"#,
        r#"const REASON: &str = "NOT_SO";"#,
        r#"build!(S { a: match x { None => at.refuse("NOT_SO", "is missing"), y => y } })"#,
        r#"v1::Warning { reason: "NOT_SO".to_owned() }"#,
    ] {
        assert_eq!(words(body), "NOT_SO", "{body}");
    }
    assert_eq!(
        words(r#"f("ABC", "Abcd", "A B", "AB_", "_ABC", "1ABC", "A__B");"#),
        ""
    );
}

#[test]
fn what_asks_for_a_reason_gives_none() {
    for body in [
        r#"match reason { "NOT_SO" | "OR_SO" => 1, _ => 2 }"#,
        r#"if problem.reason == "NOT_SO" || "OR_SO" != reason { g() }"#,
        r#"#[doc = "NOT_SO"] struct S;"#,
        r#"#[cfg(test)] mod tests { fn f() { g("NOT_SO"); } }"#,
    ] {
        assert_eq!(words(body), "", "{body}");
    }
}
