//! What the expansion of a topology says, read back from its tokens.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use syn::{Expr, ImplItem, Item, ItemConst, ItemImpl, Stmt};

use crate::calls::{Call, chain, field, ident, number, string, text};
use crate::hand_on::{self, HandOn};

/// The wiring of a topology, and what it declares.
#[derive(Default)]
pub(crate) struct Expansion {
    pub(crate) specs: Specs,
    /// By step: what stands for its type.
    pub(crate) aliases: Vec<String>,
    /// The steps that take batches.
    pub(crate) batched: Vec<bool>,
    /// The queues: their variables, and the steps.
    queues: BTreeMap<String, usize>,
    /// By edge.
    pub(crate) edges: Vec<Made>,
    /// What becomes of failures, by step.
    pub(crate) otherwise: BTreeMap<usize, Otherwise>,
    /// Whom to tell if a join is skipped.
    pub(crate) pass_over: BTreeMap<usize, Vec<usize>>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) entrances: Vec<usize>,
    pub(crate) enter: HandOn,
    /// The fields of the edges, by name.
    fields: BTreeMap<String, usize>,
}

/// The calls that make the constants.
#[derive(Default)]
pub(crate) struct Specs {
    pub(crate) steps: Vec<Vec<Call>>,
    pub(crate) edges: Vec<Vec<Call>>,
}

/// How an edge is made.
#[derive(Clone)]
pub(crate) struct Made {
    /// What it collects or ends: `collect`, `finish`, `first`, or nothing.
    pub(crate) around: Option<String>,
    /// `None` for `out`.
    pub(crate) step: Option<usize>,
    /// The position among the parts of a join.
    pub(crate) part: Option<usize>,
}

#[derive(Clone)]
pub(crate) enum Otherwise {
    Fail,
    Abort,
    Skip(Vec<usize>),
    Step {
        edge: usize,
        skip: Option<Vec<usize>>,
    },
    Instead(usize),
}

pub(crate) struct Task {
    pub(crate) step: usize,
    pub(crate) calls: Vec<(usize, Otherwise)>,
    /// `None` for a sink.
    pub(crate) end: Option<HandOn>,
}

/// `&[a, b]`
fn elements(slice: &Expr) -> impl Iterator<Item = &Expr> {
    let Expr::Reference(all) = slice else {
        panic!("a constant is a slice: {}", text(slice));
    };
    let Expr::Array(all) = &*all.expr else {
        panic!("a constant is a slice: {}", text(slice));
    };
    all.elems.iter()
}

impl Expansion {
    pub(crate) fn read(tokens: TokenStream) -> Self {
        let file: syn::File = syn::parse2(tokens).expect("the expansion is Rust");
        let mut read = Self::default();
        let hidden = hidden_items(&file);
        for item in &hidden {
            if let Item::Type(item) = item {
                let ty = text(&item.ty);
                read.batched.push(ty.contains("Batched"));
                read.aliases.push(item.ident.to_string());
            }
        }
        for item in hidden {
            if let Item::Impl(item) = item {
                read.constants(item);
                read.functions(item);
            }
        }
        read
    }

    fn constants(&mut self, item: &ItemImpl) {
        for item in &item.items {
            let ImplItem::Const(item) = item else {
                continue;
            };
            if item.ident != "SPECS" {
                continue;
            }
            let Expr::Reference(all) = &item.expr else {
                panic!("the specs are referred to: {}", text(&item.expr));
            };
            let Expr::Struct(all) = &*all.expr else {
                panic!("the specs are a struct: {}", text(&item.expr));
            };
            for member in &all.fields {
                let specs = match text(&member.member).as_str() {
                    "steps" => &mut self.specs.steps,
                    "edges" => &mut self.specs.edges,
                    _ => continue,
                };
                specs.extend(elements(&member.expr).map(chain));
            }
        }
    }

    fn functions(&mut self, item: &ItemImpl) {
        for item in &item.items {
            let ImplItem::Fn(item) = item else { continue };
            let name = item.sig.ident.to_string();
            match name.as_str() {
                // `__Edges::wire(..)` leads to the other one.
                "wire" if item.block.stmts.len() > 2 => self.wire(&item.block.stmts),
                // `edges.enter(..)` leads to the other one.
                "enter" if text(&item.sig).contains("& self") => {
                    let body = item.block.stmts.last();
                    let Some(Stmt::Expr(body, _)) = body else {
                        panic!("nothing enters")
                    };
                    self.enter = hand_on::read(body, &self.fields);
                    self.entrances = self.enter.entered();
                }
                _ => {}
            }
        }
    }

    fn wire(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::Local(local) => {
                    let init = local.init.as_ref().expect("every variable is set");
                    self.local(&text(&local.pat), &init.expr);
                }
                Stmt::Expr(expr, Some(_)) => self.statement(&chain(expr)),
                _ => {}
            }
        }
    }

    fn local(&mut self, name: &str, value: &Expr) {
        let calls = chain(value);
        if name != "edges" {
            let step = number(&calls[1].args[0]);
            self.queues.insert(name.to_owned(), step);
            return;
        }
        let Expr::Struct(made) = &calls[0].args[0] else {
            panic!("the edges are a struct: {}", text(value));
        };
        for member in &made.fields {
            let (number, edge) = self.made(&chain(&member.expr));
            assert_eq!(number, self.edges.len(), "edges come in order");
            self.fields.insert(text(&member.member), number);
            self.edges.push(edge);
        }
    }

    /// `wiring.finish(wiring.edge(4, &price))`
    fn made(&self, calls: &[Call]) -> (usize, Made) {
        let made = &calls[1];
        let step = |made: &Call| {
            let queue = ident(&made.args[1]);
            let step = self.queues.get(&queue);
            *step.unwrap_or_else(|| panic!("`{queue}` is no queue of {:?}", self.queues))
        };
        match made.name.as_str() {
            "out" => {
                let edge = Made {
                    around: None,
                    step: None,
                    part: None,
                };
                (number(&made.args[0]), edge)
            }
            "edge" | "part" => {
                let step = step(made);
                let others = self.edges.iter();
                let parts = others.filter(|edge| edge.step == Some(step) && edge.part.is_some());
                let edge = Made {
                    around: None,
                    step: Some(step),
                    part: (made.name == "part").then(|| parts.count()),
                };
                (number(&made.args[0]), edge)
            }
            around => {
                let (number, edge) = self.made(&chain(&made.args[0]));
                let around = Some(around.to_owned());
                (number, Made { around, ..edge })
            }
        }
    }

    /// What is said of a queue, or a task.
    fn statement(&mut self, calls: &[Call]) {
        match calls[1].name.as_str() {
            "otherwise" => {
                let step = self.queues[&calls[0].name];
                let otherwise = self.otherwise_of(&calls[1].args[0]);
                self.otherwise.insert(step, otherwise);
            }
            "pass_over" => {
                let step = self.queues[&calls[0].name];
                let told = hand_on::told(&calls[1].args[1], &self.fields);
                self.pass_over.insert(step, told);
            }
            "task" | "batch_task" => {
                let task = self.task(calls);
                self.tasks.push(task);
            }
            other => panic!("`{other}` is no part of a wiring"),
        }
    }

    fn otherwise_of(&self, expr: &Expr) -> Otherwise {
        let calls = chain(expr);
        let edge = |closure: &Expr| {
            let Expr::Closure(closure) = closure else {
                panic!("an edge is asked for: {}", text(closure));
            };
            self.fields[&field(&closure.body)]
        };
        match calls[0].name.as_str() {
            "fail" => Otherwise::Fail,
            "abort" => Otherwise::Abort,
            "skip" => Otherwise::Skip(hand_on::told(&calls[0].args[1], &self.fields)),
            "instead" => Otherwise::Instead(edge(&calls[0].args[1])),
            "step" => Otherwise::Step {
                edge: edge(&calls[0].args[1]),
                skip: calls
                    .get(1)
                    .map(|skip| hand_on::told(&skip.args[1], &self.fields)),
            },
            other => panic!("`{other}` is no policy"),
        }
    }

    fn task(&self, calls: &[Call]) -> Task {
        let mut called = Vec::new();
        let mut end = None;
        for call in &calls[2..] {
            match call.name.as_str() {
                "call" => {
                    let step = number(&call.args[0]);
                    called.push((step, self.otherwise_of(&call.args[1])));
                }
                "then" | "each" => {
                    let Expr::Closure(closure) = &call.args[0] else {
                        panic!("an output is handed on by a closure");
                    };
                    end = Some(hand_on::read(&closure.body, &self.fields));
                }
                "to" => {
                    let edge = &call.args[0];
                    let offer = syn::parse_quote!(
                        ::topology_runtime::wiring::offer(value).to(#edge, branch)
                    );
                    end = Some(hand_on::read(&offer, &self.fields));
                }
                "ends" => {}
                other => panic!("`{other}` is no part of a task"),
            }
        }
        Task {
            step: self.queues[&ident(&calls[1].args[0])],
            calls: called,
            end,
        }
    }

    /// How many parts a step joins.
    pub(crate) fn parts(&self, step: usize) -> usize {
        let edges = self.edges.iter();
        let parts = edges.filter(|edge| edge.step == Some(step) && edge.part.is_some());
        parts.count()
    }

    /// Whether nothing follows a step.
    pub(crate) fn is_sink(&self, step: usize) -> bool {
        let mut tasks = self.tasks.iter();
        tasks.any(|task| {
            let last = task.calls.last().map_or(task.step, |call| call.0);
            last == step && task.end.is_none()
        })
    }

    /// The name of a step.
    pub(crate) fn name(&self, step: usize) -> String {
        string(&self.specs.steps[step][0].args[0])
    }

    /// By join, which parts may be missing: those that are offered so.
    pub(crate) fn optional(&self) -> BTreeMap<usize, Vec<bool>> {
        let mut optional: BTreeMap<_, Vec<bool>> = BTreeMap::new();
        for (number, edge) in self.edges.iter().enumerate() {
            if let (Some(step), Some(_)) = (edge.step, edge.part) {
                let all = self.tasks.iter().filter_map(|task| task.end.as_ref());
                let mut all = all.chain([&self.enter]);
                let is_optional = all.any(|end| end.offers_perhaps(number));
                optional.entry(step).or_default().push(is_optional);
            }
        }
        optional
    }
}

/// What stands in the `const _` of the expansion.
fn hidden_items(file: &syn::File) -> Vec<&Item> {
    let constants = file.items.iter().filter_map(|item| match item {
        Item::Const(ItemConst { expr, .. }) => match &**expr {
            Expr::Block(block) => Some(block),
            _ => None,
        },
        _ => None,
    });
    let mut hidden = constants.filter(|block| {
        let mut statements = block.block.stmts.iter();
        statements.any(|statement| matches!(statement, Stmt::Item(Item::Impl(_))))
    });
    let block = hidden.next().expect("an expansion has a hidden part");
    let statements = block.block.stmts.iter();
    let items = statements.filter_map(|statement| match statement {
        Stmt::Item(item) => Some(item),
        _ => None,
    });
    items.collect()
}
