#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (read, decode, encode, sign, pack, decode, encode, sign, pack, decode);
};
/// Transcodes films, in a process that may end without ending the others.
///
///The topology `Studio`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Studio {}
#[allow(dead_code)]
impl Studio {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    pub const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        7,
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
    /// Runs a boundary of this topology that is a process, in the process that
    /// was started for it: call it first thing in `main`.
    ///
    /// A topology starts its own program again for each such boundary. There,
    /// this runs the steps of the boundary, and never returns; everywhere else
    /// it returns at once.
    pub fn run_if_child(state: impl ::core::ops::FnOnce() -> App) {
        ::topology_runtime::wiring::run_if_child::<Self>(state);
    }
}
#[allow(non_camel_case_types)]
const _: () = {
    use ::topology_runtime::wiring as __wiring;
    type __read = read;
    type __decode = decode;
    type __encode = encode;
    type __sign = sign;
    type __pack = pack;
    const __RESTARTS_0: usize = RESTARTS;
    const __RESTARTS_WITHIN_0: ::core::time::Duration = ::topology_runtime::wiring::checked::timeout(
        limits::WHILE,
    );
    const __THREADS_2: usize = ::topology_runtime::wiring::checked::threads(THREADS);
    const __CPU_2: ::core::time::Duration = ::topology_runtime::wiring::checked::cpu_time(
        limits::CPU,
    );
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_read: __wiring::Edge<__read>,
        read_to_decode: __wiring::Edge<__decode>,
        decode_to_encode: __wiring::Edge<__encode>,
        sign_to_pack: __wiring::Edge<__pack>,
        pack_to_out: __wiring::Out<Studio>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Studio",
            steps: &[
                __wiring::StepSpec::of::<__read, __Depth>("read"),
                __wiring::StepSpec::of::<__decode, __Depth>("decode")
                    .replicas(4)
                    .inside(0),
                __wiring::StepSpec::of::<__encode, __Depth>("encode").inside(1),
                __wiring::StepSpec::of::<__sign, __Depth>("sign").inside(1),
                __wiring::StepSpec::of::<__pack, __Depth>("pack").inside(2),
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
                        "decode",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(1),
                __wiring::EdgeSpec::new(
                        "decode",
                        "encode",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(2),
                __wiring::EdgeSpec::new(
                        "sign",
                        "pack",
                        16,
                        ::core::time::Duration::from_millis(60000),
                    )
                    .step(4),
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
                __wiring::Hop::by_call(3, 4),
                __wiring::Hop::by_edge(4, 5, 3),
                __wiring::Hop::by_edge(5, 6, 4),
            ],
            tables: &[],
            loops: &[],
            boundaries: &[
                ::topology_runtime::wiring::BoundarySpec::process("codec")
                    .threads(2)
                    .restart(__RESTARTS_0, __RESTARTS_WITHIN_0)
                    .strategy(::topology_runtime::wiring::Strategy::OneForAll)
                    .codec(::topology_runtime::wiring::Codec::MessagePack)
                    .memory(536870912)
                    .cpu_time(::core::time::Duration::from_millis(60000))
                    .start(::core::time::Duration::from_millis(2000)),
                ::topology_runtime::wiring::BoundarySpec::thread("cpu")
                    .threads(2)
                    .within(0),
                ::topology_runtime::wiring::BoundarySpec::process("books")
                    .threads(__THREADS_2)
                    .cpu_time(__CPU_2),
            ],
            strategy: ::topology_runtime::wiring::Strategy::RestForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Studio {
        type Input = Film;
        type State = App;
        type End = ::topology_runtime::wiring::Always<Receipt>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Studio";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: Film\"])\n    s0[\"read\"]\n    subgraph b0[\"codec: process\"]\n        s1[\"decode ×4\"]\n        subgraph b1[\"cpu: thread ×2\"]\n            s2[\"encode\"]\n            s3[\"sign\"]\n        end\n    end\n    subgraph b2[\"books: process\"]\n        s4[\"pack\"]\n    end\n    out([\"out: Receipt\"])\n    in -- \"16, 1min\" --> s0\n    s0 -- \"16, 1min\" --> s1\n    s1 -- \"16, 1min\" --> s2\n    s2 ==> s3\n    s3 -- \"16, 1min\" --> s4\n    s4 -- \"16, 1min\" --> out\n";
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
            message: Film,
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
        __read: __wiring::Takes<Film>,
        App: ::core::marker::Send + ::core::marker::Sync,
        __read: __wiring::Step<App>,
        __decode: __wiring::Takes<__wiring::Output<__read>>,
        __decode: __wiring::Step<App>,
        __encode: __wiring::Takes<__wiring::Output<__decode>>,
        <__decode as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__decode>: __wiring::Crosses,
        __encode: __wiring::Step<App>,
        __sign: __wiring::Takes<__wiring::Output<__encode>>,
        <__encode as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__encode>: __wiring::Crosses,
        __sign: __wiring::Step<App>,
        __pack: __wiring::Takes<__wiring::Output<__sign>>,
        <__sign as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__sign>: __wiring::Crosses,
        __pack: __wiring::Step<App>,
        Studio: __wiring::Answers<__wiring::Output<__pack>>,
        <__pack as __wiring::WorkflowStep>::Input: __wiring::Crosses,
        __wiring::Output<__pack>: __wiring::Crosses,
    {
        fn wire(wiring: &mut __wiring::Wiring<Studio>) -> ::std::sync::Arc<Self> {
            let read = wiring.queue::<__read>(0);
            let decode = wiring.queue::<__decode>(1);
            let encode = wiring.queue::<__encode>(2);
            let pack = wiring.queue::<__pack>(4);
            let edges = ::std::sync::Arc::new(Self {
                in_to_read: wiring.edge(0, &read),
                read_to_decode: wiring.edge(1, &decode),
                decode_to_encode: wiring.edge(2, &encode),
                sign_to_pack: wiring.edge(3, &pack),
                pack_to_out: wiring.out(4),
            });
            wiring.task(read, &edges).to(&edges.read_to_decode);
            wiring.task_apart(decode, &edges).to(&edges.decode_to_encode);
            wiring
                .task_apart(encode, &edges)
                .call_apart::<__sign>(3, __wiring::Otherwise::fail())
                .to(&edges.sign_to_pack);
            wiring
                .task_apart(pack, &edges)
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.pack_to_out, branch)
                });
            edges
        }
        fn host(host: &mut ::topology_runtime::wiring::Host<Studio>) {
            host.member::<__decode>(1);
            host.member::<__encode>(2);
            host.member::<__sign>(3);
            host.member::<__pack>(4);
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __read: __wiring::Takes<Film>,
    {
        fn enter(&self, value: Film, branch: __wiring::Branch) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_read, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<Receipt> for Studio {
        fn answer(answer: Receipt) -> Receipt {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Studio {
        type Input = Film;
        type Kept = Film;
        type Output = Receipt;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            7,
        >;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Studio",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<Film> for Studio {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Studio {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static
            + ::topology_runtime::wiring::Provide<App>,
    > ::topology_runtime::wiring::Step<__State> for Studio {
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
    impl ::topology_runtime::wiring::Reactive for Studio {}
    const _: () = __wiring::checked::nesting::<Studio>();
    const _: () = ::topology_runtime::wiring::checked::process();
    const _: () = ::topology_runtime::wiring::checked::process_member::<
        __decode,
    >("decode", "codec");
    const _: () = ::topology_runtime::wiring::checked::redelivered::<
        __decode,
    >("decode", "codec");
    const _: () = {
        ::topology_runtime::wiring::checked::member::<__encode>("encode", "cpu");
        ::topology_runtime::wiring::checked::process_member::<
            __encode,
        >("encode", "codec")
    };
    const _: () = ::topology_runtime::wiring::checked::redelivered::<
        __encode,
    >("encode", "codec");
    const _: () = {
        ::topology_runtime::wiring::checked::member::<__sign>("sign", "cpu");
        ::topology_runtime::wiring::checked::process_member::<__sign>("sign", "codec")
    };
    const _: () = ::topology_runtime::wiring::checked::redelivered::<
        __sign,
    >("sign", "codec");
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
            {
                __wiring::hasty::<
                    Studio,
                >(&[(0, &[0]), (1, &[1]), (2, &[2, 3]), (3, &[4])])
            },
        >;
        Edge::<Four0, Bit0>::hasty_edge;
        Edge::<Four0, Bit1>::hasty_edge;
        Edge::<Four0, Bit2>::hasty_edge;
        Edge::<Four0, Bit3>::hasty_edge;
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
        Replicas::<{ __wiring::is_stateful::<Studio>(&[1]) }>::unkeyed_replicas;
    };
};
