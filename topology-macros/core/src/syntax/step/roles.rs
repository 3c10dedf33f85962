//! Which method of a stateful step does what.

use quote::ToTokens as _;
use syn::{FnArg, Ident, PatType, ReceiverKind, ReturnType, Signature, Type};

use super::Parameter;
use super::block::Method;
use super::items::{Annotated, Inner};
use super::types::{bare, is_shared};
use crate::report::{Fault, Report};

/// The methods with a part to play. All others are the user's own business.
#[derive(Default)]
pub(super) struct Roles<'a> {
    /// The name of the state's type.
    name: Option<Ident>,
    pub(super) takes: Option<&'a Signature>,
    /// The first that would take the message, if it could change the state.
    pub(super) misread: Option<&'a Signature>,
    pub(super) start: Option<Method>,
    pub(super) tick: Option<Method>,
    pub(super) finish: Option<Method>,
}

impl<'a> Roles<'a> {
    pub(super) fn of(name: Option<Ident>) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// A method plays its part by its attribute, by its name, or by taking a
    /// message.
    pub(super) fn give(&mut self, method: &'a Annotated, report: &mut Report) {
        let signature = &method.signature;
        let says_nothing = |inner: &&Inner| matches!(&inner.attributes, Ok(all) if all.is_empty());
        let inner = method.attribute.as_ref();
        if let Some(inner) = inner.filter(says_nothing) {
            report.push(no_tick(inner, &signature.ident));
        }
        if let Some(inner) = inner.filter(|inner| !says_nothing(inner)) {
            self.tick(signature, inner, report);
        } else if signature.ident == "start" {
            self.start = start(signature, self.name.as_ref(), report);
        } else if signature.ident == "finish" {
            self.finish = finish(signature, report);
        } else if by_value(signature).is_some() {
            self.take(signature, report);
        }
    }

    fn take(&mut self, signature: &'a Signature, report: &mut Report) {
        if !borrows_mutably(signature) {
            let is_method = signature.receiver().is_some();
            self.misread = self.misread.or(is_method.then_some(signature));
            return;
        }
        let Some(first) = self.takes else {
            self.takes = Some(signature);
            return;
        };
        let name = &signature.ident;
        report.push(
            Fault::unreadable(name, "a stateful step takes its message by one method")
                .note_at(format!("`{}` takes it", first.ident), &first.ident)
                .help(format!(
                    "move `{name}` into another `impl` block, without the attribute"
                )),
        );
    }

    fn tick(&mut self, signature: &Signature, inner: &Inner, report: &mut Report) {
        let attributes = match &inner.attributes {
            Ok(attributes) => attributes.clone(),
            Err(error) => return report.push_unreadable(error),
        };
        let name = &signature.ident;
        if let Some(first) = &self.tick {
            return report.push(
                Fault::unreadable(name, "a stateful step ticks by one method")
                    .note_at(format!("`{}` is one", first.name), &first.name)
                    .help(format!("call `{name}` from there")),
            );
        }
        if let Some(message) = by_value(signature) {
            report.push(messageless(message, "a tick"));
            return;
        }
        if !borrows_mutably(signature) {
            report.push(unchanging(signature, "a tick takes `&mut self`", None));
        }
        self.tick = Some(Method::read(signature, attributes, report));
    }
}

fn no_tick(inner: &Inner, name: &Ident) -> Fault {
    let headline = format!("`{name}` is a part of a step, and not one of its own");
    Fault::unreadable(&inner.path, headline)
        .note("on a method, the attribute says that it is called now and then, without a message")
        .help("say how often: `#[workflow_step(tick = 1s)]`")
        .help("or leave it out: what takes a message needs none")
}

/// `fn start(..) -> Self`
fn start(signature: &Signature, name: Option<&Ident>, report: &mut Report) -> Option<Method> {
    let faults = report.faults().len();
    if let Some(receiver) = signature.receiver() {
        let fault = Fault::unreadable(receiver, "`start` makes the state, and has none yet");
        report.push(fault.help("`fn start() -> Self`"));
    }
    if let Some(keyword) = &signature.asyncness {
        report.push(
            Fault::unreadable(keyword, "`start` cannot wait")
                .note("a state is made at once, also in the middle of the work, after a panic"),
        );
    }
    if let Some(message) = by_value(signature) {
        report.push(
            Fault::unreadable(message, "`start` takes no message")
                .note("the state is made before the first message comes")
                .help(format!(
                    "take what the step shares: `{}`",
                    by_reference(message)
                )),
        );
    }
    if !returns_state(&signature.output, name) {
        let anchor = match &signature.output {
            ReturnType::Default => signature.ident.to_token_stream(),
            ReturnType::Type(_, ty) => ty.to_token_stream(),
        };
        report.push(
            Fault::unreadable(anchor, "`start` returns something else than the state")
                .help("`fn start() -> Self`"),
        );
    }
    if report.faults().len() > faults {
        return None;
    }
    let method = Method::read(signature, Vec::new(), report);
    let context = method
        .parameters
        .iter()
        .position(|one| matches!(one, Parameter::Context));
    if let Some(position) = context {
        report.push(
            Fault::unreadable(&signature.inputs[position], "`start` has no context")
                .note("a context is that of a message, and the state is made before one comes"),
        );
    }
    Some(method)
}

/// `fn finish(self, ..)`, `fn finish(&mut self, ..)`
fn finish(signature: &Signature, report: &mut Report) -> Option<Method> {
    if let Some(message) = by_value(signature) {
        report.push(messageless(message, "`finish`"));
        return None;
    }
    if !consumes(signature) && !borrows_mutably(signature) {
        let headline = "`finish` takes `self` or `&mut self`";
        report.push(unchanging(signature, headline, None));
    }
    Some(Method::read(signature, Vec::new(), report))
}

fn messageless(message: &PatType, what: &str) -> Fault {
    Fault::unreadable(message, format!("{what} takes no message"))
        .note("nothing comes to it: it works on the state")
        .help(format!(
            "take what the step shares: `{}`",
            by_reference(message)
        ))
}

fn by_reference(message: &PatType) -> String {
    let (name, ty) = (message.pat.to_token_stream(), message.ty.to_token_stream());
    format!("{name}: &{ty}")
}

/// A method that would take the message, but does not lend the state.
pub(super) fn no_mutable_receiver(signature: &Signature) -> Fault {
    let headline = format!("`{}` cannot take the message", signature.ident);
    let note = "a stateful step works on its state: it takes the message with `&mut self`";
    unchanging(signature, &headline, Some(note))
}

fn unchanging(signature: &Signature, headline: &str, note: Option<&str>) -> Fault {
    let anchor = match signature.receiver() {
        Some(receiver) => receiver.to_token_stream(),
        None => signature.ident.to_token_stream(),
    };
    let name = &signature.ident;
    let fault = Fault::unreadable(anchor, headline);
    let fault = note.into_iter().fold(fault, Fault::note);
    fault.help(format!("`fn {name}(&mut self, ..)`"))
}

/// The first by-value parameter.
fn by_value(signature: &Signature) -> Option<&PatType> {
    signature.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) if !is_borrowed(&input.ty) => Some(input),
        _ => None,
    })
}

fn is_borrowed(ty: &Type) -> bool {
    is_shared(ty) || matches!(bare(ty), Type::Reference(_))
}

fn borrows_mutably(signature: &Signature) -> bool {
    let kind = signature.receiver().map(|receiver| &receiver.kind);
    match kind {
        Some(ReceiverKind::Reference(_, _, mutability)) => mutability.is_some(),
        Some(ReceiverKind::Typed(_, ty)) => {
            matches!(bare(ty), Type::Reference(reference) if reference.mutability.is_some())
        }
        _ => false,
    }
}

/// `self`
pub(super) fn consumes(signature: &Signature) -> bool {
    let kind = signature.receiver().map(|receiver| &receiver.kind);
    matches!(kind, Some(ReceiverKind::Value))
}

/// `Self`, or the type by its name.
fn returns_state(output: &ReturnType, name: Option<&Ident>) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return false;
    };
    let Type::Path(ty) = bare(ty) else {
        return false;
    };
    let last = ty.path.segments.last().map(|segment| &segment.ident);
    last.is_some_and(|last| last == "Self" || Some(last) == name)
}
