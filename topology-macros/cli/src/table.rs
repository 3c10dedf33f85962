//! `cargo topology table`: the numbers of a topology, for a design review.

use topology_macros_core::model::{Contract, Count, Edge, Node, NodeKind, Time, Topology};

use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::select;
use crate::text::{Align, columns};

const HEAD: [(&str, Align); 8] = [
    ("from", Align::Left),
    ("", Align::Left),
    ("to", Align::Left),
    ("capacity", Align::Right),
    ("timeout", Align::Right),
    ("overflow", Align::Left),
    ("failures", Align::Left),
    ("besides", Align::Left),
];

const WAIVED: [&str; 3] = ["waived", "on", "because"];

pub(crate) fn run(scope: &Scope, name: &str) -> Result<String, Misuse> {
    let model = select::topology(scope, name)?;
    let title = format!(
        "{}  {}:{}",
        model.signature(),
        model.file,
        model.place.start.line
    );
    Ok(format!("{title}\n\n{}{}", table(&model), waivers(&model)))
}

/// What is waived, and why; nothing if nothing is.
fn waivers(model: &Topology) -> String {
    let rows = model.waivers.iter().map(|waiver| {
        let edges = waiver
            .edges
            .iter()
            .map(|&edge| model.show(&model.edges[edge]));
        let edges: Vec<_> = edges.collect();
        vec![waiver.rule.clone(), edges.join(", "), waiver.reason.clone()]
    });
    let mut rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    rows.insert(0, WAIVED.map(str::to_owned).to_vec());
    format!("\n{}", columns(&rows, &[Align::Left; 3]))
}

fn table(model: &Topology) -> String {
    let mut rows = vec![HEAD.map(|(title, _)| title.to_owned()).to_vec()];
    rows.extend(model.edges.iter().map(|edge| row(model, edge)));
    // Most topologies say nothing besides, and then the table is narrow.
    let has_more = rows[1..]
        .iter()
        .any(|row| row.last().is_some_and(|besides| !besides.is_empty()));
    let width = HEAD.len() - usize::from(!has_more);
    for row in &mut rows {
        row.truncate(width);
    }
    columns(&rows, &HEAD.map(|(_, align)| align)[..width])
}

fn row(model: &Topology, edge: &Edge) -> Vec<String> {
    let contract = edge.contract.as_ref();
    // A call has no contract; `?` stands for what an edge should have declared.
    let number = |written: Option<&String>| match (contract, written) {
        (None, _) => "-".to_owned(),
        (Some(_), None) => "?".to_owned(),
        (Some(_), Some(written)) => written.clone(),
    };
    let capacity = contract.and_then(|contract| contract.capacity.as_ref());
    let timeout = contract.and_then(|contract| contract.timeout.as_ref());
    vec![
        model.sources(edge).join(", "),
        edge.kind.arrow().to_owned(),
        model.nodes[edge.to].name.clone(),
        number(capacity.map(|count| &count.written)),
        number(timeout.map(|time| &time.written)),
        contract
            .map_or("-", |contract| contract.overflow)
            .to_owned(),
        failures(model, &model.nodes[edge.to]),
        contract.map_or_else(String::new, besides),
    ]
}

/// What only some edges declare, as it was written.
fn besides(contract: &Contract) -> String {
    let count = |count: &Option<Count>| count.as_ref().map(|count| count.written.clone());
    let time = |time: &Option<Time>| time.as_ref().map(|time| time.written.clone());
    let settings = [
        ("limit", count(&contract.limit)),
        ("within", time(&contract.within)),
        ("first", count(&contract.first)),
        ("rounds", count(&contract.rounds)),
        ("batch", count(&contract.batch)),
        ("linger", time(&contract.linger)),
    ];
    let said = settings
        .into_iter()
        .filter_map(|(name, written)| Some(format!("{name} = {}", written?)));
    said.collect::<Vec<_>>().join(", ")
}

/// Where the failures of the edge and of its target go.
fn failures(model: &Topology, node: &Node) -> String {
    match (&node.failure, node.kind) {
        (Some(failure), _) => {
            let default = if failure.is_default { " (default)" } else { "" };
            format!("{}{default}", model.outcome(failure))
        }
        (None, NodeKind::Step) => "?".to_owned(),
        (None, _) => "-".to_owned(),
    }
}
