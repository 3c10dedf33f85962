/// Greets loudly.
///
///The topology `Greeter`: [`start`](Self::start) it.
#[allow(dead_code)]
pub struct Greeter {}
#[allow(dead_code)]
impl Greeter {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::new(
        "Greeter",
        "flowchart LR\n    in([\"in: String\"])\n    s0[\"greet ×4\"]\n    s1[\"shout\"]\n    out([\"out: String\"])\n    in -- \"16, 1s\" --> s0\n    s0 ==> s1\n    s1 -- \"16, 1s\" --> out\n",
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
    pub fn start() -> ::topology_runtime::Handle<Self> {
        ::topology_runtime::Handle::start(())
    }
}
const _: () = {
    /// The edges, by the steps they join.
    #[allow(unreachable_pub, clippy::module_name_repetitions)]
    pub struct __Edges {
        in_to_greet: ::topology_runtime::wiring::Edge<greet>,
        shout_to_out: ::topology_runtime::wiring::Out<Greeter>,
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Topology for Greeter {
        type Input = String;
        type State = ();
        type End = ::topology_runtime::wiring::Always<String>;
        type Edges = __Edges;
        const NAME: &'static str = "Greeter";
        const STEPS: &'static [::topology_runtime::wiring::StepSpec] = &[
            ::topology_runtime::wiring::StepSpec::new("greet").replicas(4),
            ::topology_runtime::wiring::StepSpec::new("shout"),
        ];
        const EDGES: &'static [::topology_runtime::wiring::EdgeSpec] = &[
            ::topology_runtime::wiring::EdgeSpec::new(
                "in",
                "greet",
                16,
                ::core::time::Duration::from_millis(1000),
            ),
            ::topology_runtime::wiring::EdgeSpec::new(
                "shout",
                "out",
                16,
                ::core::time::Duration::from_millis(1000),
            ),
        ];
        fn wire(
            wiring: &mut ::topology_runtime::wiring::Wiring<Self>,
        ) -> ::std::sync::Arc<Self::Edges> {
            let greet = wiring.queue::<greet>(0);
            let edges = ::std::sync::Arc::new(__Edges {
                in_to_greet: wiring.edge(0, &greet),
                shout_to_out: wiring.out(1),
            });
            greet.otherwise(::topology_runtime::wiring::Otherwise::fail());
            wiring
                .task(greet, &edges)
                .call::<shout>(1, ::topology_runtime::wiring::Otherwise::fail())
                .then(|edges, value, branch| edges.shout_to_out.offer(value, branch));
            edges
        }
        fn entrances(
            edges: &Self::Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::std::vec::Vec::from([edges.in_to_greet.lane()])
        }
        fn enter(
            edges: &Self::Edges,
            value: Self::Input,
            branch: ::topology_runtime::wiring::Branch,
        ) -> ::topology_runtime::wiring::Delivery {
            edges.in_to_greet.enter(value, branch)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Answers<String> for Greeter {
        fn answer(answer: String) -> String {
            answer
        }
    }
};
