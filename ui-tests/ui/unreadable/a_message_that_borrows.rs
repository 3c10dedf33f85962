use topology_runtime::workflow_step;

use std::borrow::Cow;

#[workflow_step(timeout = 1s)]
async fn shout(text: Cow<'_, str>) -> String {
    text.to_uppercase()
}

fn main() {}
