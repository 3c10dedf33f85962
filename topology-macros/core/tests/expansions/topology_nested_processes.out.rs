#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (read, unpack, look, pack, unpack, look, pack);
};
/// Opens archives in a process, and what is in them in another.
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
    /// Runs a boundary of this topology that is a process, in the process that
    /// was started for it: call it first thing in `main`.
    ///
    /// A topology starts its own program again for each such boundary. There,
    /// this runs the steps of the boundary, and never returns; everywhere else
    /// it returns at once.
    pub fn run_if_child() {
        ::topology_runtime::wiring::run_if_child::<Self>(|| ());
    }
}
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __read = read;
    type __unpack = unpack;
    type __look = look;
    type __pack = pack;
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_read: __wiring::Edge<__read>,
        read_to_unpack: __wiring::Edge<__unpack>,
        unpack_to_look: __wiring::Edge<__look>,
        look_to_pack: __wiring::Edge<__pack>,
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
                __wiring::StepSpec::of::<__unpack, __Depth>("unpack").inside(1),
                __wiring::StepSpec::of::<__look, __Depth>("look").inside(2),
                __wiring::StepSpec::of::<__pack, __Depth>("pack").inside(3),
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
                        "unpack",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(1),
                __wiring::EdgeSpec::new(
                        "unpack",
                        "look",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(2),
                __wiring::EdgeSpec::new(
                        "look",
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
                __wiring::Hop::by_edge(2, 3, 2),
                __wiring::Hop::by_edge(3, 4, 3),
                __wiring::Hop::by_edge(4, 5, 4),
            ],
            tables: &[],
            loops: &[],
            boundaries: &[
                ::topology_runtime::wiring::BoundarySpec::thread("group")
                    .restart(3, ::core::time::Duration::from_millis(60000))
                    .strategy(::topology_runtime::wiring::Strategy::OneForAll),
                ::topology_runtime::wiring::BoundarySpec::process("outer")
                    .restart(5, ::core::time::Duration::from_millis(60000))
                    .within(0),
                ::topology_runtime::wiring::BoundarySpec::process("inner")
                    .restart(2, ::core::time::Duration::from_millis(1000))
                    .within(1),
                ::topology_runtime::wiring::BoundarySpec::process("books").within(0),
            ],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Archive {
        type Input = Packed;
        type State = ();
        type End = ::topology_runtime::wiring::Always<Receipt>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Archive";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: Packed\"])\n    s0[\"read\"]\n    subgraph b0[\"group: thread\"]\n        subgraph b1[\"outer: process\"]\n            s1[\"unpack\"]\n            subgraph b2[\"inner: process\"]\n                s2[\"look\"]\n            end\n        end\n        subgraph b3[\"books: process\"]\n            s3[\"pack\"]\n        end\n    end\n    out([\"out: Receipt\"])\n    in -- \"16, 1min\" --> s0\n    s0 -- \"16, 1min\" --> s1\n    s1 -- \"16, 1min\" --> s2\n    s2 -- \"16, 1min\" --> s3\n    s3 -- \"16, 1min\" --> out\n";
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
            message: Packed,
            branch: ::topology_runtime::wiring::Branch,
        ) -> ::topology_runtime::wiring::Delivery {
            #[allow(unused_imports)]
            use ::topology_runtime::wiring::Unwired as _;
            edges.enter(message, branch)
        }
        fn host(host: &mut ::topology_runtime::wiring::Host<Self>) {
            #[allow(unused_imports)]
            use ::topology_runtime::wiring::Unwired as _;
            __Edges::host(host);
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __read: __wiring::Takes<Packed>,
        __read: __wiring::Step<()>,
        __unpack: __wiring::Takes<__wiring::Output<__read>>,
        __unpack: __wiring::Step<()>,
        __look: __wiring::Takes<__wiring::Output<__unpack>>,
        <__unpack as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__unpack>: __wiring::Crosses,
        __look: __wiring::Step<()>,
        __pack: __wiring::Takes<__wiring::Output<__look>>,
        <__look as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__look>: __wiring::Crosses,
        __pack: __wiring::Step<()>,
        Archive: __wiring::Answers<__wiring::Output<__pack>>,
        <__pack as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__pack>: __wiring::Crosses,
    {
        fn wire(wiring: &mut __wiring::Wiring<Archive>) -> ::std::sync::Arc<Self> {
            let read = wiring.queue::<__read>(0);
            let unpack = wiring.queue::<__unpack>(1);
            let look = wiring.queue::<__look>(2);
            let pack = wiring.queue::<__pack>(3);
            let edges = ::std::sync::Arc::new(Self {
                in_to_read: wiring.edge(0, &read),
                read_to_unpack: wiring.edge(1, &unpack),
                unpack_to_look: wiring.edge(2, &look),
                look_to_pack: wiring.edge(3, &pack),
                pack_to_out: wiring.out(4),
            });
            wiring.task(read, &edges).to(&edges.read_to_unpack);
            wiring.task_apart(unpack, &edges).to(&edges.unpack_to_look);
            wiring.task_apart(look, &edges).to(&edges.look_to_pack);
            wiring
                .task_apart(pack, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.pack_to_out, branch)
                });
            edges
        }
        fn host(host: &mut ::topology_runtime::wiring::Host<Archive>) {
            host.member::<__unpack>(1);
            host.member::<__look>(2);
            host.member::<__pack>(3);
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __read: __wiring::Takes<Packed>,
    {
        fn enter(&self, value: Packed, branch: __wiring::Branch) -> __wiring::Delivery {
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
        type Input = Packed;
        type Kept = Packed;
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
    impl ::topology_runtime::wiring::Takes<Packed> for Archive {
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
    const _: () = ::topology_runtime::wiring::checked::process();
    const _: () = ::topology_runtime::wiring::checked::process_member::<
        __unpack,
    >("unpack", "outer");
    const _: () = ::topology_runtime::wiring::checked::redelivered::<
        __unpack,
    >("unpack", "outer");
    const _: () = ::topology_runtime::wiring::checked::process_member::<
        __look,
    >("look", "inner");
    const _: () = ::topology_runtime::wiring::checked::redelivered::<
        __look,
    >("look", "inner");
    const _: () = ::topology_runtime::wiring::checked::process_member::<
        __pack,
    >("pack", "books");
    const _: () = ::topology_runtime::wiring::checked::redelivered::<
        __pack,
    >("pack", "books");
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
            { __wiring::hasty::<Archive>(&[(0, &[0]), (1, &[1]), (2, &[2]), (3, &[3])]) },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
        Edge::<Four0, Bit2>::hasty_edge;
        Edge::<Four0, Bit3>::hasty_edge;
    };
};
