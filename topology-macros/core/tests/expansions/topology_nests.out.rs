#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (split, ask, fast, slow, price, sum, sum, split, price);
};
/// Prices a basket: each item by whoever answers first, until it is small
/// enough.
///
///The topology `Basket`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Basket {}
#[allow(dead_code)]
impl Basket {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    pub const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        8,
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
    pub fn start() -> ::topology_runtime::Handle<Self> {
        ::topology_runtime::Handle::start(())
    }
}
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __split = split;
    type __ask = ask;
    type __fast = fast;
    type __slow = slow;
    type __price = price;
    type __sum = sum;
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_split: __wiring::Edge<__split>,
        split_to_ask: __wiring::Edge<__ask>,
        ask_to_fast: __wiring::Edge<__fast>,
        ask_to_slow: __wiring::Edge<__slow>,
        fast_to_price: __wiring::Finish<__wiring::Edge<__price>>,
        slow_to_price: __wiring::Finish<__wiring::Edge<__price>>,
        price_to_sum: __wiring::Collect<__wiring::Edge<__sum>>,
        sum_to_split: __wiring::Edge<__split>,
        sum_to_out: __wiring::Out<Basket>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Basket",
            steps: &[
                __wiring::StepSpec::of::<__split, __Depth>("split"),
                __wiring::StepSpec::of::<__ask, __Depth>("ask"),
                __wiring::StepSpec::of::<__fast, __Depth>("fast"),
                __wiring::StepSpec::of::<__slow, __Depth>("slow"),
                __wiring::StepSpec::of::<__price, __Depth>("price"),
                __wiring::StepSpec::of::<__sum, __Depth>("sum"),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "in",
                        "split",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(0),
                __wiring::EdgeSpec::new(
                        "split",
                        "ask",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(1)
                    .each(100, ::core::time::Duration::from_millis(10000)),
                __wiring::EdgeSpec::new(
                        "ask",
                        "fast",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(2),
                __wiring::EdgeSpec::new(
                        "ask",
                        "slow",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(3),
                __wiring::EdgeSpec::new(
                        "fast",
                        "price",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(4),
                __wiring::EdgeSpec::new(
                        "slow",
                        "price",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(4),
                __wiring::EdgeSpec::new(
                        "price",
                        "sum",
                        8,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(5),
                __wiring::EdgeSpec::new(
                        "sum",
                        "split",
                        80,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(0)
                    .back(__wiring::Back::new(7, 3, 0, &[], &[])),
                __wiring::EdgeSpec::new(
                    "sum",
                    "out",
                    8,
                    ::core::time::Duration::from_millis(1000),
                ),
            ],
            hops: &[
                __wiring::Hop::by_edge(0, 1, 0),
                __wiring::Hop::by_scope(1, 6, 1, ::core::option::Option::Some(6)),
                __wiring::Hop::by_edge(6, 7, 8),
            ],
            tables: &[
                __wiring::Table::scope::<
                    __ask,
                    <__price as __wiring::WorkflowStep>::Output,
                >(1, 0, &[1, 2, 3, 4, 5], &[1, 2, 3, 4, 0]),
            ],
            loops: &[
                __wiring::Loop::new(
                    1,
                    &[(6, 7)],
                    &[
                        (1, 2, ::core::option::Option::Some(1), false),
                        (2, 3, ::core::option::Option::Some(2), false),
                        (2, 4, ::core::option::Option::Some(3), false),
                        (3, 5, ::core::option::Option::Some(4), false),
                        (4, 5, ::core::option::Option::Some(5), false),
                        (5, 6, ::core::option::Option::Some(6), true),
                    ],
                    &[0, 1, 2, 3, 4, 5],
                ),
            ],
            boundaries: &[],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Basket {
        type Input = Order;
        type State = ();
        type End = ::topology_runtime::wiring::Always<Receipt>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Basket";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: Order\"])\n    s0[\"split\"]\n    s1[\"ask\"]\n    s2[\"fast\"]\n    s3[\"slow\"]\n    s4[\"price\"]\n    s5[\"sum\"]\n    out([\"out: Receipt\"])\n    s1_each{{\"each\"}} --> s1\n    s4_race{{\"^\"}} --> s4\n    s5_all{{\"all\"}} --> s5\n    s5 --> s5_match{\"match\"}\n    in -- \"8, 1s\" --> s0\n    s0 -- \"8, 1s, limit 100, within 10s\" --> s1_each\n    s1 -- \"8, 1s\" --> s2\n    s1 -- \"8, 1s\" --> s3\n    s2 -- \"8, 1s\" --> s4_race\n    s3 -- \"8, 1s\" --> s4_race\n    s4 -- \"8, 1s\" --> s5_all\n    s5_match -- \"Sum::Large(order)<br>80, 1s, rounds 3\" --> s0\n    s5_match -- \"Sum::Small(receipt)<br>8, 1s\" --> out\n";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            edges: &__Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_split.lane()])
        }
        fn enter(
            edges: &__Edges,
            message: Order,
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
        __split: __wiring::Takes<Order>,
        __split: __wiring::Step<()>,
        __wiring::Output<__split>: __wiring::Items<__ask>,
        __ask: __wiring::Step<()>,
        __ask: __wiring::Reactive,
        __fast: __wiring::Takes<__wiring::Output<__ask>>,
        __slow: __wiring::Takes<__wiring::Output<__ask>>,
        __wiring::Output<__ask>: __wiring::ForkClone,
        __fast: __wiring::Step<()>,
        __fast: __wiring::Reactive,
        __price: __wiring::Takes<__wiring::Output<__fast>>,
        __slow: __wiring::Step<()>,
        __slow: __wiring::Reactive,
        __price: __wiring::Takes<__wiring::Output<__slow>>,
        __price: __wiring::Step<()>,
        __price: __wiring::Reactive,
        __sum: __wiring::Takes<::std::vec::Vec<__wiring::Output<__price>>>,
        __sum: __wiring::Step<()>,
    {
        fn wire(wiring: &mut __wiring::Wiring<Basket>) -> ::std::sync::Arc<Self> {
            let split = wiring.queue::<__split>(0);
            let ask = wiring.queue::<__ask>(1);
            let fast = wiring.queue::<__fast>(2);
            let slow = wiring.queue::<__slow>(3);
            let price = wiring.queue::<__price>(4);
            let sum = wiring.queue::<__sum>(5);
            let edges = ::std::sync::Arc::new(Self {
                in_to_split: wiring.edge(0, &split),
                split_to_ask: wiring.edge(1, &ask),
                ask_to_fast: wiring.edge(2, &fast),
                ask_to_slow: wiring.edge(3, &slow),
                fast_to_price: wiring.finish(wiring.edge(4, &price)),
                slow_to_price: wiring.finish(wiring.edge(5, &price)),
                price_to_sum: wiring.collect(wiring.edge(6, &sum)),
                sum_to_split: wiring.edge(7, &split),
                sum_to_out: wiring.out(8),
            });
            price
                .otherwise(
                    __wiring::Otherwise::skip(&edges, |_, _| __wiring::Delivery::DONE),
                );
            wiring
                .task(split, &edges)
                .each(|edges, value, branch| {
                    __wiring::each(value)
                        .to(
                            &edges.split_to_ask,
                            branch,
                            edges.price_to_sum.gather::<__wiring::Output<__price>>(),
                        )
                });
            wiring
                .task(ask, &edges)
                .then(|edges, value, branch| {
                    let [arm_0, arm_1] = edges.fast_to_price.race(branch);
                    __wiring::offer(__wiring::ForkClone::fork_clone(&value))
                        .to(&edges.ask_to_fast, arm_0)
                        .and(__wiring::offer(value).to(&edges.ask_to_slow, arm_1))
                });
            wiring
                .task(fast, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_finish(&edges.fast_to_price, branch)
                });
            wiring
                .task(slow, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_finish(&edges.slow_to_price, branch)
                });
            wiring
                .task(price, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_all(&edges.price_to_sum, branch)
                });
            wiring
                .task(sum, &edges)
                .then(|edges, value, branch| match value {
                    Sum::Large(order) => {
                        __wiring::offer(order).to(&edges.sum_to_split, branch)
                    }
                    Sum::Small(receipt) => {
                        __wiring::offer(receipt).to_out(&edges.sum_to_out, branch)
                    }
                });
            edges
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __split: __wiring::Takes<Order>,
    {
        fn enter(&self, value: Order, branch: __wiring::Branch) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_split, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Receipt> for Basket {
        fn answer(answer: Receipt) -> Receipt {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Basket {
        type Input = Order;
        type Kept = Order;
        type Output = Receipt;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            8,
        >;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Basket",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<Order> for Basket {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Basket {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
    > ::topology_runtime::wiring::Step<__State> for Basket {
        fn own(
            _: &::topology_runtime::wiring::Lent<__State>,
        ) -> ::core::option::Option<Self::Own> {
            ::core::option::Option::Some(
                ::topology_runtime::wiring::Nested::start(
                    ::topology_runtime::wiring::Lent::new(()),
                ),
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
    impl ::topology_runtime::wiring::Reactive for Basket {}
    const _: () = __wiring::checked::nesting::<Basket>();
    const _: () = __wiring::checked::room::<Basket>(0, 0);
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
            { __wiring::hasty::<Basket>(&[(0, &[0]), (1, &[1]), (2, &[2]), (3, &[3])]) },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
        Edge::<Four0, Bit2>::hasty_edge;
        Edge::<Four0, Bit3>::hasty_edge;
        type Four1 = __wiring::Four<
            { __wiring::hasty::<Basket>(&[(4, &[4]), (5, &[4]), (6, &[5]), (7, &[0])]) },
        >;
        Edge::<Four1, Bit0>::hasty_edge;
        Edge::<Four1, Bit1>::hasty_edge;
        Edge::<Four1, Bit2>::hasty_edge;
        Edge::<Four1, Bit3>::hasty_edge;
    };
};
