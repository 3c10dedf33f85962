//! The page, and who gets it.

use topology_runtime::dashboard;

use crate::client::{get, get_from};

#[tokio::test]
async fn the_page_brings_everything_it_needs() {
    let dashboard = dashboard::serve(0).await.unwrap();
    let page = get(&dashboard, "/").await;
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-type: text/html"));
    assert!(page.head.contains("default-src 'none'"));
    let mut wanted = vec!["page.js".to_owned()];
    wanted.extend(named(&page.body, "href=\""));
    let (mut seen, mut scripts) = (Vec::new(), 0);
    while let Some(file) = wanted.pop() {
        let kind = match file.rsplit_once('.') {
            Some((_, "js")) => "text/javascript",
            Some((_, "css")) => "text/css",
            _ => continue,
        };
        if seen.contains(&file) {
            continue;
        }
        let answer = get(&dashboard, &format!("/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(answer.head.contains(kind), "{}", answer.head);
        assert!(!answer.body.contains("https://"), "{file}");
        scripts += usize::from(kind == "text/javascript");
        wanted.extend(named(&answer.body, "from \"./"));
        seen.push(file);
    }
    assert!(scripts > 5, "{seen:?}");
    assert_eq!(get(&dashboard, "/nothing").await.status, 404);
}

/// What stands behind each of these, up to the next quotation mark.
fn named(text: &str, before: &str) -> Vec<String> {
    let pieces = text.split(before).skip(1);
    pieces
        .filter_map(|piece| Some(piece.split_once('"')?.0.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_name_of_elsewhere_is_refused() {
    let dashboard = dashboard::serve(0).host("desk.example").await.unwrap();
    let port = dashboard.address().port();
    for path in ["/", "/events", "/failures/1"] {
        for host in [
            "example.com".to_owned(),
            format!("example.com:{port}"),
            String::new(),
        ] {
            let answer = get_from(&dashboard, path, &host).await;
            assert_eq!(answer.status, 403, "{path} of {host:?}");
        }
    }
    for host in [
        format!("127.0.0.1:{port}"),
        "localhost".to_owned(),
        "desk.example".to_owned(),
    ] {
        assert_eq!(get_from(&dashboard, "/", &host).await.status, 200, "{host}");
    }
}
