//! What is answered to a browser.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::mpsc;

use super::host::{self, Hosts};
use super::stage::Stage;

/// A page that takes nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(10);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

/// Where, what, and the text.
const FILES: [(&str, &str, &str); 10] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/style.css", CSS, include_str!("page/style.css")),
    ("/picture.css", CSS, include_str!("page/picture.css")),
    ("/page.js", SCRIPT, include_str!("page/page.js")),
    ("/layout.js", SCRIPT, include_str!("page/layout.js")),
    ("/picture.js", SCRIPT, include_str!("page/picture.js")),
    ("/history.js", SCRIPT, include_str!("page/history.js")),
    ("/details.js", SCRIPT, include_str!("page/details.js")),
    ("/failures.js", SCRIPT, include_str!("page/failures.js")),
    ("/text.js", SCRIPT, include_str!("page/text.js")),
];

pub(super) fn router(stage: Arc<Stage>, hosts: Hosts) -> Router {
    let mut router = Router::new()
        .route("/events", get(events))
        .route("/failures/{number}", get(failure))
        .with_state(stage);
    for (path, kind, text) in FILES {
        router = router.route(
            path,
            get(move || async move { ([(CONTENT_TYPE, kind)], text) }),
        );
    }
    router
        .layer(map_response(guarded))
        .layer(from_fn_with_state(hosts, host::check))
}

/// Nothing of elsewhere is loaded, nothing is kept, and nobody frames it.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn failure(State(stage): State<Arc<Stage>>, Path(number): Path<u64>) -> Response {
    match stage.failures.spans(number) {
        Some(spans) => ([(CONTENT_TYPE, JSON)], spans.to_string()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What is declared whenever that changes, what failed since, and the numbers.
async fn events(State(stage): State<Arc<Stage>>) -> impl IntoResponse {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(send(stage, sender));
    Sse::new(Events(receiver))
}

async fn send(stage: Arc<Stage>, page: mpsc::Sender<Event>) -> Option<()> {
    let mut frames = stage.open();
    let (mut version, mut failed) = (None, 0);
    loop {
        if frames.borrow_and_update().is_last {
            let last = Event::default().event("closed").data("bye");
            return page.send_timeout(last, PATIENCE).await.ok();
        }
        // What is there already may be of long ago, when somebody looked last.
        frames.changed().await.ok()?;
        let frame = frames.borrow().clone();
        if version.replace(frame.version) != Some(frame.version) {
            let declared = Event::default().event("declared").data(&*frame.declared);
            page.send_timeout(declared, PATIENCE).await.ok()?;
        }
        let (newest, more) = stage.failures.after(failed);
        if newest > failed {
            failed = newest;
            let more = Event::default().event("failed").data(more.to_string());
            page.send_timeout(more, PATIENCE).await.ok()?;
        }
        let numbers = Event::default().event("numbers").data(&*frame.numbers);
        page.send_timeout(numbers, PATIENCE).await.ok()?;
    }
}

struct Events(mpsc::Receiver<Event>);

impl futures_core::Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
