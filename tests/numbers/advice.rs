//! What the numbers of a run say about its drawing.

use topology_runtime::{Advice, Message, topology, workflow_step};

use crate::support::ms;

#[workflow_step(timeout = 1s)]
async fn enrich(number: u64) -> u64 {
    tokio::time::sleep(ms(8)).await;
    number
}

#[workflow_step]
fn tag(number: u64) -> u64 {
    number
}

#[workflow_step]
fn record(_number: u64) {}

topology! {
    Enriched<u64 -> !>;

    in -> enrich [capacity = 64, timeout = 2s];
    #[allow(idle_boundary, reason = "what it costs is seen in the numbers")]
    enrich -> tag -> record [capacity = 4, timeout = 1s];
    else fail;
}

/// Every 10 ms comes one that takes 8 ms, and nothing else takes any time.
#[tokio::test(start_paused = true)]
async fn a_run_tells_its_bottleneck_its_roomy_edge_and_its_idle_boundaries() {
    let enriched = Enriched::start();
    let mut pace = tokio::time::interval(ms(10));
    for number in 0..200 {
        pace.tick().await;
        enriched.send(Message::root(number)).await.expect("room");
    }
    pace.tick().await;

    let advice = enriched.snapshot().advice();
    let texts: Vec<_> = advice.iter().map(ToString::to_string).collect();
    let firsts: Vec<_> = texts
        .iter()
        .map(|text| text.lines().next().unwrap())
        .collect();
    assert_eq!(
        firsts,
        [
            "step `enrich` is the bottleneck",
            "edge `in -> enrich` is larger than it needs",
            "the edge to `tag` costs more than what is behind it",
            "the edge to `record` costs more than what is behind it",
        ]
    );
    let Advice::Bottleneck {
        utilisation,
        rate,
        enough,
        ..
    } = advice[0]
    else {
        panic!("{texts:#?}");
    };
    assert!((0.7..=0.9).contains(&utilisation), "{utilisation}");
    assert!((rate - 100.0).abs() < 1e-6, "{rate}");
    assert_eq!(enough, 2);
    assert!(
        texts[1].contains("64 places, of which 1 were taken at most"),
        "{}",
        texts[1]
    );
}
