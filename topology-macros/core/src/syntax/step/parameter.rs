//! What a parameter stands for, by how it is passed.

use quote::ToTokens as _;
use syn::{FnArg, Type};

use super::Parameter;
use super::types::{bare, borrows, is_context, nameable, unnamed};
use crate::report::{Fault, Report};

impl Parameter {
    pub(super) fn read(input: &FnArg, report: &mut Report) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            report.push(
                Fault::unreadable(input, "a workflow step is a plain function, not a method")
                    .help("take what the step shares as state: `fn step(order: Order, books: &Books)`")
                    .help("for what it changes, put `#[workflow_step]` on the whole `impl` block"),
            );
            return None;
        };
        match bare(&input.ty) {
            Type::Reference(reference) if reference.mutability.is_some() => {
                report.push(
                    Fault::unreadable(reference, "state is shared and cannot be borrowed mutably")
                        .note("replicas of a step run at the same time on one state")
                        .help(
                            "take `&T` and let `T` guard what changes, with a mutex or an atomic",
                        ),
                );
                None
            }
            Type::Reference(reference) if is_context(&reference.elem) => Some(Self::Context),
            Type::Reference(reference) => {
                if let Type::ImplTrait(ty) = &*reference.elem {
                    report.push(
                        Fault::unreadable(ty, "state needs a type that can be named")
                            .help("name the type that the topology's state has"),
                    );
                    return None;
                }
                Some(Self::State(reference.elem.clone()))
            }
            Type::ImplTrait(_) => {
                report.push(
                    unnamed(&input.ty)
                        .help("name it with a type parameter: `fn step<T: Trait>(message: T)`"),
                );
                None
            }
            ty if is_context(ty) => {
                report.push(
                    Fault::unreadable(ty, "the context of a step is taken by reference")
                        .help(format!("`{}: &StepContext`", input.pat.to_token_stream())),
                );
                Some(Self::Context)
            }
            ty if borrows(ty) => {
                report.push(
                    Fault::unreadable(ty, "a message cannot hold a borrow")
                        .note("it waits in a queue, and owns what it holds")
                        .help(
                            "take what owns it: `String` for `&str`, `Vec<T>` for `&[T]`, an `Arc`",
                        ),
                );
                Some(Self::Message(Box::new(nameable(ty))))
            }
            _ => Some(Self::Message(input.ty.clone())),
        }
    }
}
