//! How much the macros write.

use proc_macro2::TokenStream;

use super::crates::chain;
use crate::table::{Table, number};

/// Lines of what is written for a step, for an edge and for a call.
pub(crate) fn table() -> Result<Table, syn::Error> {
    let step = "pub async fn step(item: Item0) -> Item1 { Item1 { id: item.id } }";
    let step = lines(topology_macros_core::workflow_step(
        "timeout = 1s".parse::<TokenStream>()?,
        step.parse::<TokenStream>()?,
    ))?;
    let mut table = Table::new("lines that the macros write", ["for", "lines"]);
    let more = |arrow| Ok::<_, syn::Error>((topology(50, arrow)? - topology(10, arrow)?) / 40.0);
    let (edge, call) = (more("->")?, more(">>")?);
    table.row(["a step, its function included", &number(step)]);
    table.row(["a topology of one step", &number(topology(1, "->")?)]);
    table.row(["each more step and its edge", &number(edge)]);
    table.row(["each more step that is called", &number(call)]);
    Ok(table)
}

fn topology(steps: usize, arrow: &str) -> Result<f64, syn::Error> {
    let input = chain(steps, arrow).parse::<TokenStream>()?;
    lines(topology_macros_core::topology(input))
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52 lines")]
fn lines(tokens: TokenStream) -> Result<f64, syn::Error> {
    let file = syn::parse2(tokens)?;
    Ok(prettyplease::unparse(&file).lines().count() as f64)
}
