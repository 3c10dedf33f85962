#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (orders, parse, settle, audits, settle, settle, orders);
};
/// Takes orders in.
///
///The topology `Intake`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Intake {}
#[allow(dead_code)]
impl Intake {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    pub const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        6,
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
    type __orders = orders;
    type __parse = parse;
    type __settle = settle;
    type __audits = audits;
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        orders_to_parse: __wiring::Edge<__parse>,
        parse_to_settle: __wiring::Edge<__settle>,
        audits_to_settle: __wiring::Edge<__settle>,
        settle_to_out: __wiring::Out<Intake>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Intake",
            steps: &[
                __wiring::StepSpec::of::<__orders, __Depth>("orders"),
                __wiring::StepSpec::of::<__parse, __Depth>("parse"),
                __wiring::StepSpec::of::<__settle, __Depth>("settle"),
                __wiring::StepSpec::of::<__audits, __Depth>("audits"),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "orders",
                        "parse",
                        16,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(1),
                __wiring::EdgeSpec::new(
                        "parse",
                        "settle",
                        16,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(2),
                __wiring::EdgeSpec::new(
                        "audits",
                        "settle",
                        4,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(2),
                __wiring::EdgeSpec::new(
                    "settle",
                    "out",
                    16,
                    ::core::time::Duration::from_millis(1000),
                ),
            ],
            hops: &[
                __wiring::Hop::by_edge(1, 2, 0),
                __wiring::Hop::by_edge(2, 3, 1),
                __wiring::Hop::by_edge(4, 3, 2),
                __wiring::Hop::by_edge(3, 5, 3),
            ],
            tables: &[],
            loops: &[],
            boundaries: &[],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Intake {
        type Input = ::topology_runtime::wiring::NoInput;
        type State = App;
        type End = ::topology_runtime::wiring::Maybe<Receipt>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Intake";
        const MERMAID: &'static str = "flowchart LR\n    s0([\"orders\"])\n    s1[\"parse\"]\n    s2[\"settle\"]\n    s3([\"audits\"])\n    out([\"out: Receipt?\"])\n    s3 --> s3_match{\"match\"}\n    s3_match -- \"Audit::Done\" --> s3_discard([\"discard\"])\n    s0 -- \"16, 1s\" --> s1\n    s1 -- \"16, 1s\" --> s2\n    s3_match -- \"Audit::Due(order)<br>4, 1s\" --> s2\n    s2 -- \"16, 1s\" --> out\n";
        const HAS_IN: bool = false;
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            _: &Self::Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::new()
        }
        fn enter(
            _: &Self::Edges,
            message: ::topology_runtime::wiring::NoInput,
            _: ::topology_runtime::wiring::Branch,
        ) -> ::topology_runtime::wiring::Delivery {
            match message {}
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        App: ::core::marker::Send + ::core::marker::Sync,
        __orders: __wiring::Source<App>,
        __parse: __wiring::Takes<__wiring::Output<__orders>>,
        __parse: __wiring::Step<App>,
        __settle: __wiring::Takes<__wiring::Output<__parse>>,
        __settle: __wiring::Step<App>,
        Intake: __wiring::Answers<__wiring::Output<__settle>>,
        __audits: __wiring::Source<App>,
    {
        fn wire(wiring: &mut __wiring::Wiring<Intake>) -> ::std::sync::Arc<Self> {
            let parse = wiring.queue::<__parse>(1);
            let settle = wiring.queue::<__settle>(2);
            let edges = ::std::sync::Arc::new(Self {
                orders_to_parse: wiring.edge(0, &parse),
                parse_to_settle: wiring.edge(1, &settle),
                audits_to_settle: wiring.edge(2, &settle),
                settle_to_out: wiring.out(3),
            });
            wiring
                .source::<__orders>(0, &edges)
                .onto([edges.orders_to_parse.lane()])
                .aborts()
                .then(|edges, value, branch| {
                    __wiring::offer(value).entering(&edges.orders_to_parse, branch)
                });
            wiring.task(parse, &edges).to(&edges.parse_to_settle);
            wiring
                .source::<__audits>(3, &edges)
                .then(|edges, value, branch| match value {
                    Audit::Due(order) => {
                        __wiring::offer(order).to(&edges.audits_to_settle, branch)
                    }
                    Audit::Done => branch.discard(),
                });
            wiring
                .task(settle, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.settle_to_out, branch)
                });
            edges
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Receipt> for Intake {
        fn answer(answer: Receipt) -> Receipt {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Intake {
        type Input = ::topology_runtime::wiring::NoInput;
        type Kept = ::topology_runtime::wiring::NoInput;
        type Output = ::core::option::Option<Receipt>;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ();
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Intake",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl<
        __Message: ::topology_runtime::wiring::Around<Intake>,
    > ::topology_runtime::wiring::Takes<__Message> for Intake {
        type By = ::topology_runtime::wiring::NotAtAll;
    }
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Step<__State> for Intake {
        async fn run(
            _: Self::Input,
            _: &::topology_runtime::wiring::Lent<__State>,
            _: &::topology_runtime::wiring::StepContext,
            _: &mut ::core::option::Option<Self::Own>,
        ) -> ::topology_runtime::wiring::Attempted<Self::Output> {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl<
        __State: ::topology_runtime::wiring::Around<Intake>,
    > ::topology_runtime::wiring::Source<__State> for Intake {
        type Brought = ::core::option::Option<Receipt>;
        fn open(
            _: &::topology_runtime::wiring::Lent<__State>,
        ) -> impl ::topology_runtime::wiring::Stream<
            Item = Self::Brought,
        > + ::core::marker::Send {
            ::topology_runtime::wiring::Dry::default()
        }
        fn begin(
            brought: Self::Brought,
        ) -> ::topology_runtime::wiring::Item<Self::Output> {
            ::topology_runtime::wiring::Item::plain(brought)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for Intake {}
    const _: () = __wiring::checked::nesting::<Intake>();
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
            { __wiring::hasty::<Intake>(&[(0, &[1]), (1, &[2]), (2, &[2])]) },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
        Edge::<Four0, Bit2>::hasty_edge;
    };
};
