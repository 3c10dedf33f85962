//! How a step that takes a `Vec` may take a batch, by its signature alone.

use syn::{GenericArgument, PathArguments, Type};

use super::{Block, Step, bare};

/// What a step returns of a batch.
pub(crate) enum Results<'a> {
    None,
    /// One of these for each message.
    Plain(&'a Type),
    /// One `Result` for each message.
    Fallible(&'a Type),
}

impl Step {
    /// Whether the step may fail on each message of a batch.
    pub(crate) fn is_fallible_by_message(&self) -> bool {
        self.item().is_some() && matches!(self.results(), Some(Results::Fallible(_)))
    }

    /// The type of one message of a batch. A step that begins messages of its own
    /// takes them one by one.
    pub(crate) fn item(&self) -> Option<&Type> {
        let messages = self.messages();
        let &[message] = messages.as_slice() else {
            return None;
        };
        let begins = self.block.as_ref().is_some_and(Block::begins_messages);
        argument_of("Vec", message).filter(|_| !begins)
    }

    /// What it returns of a batch.
    pub(crate) fn results(&self) -> Option<Results<'_>> {
        let Some(returned) = &self.returns else {
            return Some(Results::None);
        };
        let returned = if self.is_fallible() {
            argument_of("Result", returned)?
        } else {
            returned
        };
        if matches!(bare(returned), Type::Tuple(tuple) if tuple.elems.is_empty()) {
            return Some(Results::None);
        }
        let each = argument_of("Vec", returned)?;
        match argument_of("Result", each) {
            Some(_) => Some(Results::Fallible(each)),
            None => Some(Results::Plain(each)),
        }
    }
}

/// The first type argument of a path that ends in `name`.
fn argument_of<'a>(name: &str, ty: &'a Type) -> Option<&'a Type> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}
