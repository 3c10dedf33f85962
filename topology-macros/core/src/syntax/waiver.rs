//! `#[allow(idle_boundary, reason = "the queue takes bursts")]` on a statement.

use syn::parse::ParseStream;
use syn::{Attribute, Expr, ExprLit, Ident, Lit};

use super::{Attribute as Setting, Value};
use crate::report::{Fault, Report, nearest};
use crate::review::{Level, RULES};

/// A note that a statement waives.
#[derive(Clone)]
pub(crate) struct Waiver {
    pub(crate) rule: Ident,
    pub(crate) reason: String,
}

/// The notes that the attributes of a statement waive.
pub(crate) fn waivers(attributes: &[Attribute], report: &mut Report) -> Vec<Waiver> {
    let mut waived = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("allow") {
            waived.extend(rules(attribute, report));
        } else {
            report.push(
                Fault::unreadable(attribute, "this attribute says nothing about a statement")
                    .help("a note is waived by `#[allow(rule, reason = \"..\")]`; a comment begins with `//`"),
            );
        }
    }
    waived
}

fn rules(attribute: &Attribute, report: &mut Report) -> Vec<Waiver> {
    let list = attribute.parse_args_with(|input: ParseStream| Setting::parse_list(input));
    let list = match list {
        Ok(list) => list,
        Err(error) => {
            report.push_unreadable(&error);
            return Vec::new();
        }
    };
    let reason = list.iter().find_map(reason);
    if reason.is_none() {
        report.push(
            Fault::unreadable(attribute, "a waiver says why").help("add it: `reason = \"..\"`"),
        );
    }
    let reason = reason.unwrap_or_default();
    let named = list.into_iter().filter(|setting| setting.key != "reason");
    let rules = named.map(|setting| setting.key);
    let notes = rules.filter(|rule| is_note(rule, report));
    let waiver = |rule| Waiver {
        rule,
        reason: reason.clone(),
    };
    notes.map(waiver).collect()
}

fn reason(setting: &Setting) -> Option<String> {
    let Value::Expr(value) = &setting.value else {
        return None;
    };
    match &**value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if setting.key == "reason" => {
            let text = text.value().trim().to_owned();
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    }
}

/// Only notes can be waived.
fn is_note(name: &Ident, report: &mut Report) -> bool {
    let text = name.to_string();
    let rule = RULES.iter().find(|rule| rule.name == text);
    let fault = match rule.map(|rule| rule.level) {
        Some(Level::Note) => return true,
        Some(Level::Error) => {
            Fault::unreadable(name, format!("`{text}` is an error, and cannot be waived"))
                .note("what compiles is sound: only notes can be waived")
        }
        None => {
            let near = nearest(&text, RULES.iter().map(|rule| rule.name));
            Fault::unreadable(name, format!("there is no rule `{text}`"))
                .help_if(near.map(|near| format!("did you mean `{near}`?")))
        }
    };
    report.push(fault);
    false
}
