#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (
        desk::review,
        desk::review,
        parse,
        screen,
        screen,
        settle,
        desk::review,
        settle,
        desk::review,
        ledger,
        notify,
        summarise,
        summarise,
        report,
        notify,
        screen,
        report,
        parse,
        quarantine,
        report,
        quarantine,
    );
};
/// Settles orders.
///
///The topology `Orders`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Orders {}
#[allow(dead_code)]
impl Orders {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    pub const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        11,
    >();
    /// The most memory that waiting messages can take, in bytes: on
    /// edges and at joins. What they hold on the heap is not counted.
    pub const QUEUE_BYTES: u64 = ::topology_runtime::wiring::queue_bytes::<Self>();
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
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __parse = parse;
    type __screen = screen;
    type __settle = settle;
    type __review = desk::review;
    type __ledger = ledger;
    type __notify = notify;
    type __summarise = summarise;
    type __report = report;
    type __quarantine = quarantine;
    const __CAPACITY_0: usize = ::topology_runtime::wiring::checked::capacity(
        limits::ROOM,
    );
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_parse: __wiring::Edge<__parse>,
        parse_to_screen: __wiring::Edge<__screen>,
        screen_to_settle: __wiring::Edge<__settle>,
        screen_to_review: __wiring::Edge<__review>,
        settle_to_ledger: __wiring::Edge<__ledger>,
        review_to_ledger: __wiring::Edge<__ledger>,
        settle_to_notify: __wiring::Edge<__notify>,
        review_to_notify: __wiring::Edge<__notify>,
        ledger_to_summarise: __wiring::Part<__summarise, 0>,
        notify_to_summarise: __wiring::Part<__summarise, 1>,
        summarise_to_out: __wiring::Out<Orders>,
        report_to_out: __wiring::Out<Orders>,
        screen_else_report: __wiring::Edge<__report>,
        parse_else_quarantine: __wiring::Edge<__quarantine>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Orders",
            steps: &[
                __wiring::StepSpec::of::<__parse, __Depth>("parse"),
                __wiring::StepSpec::of::<__screen, __Depth>("screen"),
                __wiring::StepSpec::of::<__settle, __Depth>("settle"),
                __wiring::StepSpec::of::<__review, __Depth>("review"),
                __wiring::StepSpec::of::<__ledger, __Depth>("ledger"),
                __wiring::StepSpec::of::<__notify, __Depth>("notify"),
                __wiring::StepSpec::of::<__summarise, __Depth>("summarise"),
                __wiring::StepSpec::of::<__report, __Depth>("report"),
                __wiring::StepSpec::of::<__quarantine, __Depth>("quarantine"),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "in",
                        "parse",
                        __CAPACITY_0,
                        ::core::time::Duration::from_millis(2000),
                    )
                    .step(0),
                __wiring::EdgeSpec::new(
                        "parse",
                        "screen",
                        __CAPACITY_0,
                        ::core::time::Duration::from_millis(2000),
                    )
                    .step(1),
                __wiring::EdgeSpec::new(
                        "screen",
                        "settle",
                        256,
                        ::core::time::Duration::from_millis(2000),
                    )
                    .step(2),
                __wiring::EdgeSpec::new(
                        "screen",
                        "review",
                        16,
                        ::core::time::Duration::from_millis(5000),
                    )
                    .step(3),
                __wiring::EdgeSpec::new(
                        "settle",
                        "ledger",
                        64,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(4),
                __wiring::EdgeSpec::new(
                        "review",
                        "ledger",
                        64,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(4),
                __wiring::EdgeSpec::new(
                        "settle",
                        "notify",
                        64,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(5),
                __wiring::EdgeSpec::new(
                        "review",
                        "notify",
                        64,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(5),
                __wiring::EdgeSpec::new(
                        "ledger",
                        "summarise",
                        64,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(6),
                __wiring::EdgeSpec::new(
                        "notify",
                        "summarise",
                        64,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(6),
                __wiring::EdgeSpec::new(
                    "summarise",
                    "out",
                    64,
                    ::core::time::Duration::from_millis(1000),
                ),
                __wiring::EdgeSpec::new(
                    "report",
                    "out",
                    64,
                    ::core::time::Duration::from_millis(1000),
                ),
                __wiring::EdgeSpec::new(
                        "screen",
                        "report",
                        4,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(7),
                __wiring::EdgeSpec::new(
                        "parse",
                        "quarantine",
                        4,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(8)
                    .overflow(__wiring::Overflow::DropOldest),
            ],
            hops: &[
                __wiring::Hop::by_edge(0, 1, 0),
                __wiring::Hop::by_edge(1, 2, 1),
                __wiring::Hop::by_edge(1, 9, 13),
                __wiring::Hop::by_edge(2, 3, 2),
                __wiring::Hop::by_edge(2, 4, 3),
                __wiring::Hop::by_edge(2, 8, 12),
                __wiring::Hop::by_edge(3, 5, 4),
                __wiring::Hop::by_edge(3, 6, 6),
                __wiring::Hop::by_edge(4, 5, 5),
                __wiring::Hop::by_edge(4, 6, 7),
                __wiring::Hop::by_edge(5, 7, 8),
                __wiring::Hop::by_edge(6, 7, 9),
                __wiring::Hop::by_edge(7, 10, 10),
                __wiring::Hop::by_edge(8, 10, 11),
            ],
            tables: &[
                __wiring::Table::of::<__summarise>(&[4, 5, 6, 7, 8, 9], &[2, 3, 4, 5]),
            ],
            loops: &[],
            boundaries: &[],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Orders {
        type Input = RawOrder;
        type State = App;
        type End = ::topology_runtime::wiring::Maybe<Receipt>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Orders";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: RawOrder\"])\n    s0[\"parse\"]\n    s1[\"screen\"]\n    s2[\"settle\"]\n    s3[\"review\"]\n    s4[\"ledger\"]\n    s5[\"notify\"]\n    s6[\"summarise\"]\n    s7[\"report\"]\n    s8[\"quarantine\"]\n    out([\"out: Receipt?\"])\n    s1 --> s1_match{\"match\"}\n    s1_match -- \"Verdict::Duplicate\" --> s1_discard([\"discard\"])\n    s6_join{{\"&\"}} --> s6\n    in -- \"limits::ROOM, 2s\" --> s0\n    s0 -- \"limits::ROOM, 2s\" --> s1\n    s1_match -- \"Verdict::Clear(order) if order.is_small()<br>256, 2s\" --> s2\n    s1_match -- \"Verdict::Clear(order) | Verdict::Suspect(order)<br>16, 5s\" --> s3\n    s2 -- \"64, 1s\" --> s4\n    s3 -- \"64, 1s\" --> s4\n    s2 -- \"64, 1s\" --> s5\n    s3 -- \"64, 1s\" --> s5\n    s4 -- \"64, 1s\" --> s6_join\n    s5 -- \"64, 1s\" --> s6_join\n    s6 -- \"64, 1s\" --> out\n    s7 -- \"64, 1s\" --> out\n    s1 -. \"else instead: 4, 1s\" .-> s7\n    s0 -. \"else: 4, 1s, drop_oldest\" .-> s8\n";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            edges: &__Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_parse.lane()])
        }
        fn enter(
            edges: &__Edges,
            message: RawOrder,
            branch: ::topology_runtime::wiring::Branch,
        ) -> ::topology_runtime::wiring::Delivery {
            #[allow(unused_imports)]
            use ::topology_runtime::wiring::Unwired as _;
            edges.enter(message, branch)
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __parse: __wiring::Takes<RawOrder>,
        App: ::core::marker::Send + ::core::marker::Sync,
        __parse: __wiring::Step<App>,
        __screen: __wiring::Takes<__wiring::Output<__parse>>,
        <__quarantine as __wiring::WorkflowStep>::Input: __wiring::FromFailure<
            <__parse as __wiring::WorkflowStep>::Kept,
            <__parse as __wiring::WorkflowStep>::Input,
        >,
        __screen: __wiring::Step<App>,
        <__report as __wiring::WorkflowStep>::Input: __wiring::FromFailure<
            <__screen as __wiring::WorkflowStep>::Kept,
            <__screen as __wiring::WorkflowStep>::Input,
        >,
        __settle: __wiring::Step<App>,
        __ledger: __wiring::Takes<__wiring::Output<__settle>>,
        __notify: __wiring::Takes<__wiring::Output<__settle>>,
        __wiring::Output<__settle>: __wiring::ForkClone,
        __review: __wiring::Step<App>,
        __ledger: __wiring::Takes<__wiring::Output<__review>>,
        __notify: __wiring::Takes<__wiring::Output<__review>>,
        __wiring::Output<__review>: __wiring::ForkClone,
        __ledger: __wiring::Step<App>,
        __ledger: __wiring::Reactive,
        __summarise: __wiring::TakesPart<0, __wiring::Output<__ledger>>,
        __notify: __wiring::Step<App>,
        __notify: __wiring::Reactive,
        __summarise: __wiring::TakesSkippable<1, __wiring::Output<__notify>>,
        __summarise: __wiring::Step<App>,
        __summarise: __wiring::Joins<2>,
        Orders: __wiring::Answers<__wiring::Output<__summarise>>,
        __report: __wiring::Step<App>,
        Orders: __wiring::Answers<__wiring::Output<__report>>,
        __quarantine: __wiring::Step<App>,
        __quarantine: __wiring::Sink,
    {
        fn wire(wiring: &mut __wiring::Wiring<Orders>) -> ::std::sync::Arc<Self> {
            let parse = wiring.queue::<__parse>(0);
            let screen = wiring.queue::<__screen>(1);
            let settle = wiring.queue::<__settle>(2);
            let review = wiring.queue::<__review>(3);
            let ledger = wiring.queue::<__ledger>(4);
            let notify = wiring.queue::<__notify>(5);
            let summarise = wiring.queue::<__summarise>(6);
            let report = wiring.queue::<__report>(7);
            let quarantine = wiring.queue::<__quarantine>(8);
            let edges = ::std::sync::Arc::new(Self {
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
                    __wiring::Otherwise::<
                        __parse,
                    >::step::<
                        _,
                        __quarantine,
                    >(&edges, |edges| &edges.parse_else_quarantine),
                );
            screen
                .otherwise(
                    __wiring::Otherwise::<
                        __screen,
                    >::instead::<_, __report>(&edges, |edges| &edges.screen_else_report),
                );
            notify
                .otherwise(
                    __wiring::Otherwise::skip(
                        &edges,
                        |edges, branch| edges.notify_to_summarise.absent(branch),
                    ),
                );
            wiring.task(parse, &edges).to(&edges.parse_to_screen);
            wiring
                .task(screen, &edges)
                .then(|edges, value, branch| match value {
                    Verdict::Clear(order) if order.is_small() => {
                        __wiring::offer(order).to(&edges.screen_to_settle, branch)
                    }
                    Verdict::Clear(order) | Verdict::Suspect(order) => {
                        __wiring::offer(order).to(&edges.screen_to_review, branch)
                    }
                    Verdict::Duplicate => branch.discard(),
                });
            wiring
                .task(settle, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(__wiring::ForkClone::fork_clone(&value))
                        .to(&edges.settle_to_ledger, branch.fork())
                        .and(__wiring::offer(value).to(&edges.settle_to_notify, branch))
                });
            wiring
                .task(review, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(__wiring::ForkClone::fork_clone(&value))
                        .to(&edges.review_to_ledger, branch.fork())
                        .and(__wiring::offer(value).to(&edges.review_to_notify, branch))
                });
            wiring
                .task(ledger, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_join(&edges.ledger_to_summarise, branch)
                });
            wiring
                .task(notify, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value)
                        .to_join_optional(&edges.notify_to_summarise, branch)
                });
            wiring
                .task(summarise, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.summarise_to_out, branch)
                });
            wiring
                .task(report, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.report_to_out, branch)
                });
            wiring.task(quarantine, &edges).ends();
            edges
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __parse: __wiring::Takes<RawOrder>,
    {
        fn enter(
            &self,
            value: RawOrder,
            branch: __wiring::Branch,
        ) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_parse, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Receipt> for Orders {
        fn answer(answer: Receipt) -> Receipt {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Orders {
        type Input = RawOrder;
        type Kept = RawOrder;
        type Output = ::core::option::Option<Receipt>;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            11,
        >;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Orders",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<RawOrder> for Orders {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Orders {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static
            + ::topology_runtime::wiring::Provide<App>,
    > ::topology_runtime::wiring::Step<__State> for Orders {
        fn own(
            state: &::topology_runtime::wiring::Lent<__State>,
        ) -> ::core::option::Option<Self::Own> {
            ::core::option::Option::Some(
                ::topology_runtime::wiring::Nested::start(state.part::<App>()),
            )
        }
        fn nested(
            own: &mut Self::Own,
        ) -> ::core::option::Option<&mut dyn ::topology_runtime::wiring::Inner> {
            ::core::option::Option::Some(own)
        }
        fn run(
            message: Self::Input,
            _: &::topology_runtime::wiring::Lent<__State>,
            context: &::topology_runtime::wiring::StepContext,
            own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            ::topology_runtime::wiring::Nested::send(own, message, context)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for Orders {}
    const _: () = __wiring::checked::nesting::<Orders>();
    #[allow(unused_imports, dead_code, path_statements, non_upper_case_globals)]
    const _: () = {
        use __wiring::BusyBoundary as _;
        struct Boundary<A, B>(::core::marker::PhantomData<(A, B)>);
        impl<A: __wiring::Inline, B: __wiring::Inline> Boundary<A, B> {
            #[deprecated(
                note = "the queue between two inline steps costs more than both: `>>` in place of `->` would do (rule `idle_boundary`)"
            )]
            const idle_boundary: () = ();
        }
        Boundary::<__parse, __screen>::idle_boundary;
    };
    #[allow(unused_imports, dead_code, path_statements, non_upper_case_globals)]
    const _: () = {
        use __wiring::{Bit0, Bit1, Bit2, Bit3, PatientEdge as _};
        struct Edge<Four, Place>(::core::marker::PhantomData<(Four, Place)>);
        impl<Four: __wiring::Hasty<Place>, Place> Edge<Four, Place> {
            #[deprecated(
                note = "the edge's timeout is shorter than its step may work on one message: what waits behind a slow one fails (rule `hasty_edge`)"
            )]
            const hasty_edge: () = ();
        }
        type Four0 = __wiring::Four<
            { __wiring::hasty::<Orders>(&[(0, &[0]), (1, &[1]), (2, &[2]), (3, &[3])]) },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
        Edge::<Four0, Bit2>::hasty_edge;
        Edge::<Four0, Bit3>::hasty_edge;
        type Four1 = __wiring::Four<
            { __wiring::hasty::<Orders>(&[(4, &[4]), (5, &[4]), (6, &[5]), (7, &[5])]) },
        >;
        Edge::<Four1, Bit0>::hasty_edge;
        Edge::<Four1, Bit1>::hasty_edge;
        Edge::<Four1, Bit2>::hasty_edge;
        Edge::<Four1, Bit3>::hasty_edge;
        type Four2 = __wiring::Four<
            { __wiring::hasty::<Orders>(&[(8, &[6]), (9, &[6])]) },
        >;
        Edge::<Four2, Bit0>::hasty_edge;
        Edge::<Four2, Bit1>::hasty_edge;
    };
};
