/// Settles orders.
///
///The topology `Orders`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Orders {}
#[allow(dead_code)]
impl Orders {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::new(
        "Orders",
        "flowchart LR\n    in([\"in: RawOrder\"])\n    s0[\"parse\"]\n    s1[\"screen\"]\n    s2[\"settle\"]\n    s3[\"review\"]\n    s4[\"ledger\"]\n    s5[\"notify\"]\n    s6[\"summarise\"]\n    s7[\"report\"]\n    s8[\"quarantine\"]\n    out([\"out: Receipt?\"])\n    s1 --> s1_match{\"match\"}\n    s1_match -- \"Verdict::Duplicate\" --> s1_discard([\"discard\"])\n    s6_join{{\"&\"}} --> s6\n    in -- \"limits::ROOM, 2s\" --> s0\n    s0 -- \"limits::ROOM, 2s\" --> s1\n    s1_match -- \"Verdict::Clear(order) if order.is_small()<br>256, 2s\" --> s2\n    s1_match -- \"Verdict::Clear(order) | Verdict::Suspect(order)<br>16, 5s\" --> s3\n    s2 -- \"64, 1s\" --> s4\n    s3 -- \"64, 1s\" --> s4\n    s2 -- \"64, 1s\" --> s5\n    s3 -- \"64, 1s\" --> s5\n    s4 -- \"64, 1s\" --> s6_join\n    s5 -- \"64, 1s\" --> s6_join\n    s6 -- \"64, 1s\" --> out\n    s7 -- \"64, 1s\" --> out\n    s1 -. \"else instead: 4, 1s\" .-> s7\n    s0 -. \"else: 4, 1s, drop_oldest\" .-> s8\n",
    );
    /// Starts the topology on the current tokio runtime.
    ///
    /// Its steps run until the handle, and every clone of it, is drained or
    /// dropped.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, and in one without its timer.
    #[must_use = "a topology without a handle is drained at once"]
    pub fn start(state: App) -> ::topology_runtime::Handle<Self> {
        ::topology_runtime::Handle::start(state)
    }
}
const _: () = {
    /// The edges, by the steps they join.
    #[allow(unreachable_pub, clippy::module_name_repetitions)]
    pub struct __Edges {
        in_to_parse: ::topology_runtime::wiring::Edge<parse>,
        parse_to_screen: ::topology_runtime::wiring::Edge<screen>,
        screen_to_settle: ::topology_runtime::wiring::Edge<settle>,
        screen_to_review: ::topology_runtime::wiring::Edge<desk::review>,
        settle_to_ledger: ::topology_runtime::wiring::Edge<ledger>,
        review_to_ledger: ::topology_runtime::wiring::Edge<ledger>,
        settle_to_notify: ::topology_runtime::wiring::Edge<notify>,
        review_to_notify: ::topology_runtime::wiring::Edge<notify>,
        ledger_to_summarise: ::topology_runtime::wiring::Part<summarise, 0>,
        notify_to_summarise: ::topology_runtime::wiring::Part<summarise, 1>,
        summarise_to_out: ::topology_runtime::wiring::Out<Orders>,
        report_to_out: ::topology_runtime::wiring::Out<Orders>,
        screen_else_report: ::topology_runtime::wiring::Edge<report>,
        parse_else_quarantine: ::topology_runtime::wiring::Edge<quarantine>,
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Topology for Orders {
        type Input = RawOrder;
        type State = App;
        type End = ::topology_runtime::wiring::Maybe<Receipt>;
        type Edges = __Edges;
        const NAME: &'static str = "Orders";
        const STEPS: &'static [::topology_runtime::wiring::StepSpec] = &[
            ::topology_runtime::wiring::StepSpec::new("parse"),
            ::topology_runtime::wiring::StepSpec::new("screen"),
            ::topology_runtime::wiring::StepSpec::new("settle"),
            ::topology_runtime::wiring::StepSpec::new("review"),
            ::topology_runtime::wiring::StepSpec::new("ledger"),
            ::topology_runtime::wiring::StepSpec::new("notify"),
            ::topology_runtime::wiring::StepSpec::new("summarise"),
            ::topology_runtime::wiring::StepSpec::new("report"),
            ::topology_runtime::wiring::StepSpec::new("quarantine"),
        ];
        const EDGES: &'static [::topology_runtime::wiring::EdgeSpec] = &[
            ::topology_runtime::wiring::EdgeSpec::new(
                "in",
                "parse",
                limits::ROOM,
                ::core::time::Duration::from_millis(2000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "parse",
                "screen",
                limits::ROOM,
                ::core::time::Duration::from_millis(2000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "screen",
                "settle",
                256,
                ::core::time::Duration::from_millis(2000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "screen",
                "review",
                16,
                ::core::time::Duration::from_millis(5000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "settle",
                "ledger",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "review",
                "ledger",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "settle",
                "notify",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "review",
                "notify",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "ledger",
                "summarise",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "notify",
                "summarise",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "summarise",
                "out",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "report",
                "out",
                64,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "screen",
                "report",
                4,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                    "parse",
                    "quarantine",
                    4,
                    ::core::time::Duration::from_millis(1000),
                )
                .overflow(::topology_runtime::wiring::Overflow::DropOldest),
        ];
        fn wire(
            wiring: &mut ::topology_runtime::wiring::Wiring<Self>,
        ) -> ::std::sync::Arc<Self::Edges> {
            let parse = wiring.queue::<parse>(0);
            let screen = wiring.queue::<screen>(1);
            let settle = wiring.queue::<settle>(2);
            let review = wiring.queue::<desk::review>(3);
            let ledger = wiring.queue::<ledger>(4);
            let notify = wiring.queue::<notify>(5);
            let summarise = wiring.join::<summarise>(6);
            let report = wiring.queue::<report>(7);
            let quarantine = wiring.queue::<quarantine>(8);
            let edges = ::std::sync::Arc::new(__Edges {
                in_to_parse: wiring.edge(0, &parse),
                parse_to_screen: wiring.edge(1, &screen),
                screen_to_settle: wiring.edge(2, &settle),
                screen_to_review: wiring.edge(3, &review),
                settle_to_ledger: wiring.edge(4, &ledger),
                review_to_ledger: wiring.edge(5, &ledger),
                settle_to_notify: wiring.edge(6, &notify),
                review_to_notify: wiring.edge(7, &notify),
                ledger_to_summarise: wiring.part(8, &summarise),
                notify_to_summarise: wiring.part(9, &summarise),
                summarise_to_out: wiring.out(10),
                report_to_out: wiring.out(11),
                screen_else_report: wiring.edge(12, &report),
                parse_else_quarantine: wiring.edge(13, &quarantine),
            });
            parse
                .otherwise(
                    ::topology_runtime::wiring::Otherwise::step(
                        &edges,
                        |edges| &edges.parse_else_quarantine,
                    ),
                );
            screen
                .otherwise(
                    ::topology_runtime::wiring::Otherwise::instead(
                        &edges,
                        |edges| &edges.screen_else_report,
                    ),
                );
            settle.otherwise(::topology_runtime::wiring::Otherwise::fail());
            review.otherwise(::topology_runtime::wiring::Otherwise::fail());
            ledger.otherwise(::topology_runtime::wiring::Otherwise::fail());
            notify
                .otherwise(
                    ::topology_runtime::wiring::Otherwise::skip(
                        &edges,
                        |edges, branch| edges.notify_to_summarise.absent(branch),
                    ),
                );
            summarise.otherwise(::topology_runtime::wiring::Otherwise::fail());
            report.otherwise(::topology_runtime::wiring::Otherwise::fail());
            quarantine.otherwise(::topology_runtime::wiring::Otherwise::fail());
            wiring
                .task(parse, &edges)
                .then(|edges, value, branch| edges.parse_to_screen.offer(value, branch));
            wiring
                .task(screen, &edges)
                .then(|edges, value, branch| match value {
                    Verdict::Clear(order) if order.is_small() => {
                        edges.screen_to_settle.offer(order, branch)
                    }
                    Verdict::Clear(order) | Verdict::Suspect(order) => {
                        edges.screen_to_review.offer(order, branch)
                    }
                    Verdict::Duplicate => branch.discard(),
                });
            wiring
                .task(settle, &edges)
                .then(|edges, value, branch| {
                    edges
                        .settle_to_ledger
                        .offer(
                            ::topology_runtime::wiring::ForkClone::fork_clone(&value),
                            branch.fork(),
                        )
                        .and(edges.settle_to_notify.offer(value, branch))
                });
            wiring
                .task(review, &edges)
                .then(|edges, value, branch| {
                    edges
                        .review_to_ledger
                        .offer(
                            ::topology_runtime::wiring::ForkClone::fork_clone(&value),
                            branch.fork(),
                        )
                        .and(edges.review_to_notify.offer(value, branch))
                });
            wiring
                .task(ledger, &edges)
                .then(|edges, value, branch| {
                    edges.ledger_to_summarise.offer(value, branch)
                });
            wiring
                .task(notify, &edges)
                .then(|edges, value, branch| {
                    edges.notify_to_summarise.offer_optional(value, branch)
                });
            wiring
                .task(summarise, &edges)
                .then(|edges, value, branch| {
                    edges.summarise_to_out.offer(value, branch)
                });
            wiring
                .task(report, &edges)
                .then(|edges, value, branch| edges.report_to_out.offer(value, branch));
            wiring.task(quarantine, &edges).ends();
            edges
        }
        fn entrances(
            edges: &Self::Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_parse.lane()])
        }
        fn enter(
            edges: &Self::Edges,
            value: Self::Input,
            branch: ::topology_runtime::wiring::Branch,
        ) -> ::topology_runtime::wiring::Delivery {
            edges.in_to_parse.enter(value, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Receipt> for Orders {
        fn answer(answer: Receipt) -> Receipt {
            answer
        }
    }
    const _: () = ::topology_runtime::wiring::checked::capacity(limits::ROOM);
    const _: () = {
        #[allow(unused_imports)]
        use ::topology_runtime::wiring::BusyBoundary as _;
        let () = ::topology_runtime::wiring::Boundary::<parse, screen>::idle_boundary;
    };
};
