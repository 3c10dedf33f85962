#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    let _ = (parse,);
};
::core::compile_error! {
    "nothing can ever pass with `capacity = 0`\n = help: the least is `capacity = 1`\n = help: for no queue at all, join the steps by a call: `a >> b`\n = note: rule `zero_capacity`; see `cargo topology explain zero_capacity`"
}
::core::compile_error! {
    "`timeout = 5` has no unit\n = help: say which is meant: `timeout = 5s` or `timeout = 5ms`\n = note: rule `ambiguous_unit`; see `cargo topology explain ambiguous_unit`"
}
/// Never settles orders.
#[allow(dead_code, missing_docs)]
pub struct Orders {}
#[allow(dead_code)]
impl Orders {
    /// The topology as a drawing.
    pub const GRAPH: ::topology_runtime::Graph = ::topology_runtime::Graph::of::<Self>();
    /// The longest that a message can take to its fate.
    pub const WORST_CASE: ::core::time::Duration = ::core::time::Duration::ZERO;
    /// The most memory that waiting messages can take, in bytes.
    pub const QUEUE_BYTES: u64 = 0;
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
const _: () = {
    impl ::topology_runtime::wiring::Topology for Orders {
        type Input = RawOrder;
        type State = App;
        type End = ::topology_runtime::wiring::Always<Receipt>;
        type Edges = ();
        type Specs<__Depth: ::topology_runtime::wiring::Depth> = ();
        const NAME: &'static str = "Orders";
        const MERMAID: &'static str = "";
        const DEADLINE: ::core::option::Option<::core::time::Duration> = ::core::option::Option::None;
        fn wire(
            _: &mut ::topology_runtime::wiring::Wiring<Self>,
        ) -> ::std::sync::Arc<Self::Edges> {
            ::core::unreachable!()
        }
        fn entrances(
            _: &Self::Edges,
        ) -> ::std::vec::Vec<::std::sync::Arc<::topology_runtime::wiring::Lane>> {
            ::core::unreachable!()
        }
        fn enter(
            _: &Self::Edges,
            _: Self::Input,
            _: ::topology_runtime::wiring::Branch,
        ) -> ::topology_runtime::wiring::Delivery {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Orders {
        type Input = RawOrder;
        type Kept = RawOrder;
        type Output = Receipt;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ::topology_runtime::wiring::Nested<Self>;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = __Depth::Inside<
            Self,
            2,
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
};
