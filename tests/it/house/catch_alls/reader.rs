//! Reads Rust, and finds where variants of an enum are passed over.

use std::collections::{BTreeMap, BTreeSet};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};

/// The variants of the guarded enums, by the enum's name.
pub type Variants = BTreeMap<&'static str, BTreeSet<String>>;

/// What passes variants over: the function it stands in, the enum, and how.
pub type Offence = (String, &'static str, String);

/// Reads a text, where single variants of the enums in `at_home` may be asked for, and says of
/// which of them it does ask.
pub fn read(
    text: &str,
    variants: &Variants,
    at_home: BTreeSet<&'static str>,
) -> syn::Result<(Vec<Offence>, BTreeSet<&'static str>)> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader {
        variants,
        at_home,
        functions: Vec::new(),
        aliases: BTreeMap::new(),
        self_type: None,
        found: Vec::new(),
        needs_home: BTreeSet::new(),
    };
    reader.visit_file(&file);
    Ok((reader.found, reader.needs_home))
}

/// Reads one file for what passes variants over.
struct Reader<'a> {
    variants: &'a Variants,
    /// The enums whose single variants may be asked for in this file.
    at_home: BTreeSet<&'static str>,
    /// The functions that surround the place that is read, the innermost last.
    functions: Vec<String>,
    /// What is imported under another name, by that name.
    aliases: BTreeMap<String, &'static str>,
    /// The type whose `impl` is read.
    self_type: Option<String>,
    found: Vec<Offence>,
    /// Whether something was asked for that only a home may ask for.
    needs_home: BTreeSet<&'static str>,
}

/// A place in a pattern: constructors with the field that leads on.
type Place = Vec<(String, String)>;

impl Reader<'_> {
    /// Returns the guarded enum and the variant that a path names.
    fn guarded(&self, path: &syn::Path) -> Option<(&'static str, String)> {
        let mut last = path.segments.iter().rev();
        let variant = last.next()?.ident.to_string();
        let of = last.next()?.ident.to_string();
        let of = match (of.as_str(), &self.self_type) {
            ("Self", Some(own)) => own,
            _ => &of,
        };
        let of = self.aliases.get(of).copied().unwrap_or(of);
        let (name, variants) = self.variants.get_key_value(of)?;
        variants.contains(&variant).then_some((*name, variant))
    }

    /// Finds where in a pattern a guarded enum is named, and with which variants.
    fn places(
        &self,
        pattern: &syn::Pat,
        at: &Place,
        found: &mut BTreeMap<(Place, &'static str), BTreeSet<String>>,
    ) {
        let mut name = |path: &syn::Path| {
            if let Some((of, variant)) = self.guarded(path) {
                found.entry((at.clone(), of)).or_default().insert(variant);
            }
        };
        match pattern {
            syn::Pat::Path(path) => name(&path.path),
            syn::Pat::TupleStruct(of) => name(&of.path),
            syn::Pat::Struct(of) => name(&of.path),
            _ => {}
        }
        for (step, part) in parts(pattern) {
            let mut at = at.clone();
            at.extend(step);
            self.places(part, &at, found);
        }
    }

    fn offence(&mut self, of: &'static str, how: impl Into<String>) {
        let function = self.functions.last().cloned().unwrap_or_default();
        self.found.push((function, of, how.into()));
    }

    fn only_at_home(&mut self, of: &'static str, how: String) {
        if self.at_home.contains(of) {
            self.needs_home.insert(of);
        } else {
            self.offence(of, how);
        }
    }

    /// Judges what a macro is handed that is not a list of expressions.
    fn unread(&mut self, of: &syn::Macro) {
        let tokens: String = of.tokens.to_string().split_whitespace().collect();
        for (name, variants) in self.variants {
            let names = |variant: &String| {
                let is_self = self.self_type.as_deref() == Some(name);
                tokens.contains(&format!("{name}::{variant}"))
                    || is_self && tokens.contains(&format!("Self::{variant}"))
            };
            if variants.iter().any(names) {
                self.only_at_home(name, format!("{}! hides a pattern", last_of(&of.path)));
            }
        }
    }

    /// Judges what is imported: an enum under another name is known by that, a variant without the
    /// name of its enum would not be found again.
    fn imports(&mut self, tree: &syn::UseTree, of: Option<&'static str>) {
        let known = |name: &syn::Ident| {
            let known = self.variants.get_key_value(name.to_string().as_str());
            known.map(|(name, _)| *name)
        };
        match tree {
            syn::UseTree::Path(path) => self.imports(&path.tree, known(&path.ident)),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.imports(tree, of));
            }
            syn::UseTree::Rename(renamed) => {
                if let Some(of) = of {
                    self.offence(of, "its variants are imported");
                } else if let Some(known) = known(&renamed.ident) {
                    self.aliases.insert(renamed.rename.to_string(), known);
                }
            }
            syn::UseTree::Name(_) | syn::UseTree::Glob(_) => {
                if let Some(of) = of {
                    self.offence(of, "its variants are imported");
                }
            }
        }
    }

    /// Judges a pattern that lets all others go by: of `if let`, `let else` and `matches!`.
    fn asks(&mut self, pattern: &syn::Pat, how: &str) {
        let mut places = BTreeMap::new();
        self.places(pattern, &Place::new(), &mut places);
        for ((_, of), variants) in places {
            let variants: Vec<String> = variants.into_iter().collect();
            let asked = format!("{how} {}", variants.join(" | "));
            if variants.len() > 1 {
                self.offence(of, asked);
            } else {
                self.only_at_home(of, asked);
            }
        }
    }

    /// Judges the arms of a match.
    fn arms(&mut self, arms: &[&syn::Pat]) {
        let mut places = BTreeMap::new();
        for arm in arms {
            self.places(arm, &Place::new(), &mut places);
        }
        for (place, of) in places.into_keys() {
            if arms.iter().any(|arm| takes_anything(arm, &place)) {
                self.offence(of, "a match with an arm for the rest");
            }
        }
    }
}

/// Returns the parts of a pattern with the step that leads to each; none where it is the same
/// place.
fn parts(pattern: &syn::Pat) -> Vec<(Option<(String, String)>, &syn::Pat)> {
    let numbered = |of: &str, parts: &'_ Punctuated<syn::Pat, syn::Token![,]>| {
        let step = |at: usize| Some((of.to_owned(), at.to_string()));
        (0..parts.len()).map(step).collect::<Vec<_>>()
    };
    match pattern {
        syn::Pat::Ident(name) => {
            let inner = name.subpat.iter().map(|(_, inner)| (None, &**inner));
            inner.collect()
        }
        syn::Pat::Or(either) => either.cases.iter().map(|case| (None, case)).collect(),
        syn::Pat::Paren(inner) => vec![(None, &*inner.pat)],
        syn::Pat::Reference(inner) => vec![(None, &*inner.pat)],
        syn::Pat::Tuple(of) => numbered("", &of.elems).into_iter().zip(&of.elems).collect(),
        syn::Pat::TupleStruct(of) => numbered(&last_of(&of.path), &of.elems)
            .into_iter()
            .zip(&of.elems)
            .collect(),
        syn::Pat::Slice(of) => numbered("[]", &of.elems)
            .into_iter()
            .zip(&of.elems)
            .collect(),
        syn::Pat::Struct(of) => of
            .fields
            .iter()
            .map(|field| {
                (
                    Some((last_of(&of.path), member(&field.member))),
                    &*field.pat,
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn last_of(path: &syn::Path) -> String {
    let last = path.segments.last();
    last.map(|last| last.ident.to_string()).unwrap_or_default()
}

fn member(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Whether a pattern takes whatever stands at a place.
fn takes_anything(pattern: &syn::Pat, place: &[(String, String)]) -> bool {
    match pattern {
        syn::Pat::Wild(_) | syn::Pat::Rest(_) => return true,
        syn::Pat::Ident(name) if name.subpat.is_none() => {
            // What is written like a type is a constant, or a variant without fields.
            return !name.ident.to_string().starts_with(char::is_uppercase);
        }
        syn::Pat::Struct(of) if of.rest.is_some() => {
            let is_here = |(constructor, field): &(String, String)| {
                let named = of.fields.iter().map(|of| member(&of.member));
                *constructor == last_of(&of.path) && !named.into_iter().any(|of| of == *field)
            };
            if place.first().is_some_and(is_here) {
                return true;
            }
        }
        _ => {}
    }
    parts(pattern).into_iter().any(|(step, part)| match step {
        None => takes_anything(part, place),
        Some(step) => {
            let rest = matches!(part, syn::Pat::Rest(_));
            place.split_first().is_some_and(|(first, left)| {
                (*first == step && takes_anything(part, left)) || (rest && first.0 == step.0)
            })
        }
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|on| on == "test")
        });
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.imports(&item.tree, None);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let own = match &*item.self_ty {
            syn::Type::Path(of) => Some(last_of(&of.path)),
            _ => None,
        };
        let before = std::mem::replace(&mut self.self_type, own);
        visit::visit_item_impl(self, item);
        self.self_type = before;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.functions.push(function.sig.ident.to_string());
        visit::visit_item_fn(self, function);
        self.functions.pop();
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.functions.push(function.sig.ident.to_string());
        visit::visit_impl_item_fn(self, function);
        self.functions.pop();
    }

    fn visit_expr_match(&mut self, of: &'ast syn::ExprMatch) {
        let arms: Vec<&syn::Pat> = of.arms.iter().map(|arm| &arm.pat).collect();
        self.arms(&arms);
        visit::visit_expr_match(self, of);
    }

    fn visit_expr_let(&mut self, of: &'ast syn::ExprLet) {
        self.asks(&of.pat, "`if let`");
        visit::visit_expr_let(self, of);
    }

    fn visit_local(&mut self, of: &'ast syn::Local) {
        if of.init.as_ref().is_some_and(|init| init.diverge.is_some()) {
            self.asks(&of.pat, "`let else`");
        }
        visit::visit_local(self, of);
    }

    fn visit_macro(&mut self, of: &'ast syn::Macro) {
        if of.path.is_ident("matches") {
            let parts = of.parse_body_with(|input: syn::parse::ParseStream<'_>| {
                let asked: syn::Expr = input.parse()?;
                input.parse::<syn::Token![,]>()?;
                let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
                let guard: Option<syn::Expr> = match input.parse::<Option<syn::Token![if]>>()? {
                    Some(_) => Some(input.parse()?),
                    None => None,
                };
                input.parse::<Option<syn::Token![,]>>()?;
                Ok((asked, pattern, guard))
            });
            if let Ok((asked, pattern, guard)) = parts {
                self.asks(&pattern, "`matches!`");
                self.visit_all([asked].iter().chain(&guard));
                return;
            }
        }
        // What other macros are handed is read as far as it is expressions.
        let list = of.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated);
        match list {
            Ok(list) => self.visit_all(list.iter()),
            Err(_) => self.unread(of),
        }
    }
}

impl Reader<'_> {
    fn visit_all<'e>(&mut self, list: impl Iterator<Item = &'e syn::Expr>) {
        for expression in list {
            Visit::visit_expr(self, expression);
        }
    }
}
