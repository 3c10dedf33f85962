#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (read, hash, sign, pack, hash, sign, pack, hash);
};
/// Hashes and packs, on threads of their own.
///
///The topology `Archive`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Archive {}
#[allow(dead_code)]
impl Archive {
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
    pub fn start() -> ::topology_runtime::Handle<Self> {
        ::topology_runtime::Handle::start(())
    }
}
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __read = read;
    type __hash = hash;
    type __sign = sign;
    type __pack = pack;
    const __THREADS_0: usize = ::topology_runtime::wiring::checked::threads(THREADS);
    const __CORES_0: ::topology_runtime::wiring::Cores = ::topology_runtime::wiring::checked::cores(
        ::topology_runtime::wiring::Cores::range(4, LAST),
        ::core::option::Option::Some(__THREADS_0),
    );
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_read: __wiring::Edge<__read>,
        read_to_hash: __wiring::Edge<__hash>,
        sign_to_pack: __wiring::Edge<__pack>,
        pack_to_out: __wiring::Out<Archive>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Archive",
            steps: &[
                __wiring::StepSpec::of::<__read, __Depth>("read"),
                __wiring::StepSpec::of::<__hash, __Depth>("hash").replicas(4).inside(0),
                __wiring::StepSpec::of::<__sign, __Depth>("sign").inside(0),
                __wiring::StepSpec::of::<__pack, __Depth>("pack").inside(1),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "in",
                        "read",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(0),
                __wiring::EdgeSpec::new(
                        "read",
                        "hash",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(1),
                __wiring::EdgeSpec::new(
                        "sign",
                        "pack",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(3),
                __wiring::EdgeSpec::new(
                    "pack",
                    "out",
                    16,
                    ::core::time::Duration::from_millis(60000),
                ),
            ],
            hops: &[
                __wiring::Hop::by_edge(0, 1, 0),
                __wiring::Hop::by_edge(1, 2, 1),
                __wiring::Hop::by_call(2, 3),
                __wiring::Hop::by_edge(3, 4, 2),
                __wiring::Hop::by_edge(4, 5, 3),
            ],
            tables: &[],
            loops: &[],
            boundaries: &[
                ::topology_runtime::wiring::BoundarySpec::thread("cpu")
                    .threads(__THREADS_0)
                    .stack_size(8388608)
                    .cores(__CORES_0),
                ::topology_runtime::wiring::BoundarySpec::thread("disk")
                    .named("archive")
                    .cores(::topology_runtime::wiring::Cores::list(&[0, 2]))
                    .within(0),
            ],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Archive {
        type Input = Order;
        type State = ();
        type End = ::topology_runtime::wiring::Always<Receipt>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Archive";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: Order\"])\n    s0[\"read\"]\n    subgraph b0[\"cpu: thread ×THREADS\"]\n        s1[\"hash ×4\"]\n        s2[\"sign\"]\n        subgraph b1[\"disk: thread\"]\n            s3[\"pack\"]\n        end\n    end\n    out([\"out: Receipt\"])\n    in -- \"16, 1min\" --> s0\n    s0 -- \"16, 1min\" --> s1\n    s1 ==> s2\n    s2 -- \"16, 1min\" --> s3\n    s3 -- \"16, 1min\" --> out\n";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            edges: &__Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_read.lane()])
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
        __read: __wiring::Takes<Order>,
        __read: __wiring::Step<()>,
        __hash: __wiring::Takes<__wiring::Output<__read>>,
        __hash: __wiring::Step<()>,
        __sign: __wiring::Takes<__wiring::Output<__hash>>,
        __sign: __wiring::Step<()>,
        __pack: __wiring::Takes<__wiring::Output<__sign>>,
        __pack: __wiring::Step<()>,
        Archive: __wiring::Answers<__wiring::Output<__pack>>,
    {
        fn wire(wiring: &mut __wiring::Wiring<Archive>) -> ::std::sync::Arc<Self> {
            let read = wiring.queue::<__read>(0);
            let hash = wiring.queue::<__hash>(1);
            let pack = wiring.queue::<__pack>(3);
            let edges = ::std::sync::Arc::new(Self {
                in_to_read: wiring.edge(0, &read),
                read_to_hash: wiring.edge(1, &hash),
                sign_to_pack: wiring.edge(2, &pack),
                pack_to_out: wiring.out(3),
            });
            wiring.task(read, &edges).to(&edges.read_to_hash);
            wiring
                .task(hash, &edges)
                .call::<__sign>(2, __wiring::Otherwise::fail())
                .to(&edges.sign_to_pack);
            wiring
                .task(pack, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.pack_to_out, branch)
                });
            edges
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __read: __wiring::Takes<Order>,
    {
        fn enter(&self, value: Order, branch: __wiring::Branch) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_read, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Receipt> for Archive {
        fn answer(answer: Receipt) -> Receipt {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Archive {
        type Input = Order;
        type Kept = Order;
        type Output = Receipt;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            6,
        >;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Archive",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<Order> for Archive {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Archive {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
    > ::topology_runtime::wiring::Step<__State> for Archive {
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
    impl ::topology_runtime::wiring::Reactive for Archive {}
    const _: () = __wiring::checked::nesting::<Archive>();
    const _: () = ::topology_runtime::wiring::checked::affinity();
    const _: () = ::topology_runtime::wiring::checked::member::<__hash>("hash", "cpu");
    const _: () = ::topology_runtime::wiring::checked::member::<__sign>("sign", "cpu");
    const _: () = ::topology_runtime::wiring::checked::member::<__pack>("pack", "disk");
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
            { __wiring::hasty::<Archive>(&[(0, &[0]), (1, &[1, 2]), (2, &[3])]) },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
        Edge::<Four0, Bit2>::hasty_edge;
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
        Replicas::<{ __wiring::is_stateful::<Archive>(&[1, 2]) }>::unkeyed_replicas;
    };
};
