//! How a value is handed on: read from the expansion's closures, and done.

use std::collections::BTreeMap;

use syn::{Expr, Stmt};
use topology_runtime::wiring::{Branch, Delivery, Gather, HandedOn};

use crate::calls::{chain, field, ident, text};
use crate::edges::Edges;
use crate::value::Value;

/// What becomes of an output.
#[derive(Clone)]
pub(crate) enum HandOn {
    /// To each of them; all but the last get a clone.
    Offers(Vec<Offer>),
    /// To arms of the race that ends at an edge.
    Race { finish: usize, arms: Vec<Offer> },
    /// Item by item.
    Each { edge: usize, all: Option<usize> },
    /// One of them.
    Match(Vec<Self>),
    /// Nowhere, and these parts of joins do not come.
    Discard(Vec<usize>),
}

#[derive(Clone)]
pub(crate) struct Offer {
    how: String,
    edge: usize,
    is_clone: bool,
    branch: Whose,
}

/// The branch that an offer goes on as.
#[derive(Clone, Copy)]
enum Whose {
    Own,
    Fork,
    Arm(usize),
}

impl Default for HandOn {
    fn default() -> Self {
        Self::Offers(Vec::new())
    }
}

type Fields = BTreeMap<String, usize>;

/// Reads the body of a closure.
pub(crate) fn read(expr: &Expr, fields: &Fields) -> HandOn {
    match expr {
        Expr::Match(choice) => {
            let arms = choice.arms.iter();
            HandOn::Match(arms.map(|arm| read(&arm.body, fields)).collect())
        }
        Expr::Block(block) => match &block.block.stmts[..] {
            [Stmt::Local(race), Stmt::Expr(offers, None)] => {
                let init = race.init.as_ref().expect("a race has arms");
                let Expr::MethodCall(race) = &*init.expr else {
                    panic!("a race begins: {}", text(&init.expr));
                };
                HandOn::Race {
                    finish: fields[&field(&race.receiver)],
                    arms: offers_of(offers, fields),
                }
            }
            [Stmt::Expr(inner, None)] => read(inner, fields),
            _ => panic!("unknown: {}", text(block)),
        },
        _ => match chain(expr)[..] {
            [ref branch, ref end] if branch.name == "branch" => match end.name.as_str() {
                "discard" => HandOn::Discard(Vec::new()),
                "discard_with" => HandOn::Discard(told(&end.args[0], fields)),
                other => panic!("a branch does not `{other}`"),
            },
            [ref each, ref to] if each.name == "each" => HandOn::Each {
                edge: fields[&field(&to.args[0])],
                all: match &to.args[2] {
                    Expr::MethodCall(gather) => Some(fields[&field(&gather.receiver)]),
                    _ => None,
                },
            },
            _ => HandOn::Offers(offers_of(expr, fields)),
        },
    }
}

/// `offer(a).to(..).and(offer(b).to(..))`
fn offers_of(expr: &Expr, fields: &Fields) -> Vec<Offer> {
    let calls = chain(expr);
    let payload = &calls[0].args[0];
    let branch = match &calls[1].args[1] {
        Expr::MethodCall(call) if call.method == "fork" => Whose::Fork,
        name => match ident(name).strip_prefix("arm_") {
            Some(arm) => Whose::Arm(arm.parse().expect("arms are numbered")),
            None => Whose::Own,
        },
    };
    let first = Offer {
        how: calls[1].name.clone(),
        edge: fields[&field(&calls[1].args[0])],
        is_clone: matches!(payload, Expr::Call(_)),
        branch,
    };
    let others = calls[2..].iter();
    let others = others.flat_map(|and| offers_of(&and.args[0], fields));
    [first].into_iter().chain(others).collect()
}

/// The parts that do not come: `|edges, branch| edges.a.absent(branch)`.
pub(crate) fn told(closure: &Expr, fields: &Fields) -> Vec<usize> {
    let Expr::Closure(closure) = closure else {
        panic!("who is told is a closure: {}", text(closure));
    };
    absent(&closure.body, fields)
}

fn absent(expr: &Expr, fields: &Fields) -> Vec<usize> {
    match expr {
        Expr::MethodCall(call) if call.method == "absent" => {
            vec![fields[&field(&call.receiver)]]
        }
        Expr::MethodCall(call) if call.method == "and" => {
            let mut all = absent(&call.receiver, fields);
            all.extend(absent(&call.args[0], fields));
            all
        }
        Expr::Path(_) => Vec::new(),
        Expr::Block(block) => match &block.block.stmts[..] {
            [Stmt::Expr(inner, None)] => absent(inner, fields),
            _ => panic!("unknown: {}", text(block)),
        },
        other => panic!("nobody is told: {}", text(other)),
    }
}

impl HandOn {
    /// The first edges, of what stands behind `in`.
    pub(crate) fn entered(&self) -> Vec<usize> {
        match self {
            Self::Offers(offers) | Self::Race { arms: offers, .. } => {
                offers.iter().map(|offer| offer.edge).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a part is offered to a join that may have to do without.
    pub(crate) fn offers_perhaps(&self, edge: usize) -> bool {
        match self {
            Self::Offers(offers) | Self::Race { arms: offers, .. } => offers
                .iter()
                .any(|offer| offer.edge == edge && offer.how == "to_join_optional"),
            Self::Match(arms) => arms.iter().any(|arm| arm.offers_perhaps(edge)),
            Self::Each { .. } | Self::Discard(_) => false,
        }
    }

    /// Does it.
    pub(crate) fn hand_on(&self, edges: &Edges, value: Value, branch: Branch) -> HandedOn {
        Ok(match self {
            Self::Offers(offers) => give(offers, edges, value, Some(branch), Vec::new()),
            Self::Race { finish, arms } => {
                let branches = edges.way(*finish).race(arms.len(), branch);
                give(arms, edges, value, None, branches)
            }
            Self::Each { edge, all } => {
                let gather = all.map(|all| edges.way(all).gather());
                let count = edges.count_items(&value);
                return match gather {
                    Some(gather) => edges.way(*edge).each(value.items(count), branch, gather),
                    None => {
                        let gather = Gather::nothing();
                        edges
                            .way(*edge)
                            .each_ending(value.items(count), branch, gather)
                    }
                };
            }
            Self::Match(arms) => {
                let arm = edges.choose(&value, arms.len());
                return arms[arm].hand_on(edges, value, branch);
            }
            Self::Discard(parts) => branch.discard_with(|branch| tell(edges, parts, branch)),
        })
    }
}

/// Tells joins that these parts do not come.
pub(crate) fn tell(edges: &Edges, parts: &[usize], branch: &Branch) -> Delivery {
    let told = parts.iter().map(|&part| edges.way(part).absent(branch));
    told.fold(Delivery::DONE, Delivery::and)
}

fn give(
    offers: &[Offer],
    edges: &Edges,
    value: Value,
    mut own: Option<Branch>,
    arms: Vec<Branch>,
) -> Delivery {
    let mut arms: Vec<_> = arms.into_iter().map(Some).collect();
    let mut value = Some(value);
    let mut all = Delivery::DONE;
    for offer in offers {
        let value = if offer.is_clone {
            value.clone()
        } else {
            value.take()
        };
        let branch = match offer.branch {
            Whose::Own => own.take(),
            Whose::Fork => own.as_ref().map(Branch::fork),
            Whose::Arm(arm) => arms[arm].take(),
        };
        let (value, branch) = (
            value.expect("a value is left"),
            branch.expect("a branch is left"),
        );
        all = all.and(edges.way(offer.edge).offer(&offer.how, value, branch));
    }
    all
}
