//! A step that topologies of other crates use.

use std::future::ready;
use std::time::Duration;

use topology_runtime::workflow_step;

/// The longest that [`shout()`] may take.
pub const PATIENCE: Duration = Duration::from_millis(20);

/// Says it louder.
///
/// # Errors
///
/// If there is nothing to say.
#[workflow_step(timeout = PATIENCE)]
pub async fn shout(words: String) -> Result<String, String> {
    if words.is_empty() {
        return Err("nothing to say".to_owned());
    }
    Ok(ready(words.to_uppercase()).await)
}
