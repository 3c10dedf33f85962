#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (check, settle, check, settle);
};
/// Keeps each account's orders in order, and asks no more than it may.
///
///The topology `Orders`: [`start`](Self::start) it.
#[allow(dead_code)]
struct Orders {}
#[allow(dead_code)]
impl Orders {
    /// The topology as a drawing.
    const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        4,
    >();
    /// The most memory that waiting messages can take, in bytes: on
    /// edges and at joins. What they hold on the heap is not counted.
    const QUEUE_BYTES: u64 = ::topology_runtime::wiring::queue_bytes::<Self>();
    /// Starts the topology on the current tokio runtime.
    ///
    /// Its steps run until the handle, and every clone of it, is drained or
    /// dropped.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, and in one without its timer.
    #[must_use = "a topology without a handle is drained at once"]
    fn start() -> ::topology_runtime::Handle<Self> {
        ::topology_runtime::Handle::start(())
    }
}
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __check = check;
    type __settle = settle;
    const _: () = __wiring::checked::keyed::<__check>();
    const __RATE_1: usize = ::topology_runtime::wiring::checked::rate(LIMIT);
    const _: () = __wiring::checked::keyed::<__settle>();
    const _: () = __wiring::checked::scaled::<Orders>(1, 8, &[1]);
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_check: __wiring::Edge<__check>,
        check_to_settle: __wiring::Edge<__settle>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Orders",
            steps: &[
                __wiring::StepSpec::of::<__check, __Depth>("check").replicas(4).keyed(),
                __wiring::StepSpec::of::<__settle, __Depth>("settle")
                    .replicas(8)
                    .at_least(1)
                    .keyed()
                    .rate(
                        __wiring::Rate::new(
                            __RATE_1,
                            ::core::time::Duration::from_secs(60),
                        ),
                    ),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "in",
                        "check",
                        64,
                        ::core::time::Duration::from_millis(10000),
                    )
                    .step(0),
                __wiring::EdgeSpec::new(
                        "check",
                        "settle",
                        64,
                        ::core::time::Duration::from_millis(10000),
                    )
                    .step(1),
            ],
            hops: &[__wiring::Hop::by_edge(0, 1, 0), __wiring::Hop::by_edge(1, 2, 1)],
            tables: &[],
            loops: &[],
            boundaries: &[],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Orders {
        type Input = Order;
        type State = ();
        type End = ::topology_runtime::wiring::Never;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Orders";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: Order\"])\n    s0[\"check ×4\"]\n    s1[\"settle ×1..=8 LIMIT/min\"]\n    in -- \"64, 10s\" --> s0\n    s0 -- \"64, 10s\" --> s1\n";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            edges: &__Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_check.lane()])
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
        __check: __wiring::Takes<Order>,
        __check: __wiring::Step<()>,
        __settle: __wiring::Takes<__wiring::Output<__check>>,
        __settle: __wiring::Step<()>,
        __settle: __wiring::Sink,
    {
        fn wire(wiring: &mut __wiring::Wiring<Orders>) -> ::std::sync::Arc<Self> {
            let check = wiring.queue::<__check>(0);
            let settle = wiring.queue::<__settle>(1);
            check
                .keyed(|order, hasher| ::core::hash::Hash::hash(
                    &(order.account),
                    hasher,
                ));
            settle
                .keyed(|Order { account, .. }, hasher| ::core::hash::Hash::hash(
                    &((account, 7)),
                    hasher,
                ));
            let edges = ::std::sync::Arc::new(Self {
                in_to_check: wiring.edge(0, &check),
                check_to_settle: wiring.edge(1, &settle),
            });
            wiring.task(check, &edges).to(&edges.check_to_settle);
            wiring.task(settle, &edges).ends();
            edges
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __check: __wiring::Takes<Order>,
    {
        fn enter(&self, value: Order, branch: __wiring::Branch) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_check, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Orders {
        type Input = Order;
        type Kept = Order;
        type Output = ();
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            4,
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
    impl ::topology_runtime::wiring::Takes<Order> for Orders {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Orders {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
    > ::topology_runtime::wiring::Step<__State> for Orders {
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
    impl ::topology_runtime::wiring::Sink for Orders {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for Orders {}
    const _: () = __wiring::checked::nesting::<Orders>();
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
            { __wiring::hasty::<Orders>(&[(0, &[0]), (1, &[1])]) },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
    };
};
