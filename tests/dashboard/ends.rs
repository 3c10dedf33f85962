//! How it begins and ends.

use std::io::ErrorKind;

use tokio::net::TcpListener;
use topology_runtime::dashboard;

use crate::client::Events;
use crate::topologies::{Loading, Yard};

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = dashboard::serve(port).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn it_is_on_the_loopback_unless_somebody_says_otherwise() {
    let dashboard = dashboard::serve(0).await.unwrap();
    let address = dashboard.address();
    assert!(address.ip().is_loopback());
    assert_eq!(dashboard.url(), format!("http://{address}/"));
    let open = dashboard::serve(0).on([0, 0, 0, 0]).await.unwrap();
    assert!(open.address().ip().is_unspecified());
    assert!(open.url().starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn a_shutdown_ends_every_page_and_frees_the_port() {
    let loading = Loading::start(Yard::open());
    let dashboard = dashboard::serve(0)
        .topology("yard", &loading)
        .await
        .unwrap();
    let address = dashboard.address();
    let mut events = Events::of(&dashboard).await;
    events.first("numbers").await;
    dashboard.shutdown().await;
    assert!(ended(events).await);
    TcpListener::bind(address).await.unwrap();
}

#[tokio::test]
async fn one_that_is_dropped_ends_too() {
    let loading = Loading::start(Yard::open());
    let dashboard = dashboard::serve(0)
        .topology("yard", &loading)
        .await
        .unwrap();
    let mut events = Events::of(&dashboard).await;
    events.first("numbers").await;
    drop(dashboard);
    assert!(ended(events).await);
}

/// Whether the last thing that a page is told is that it was.
async fn ended(mut events: Events) -> bool {
    let mut last = None;
    while let Some((name, _)) = events.next().await {
        last = Some(name);
    }
    last.as_deref() == Some("closed")
}
