#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (greet, shout, greet);
};
/// Greets loudly.
///
///The topology `Greeter`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Greeter {}
#[allow(dead_code)]
impl Greeter {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate, by what edges
    /// and steps declare: failure routes, retries and backoffs included.
    pub const WORST_CASE: ::core::time::Duration = ::topology_runtime::wiring::worst_case::<
        Self,
        4,
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
    type __greet = greet;
    type __shout = shout;
    /// The edges, by the steps they join.
    #[allow(unreachable_pub)]
    pub struct __Edges {
        in_to_greet: __wiring::Edge<__greet>,
        shout_to_out: __wiring::Out<Greeter>,
    }
    /// What is declared.
    #[allow(unreachable_pub)]
    pub struct __Specs<D>(::core::marker::PhantomData<D>);
    #[automatically_derived]
    impl<__Depth: __wiring::Depth> __wiring::Specified<__Depth> for __Specs<__Depth> {
        const SPECS: &'static __wiring::Specs = &__wiring::Specs {
            name: "Greeter",
            steps: &[
                __wiring::StepSpec::of::<__greet, __Depth>("greet").replicas(4),
                __wiring::StepSpec::of::<__shout, __Depth>("shout"),
            ],
            edges: &[
                __wiring::EdgeSpec::new(
                        "in",
                        "greet",
                        16,
                        ::core::time::Duration::from_millis(1000),
                    )
                    .step(0),
                __wiring::EdgeSpec::new(
                    "shout",
                    "out",
                    16,
                    ::core::time::Duration::from_millis(1000),
                ),
            ],
            hops: &[
                __wiring::Hop::by_edge(0, 1, 0),
                __wiring::Hop::by_call(1, 2),
                __wiring::Hop::by_edge(2, 3, 1),
            ],
            tables: &[],
            loops: &[],
            boundaries: &[],
            strategy: ::topology_runtime::wiring::Strategy::OneForOne,
        };
    }
    #[automatically_derived]
    impl __wiring::Topology for Greeter {
        type Input = String;
        type State = ();
        type End = ::topology_runtime::wiring::Always<String>;
        type Edges = __Edges;
        type Specs<__Depth: __wiring::Depth> = __Specs<__Depth>;
        const NAME: &'static str = "Greeter";
        const MERMAID: &'static str = "flowchart LR\n    in([\"in: String\"])\n    s0[\"greet ×4\"]\n    s1[\"shout\"]\n    out([\"out: String\"])\n    in -- \"16, 1s\" --> s0\n    s0 ==> s1\n    s1 -- \"16, 1s\" --> out\n";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(wiring: &mut __wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
            #[allow(unused_imports)]
            use __wiring::Unwired as _;
            __Edges::wire(wiring)
        }
        fn entrances(
            edges: &__Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_greet.lane()])
        }
        fn enter(
            edges: &__Edges,
            message: String,
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
        __greet: __wiring::Takes<String>,
        __greet: __wiring::Step<()>,
        __shout: __wiring::Takes<__wiring::Output<__greet>>,
        __shout: __wiring::Step<()>,
        Greeter: __wiring::Answers<__wiring::Output<__shout>>,
    {
        fn wire(wiring: &mut __wiring::Wiring<Greeter>) -> ::std::sync::Arc<Self> {
            let greet = wiring.queue::<__greet>(0);
            let edges = ::std::sync::Arc::new(Self {
                in_to_greet: wiring.edge(0, &greet),
                shout_to_out: wiring.out(1),
            });
            wiring
                .task(greet, &edges)
                .call::<__shout>(1, __wiring::Otherwise::fail())
                .then(|edges, value, branch| {
                    __wiring::offer(value).to_out(&edges.shout_to_out, branch)
                });
            edges
        }
    }
    #[allow(trivial_bounds)]
    #[automatically_derived]
    impl __Edges
    where
        __greet: __wiring::Takes<String>,
    {
        fn enter(&self, value: String, branch: __wiring::Branch) -> __wiring::Delivery {
            let edges = self;
            __wiring::offer(value).entering(&edges.in_to_greet, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<String> for Greeter {
        fn answer(answer: String) -> String {
            answer
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Greeter {
        type Input = String;
        type Kept = String;
        type Output = String;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            4,
        >;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
                "Greeter",
                ::topology_runtime::wiring::Kind::Topology,
            )
            .aware();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<String> for Greeter {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for Greeter {}
    #[automatically_derived]
    impl<
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
    > ::topology_runtime::wiring::Step<__State> for Greeter {
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
    impl ::topology_runtime::wiring::Reactive for Greeter {}
    const _: () = __wiring::checked::nesting::<Greeter>();
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
        type Four0 = __wiring::Four<{ __wiring::hasty::<Greeter>(&[(0, &[0, 1])]) }>;
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
        Replicas::<{ __wiring::is_stateful::<Greeter>(&[0, 1]) }>::unkeyed_replicas;
    };
};
