#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (store, store, store);
};
/// Stores rows, many at once.
///
///The topology `Store`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Store {}
#[allow(dead_code)]
impl Store {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    pub const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        3,
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
    pub fn start(state: Db) -> ::topology_runtime::Handle<Self> {
        ::topology_runtime::Handle::start(state)
    }
}
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __store = __wiring::Batched<store>;
    const __LINGER_0: ::core::time::Duration = ::topology_runtime::wiring::checked::timeout(
        LINGER,
    );
    const _: () = __wiring::checked::batch_fits(
        64,
        256,
        __LINGER_0,
        ::core::time::Duration::from_millis(2000),
    );
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_store: __wiring::Edge<__store>,
        store_to_out: __wiring::Out<Store>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Store",
            steps: &[
                __wiring::StepSpec::of::<__store, __Depth>("store")
                    .replicas(2)
                    .batch(64, __LINGER_0),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "in",
                        "store",
                        256,
                        ::core::time::Duration::from_millis(2000),
                    )
                    .step(0),
                __wiring::EdgeSpec::new(
                    "store",
                    "out",
                    256,
                    ::core::time::Duration::from_millis(1000),
                ),
            ],
            hops: &[__wiring::Hop::by_edge(0, 1, 0), __wiring::Hop::by_edge(1, 2, 1)],
            tables: &[],
            loops: &[],
            boundaries: &[],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Store {
        type Input = Row;
        type State = Db;
        type End = ::topology_runtime::wiring::Always<Stored>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Store";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: Row\"])\n    s0[\"store ×2\"]\n    out([\"out: Stored\"])\n    in -- \"256, 2s, batch 64, linger LINGER\" --> s0\n    s0 -- \"256, 1s\" --> out\n";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            edges: &__Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_store.lane()])
        }
        fn enter(
            edges: &__Edges,
            message: Row,
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
        __store: __wiring::Takes<Row>,
        Db: ::core::marker::Send + ::core::marker::Sync,
        store: __wiring::Batches,
        store: __wiring::Step<Db>,
        Store: __wiring::Answers<__wiring::Output<__store>>,
    {
        fn wire(wiring: &mut __wiring::Wiring<Store>) -> ::std::sync::Arc<Self> {
            let store = wiring.queue::<__store>(0);
            let edges = ::std::sync::Arc::new(Self {
                in_to_store: wiring.edge(0, &store),
                store_to_out: wiring.out(1),
            });
            wiring
                .batch_task::<store>(store, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.store_to_out, branch)
                });
            edges
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __store: __wiring::Takes<Row>,
    {
        fn enter(&self, value: Row, branch: __wiring::Branch) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_store, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Stored> for Store {
        fn answer(answer: Stored) -> Stored {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Store {
        type Input = Row;
        type Kept = Row;
        type Output = Stored;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            3,
        >;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Store",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<Row> for Store {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Store {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static
            + ::topology_runtime::wiring::Provide<Db>,
    > ::topology_runtime::wiring::Step<__State> for Store {
        fn own(
            state: &::topology_runtime::wiring::Lent<__State>,
        ) -> ::core::option::Option<Self::Own> {
            ::core::option::Option::Some(
                ::topology_runtime::wiring::Nested::start(state.part::<Db>()),
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
    impl ::topology_runtime::wiring::Reactive for Store {}
    const _: () = __wiring::checked::nesting::<Store>();
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
        type Four0 = __wiring::Four<{ __wiring::hasty::<Store>(&[(0, &[0])]) }>;
        Edge::<Four0, Bit0>::hasty_edge;
    };
    #[allow(unused_imports, dead_code, path_statements, non_upper_case_globals)]
    const _: () = {
        use __wiring::AlikeReplicas as _;
        struct Replicas<const ARE_STATEFUL: bool>;
        impl Replicas<true> {
            #[deprecated(
                note = "each replica of a stateful step has a state of its own, and without a key a message comes to any of them (rule `unkeyed_replicas`)"
            )]
            const unkeyed_replicas: () = ();
        }
        Replicas::<{ __wiring::is_stateful::<Store>(&[0]) }>::unkeyed_replicas;
    };
};
