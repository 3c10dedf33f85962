#[allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unused_self
)]
/// Adds up.
impl<T: Sum> Totals<T>
where
    T: Send + 'static,
{
    const NONE: [u8; 1] = { [0] };
    fn start(prices: &Prices) -> Self {
        Self::of(prices)
    }
    /// Adds one.
    pub async fn add(
        &mut self,
        order: Order<T>,
        prices: &Prices,
        context: &StepContext,
    ) -> Result<Total, Error> {
        self.sum(order, prices).await
    }
    fn flush(&mut self, prices: &Prices) -> Option<Total> {
        self.take()
    }
    fn finish(self) -> Result<Option<Total>, Error> {
        Ok(self.rest())
    }
    fn is_empty(&self, of: u8) -> bool {
        self.count == of
    }
}
#[allow(trivial_bounds)]
const _: () = {
    const __TICK: ::core::time::Duration = ::topology_runtime::wiring::checked::timeout(
        PERIOD,
    );
    #[automatically_derived]
    impl<T: Sum> ::topology_runtime::wiring::WorkflowStep for Totals<T>
    where
        T: Send + 'static,
        T: ::core::marker::Send + 'static,
    {
        type Input = Order<T>;
        type Kept = Order<T>;
        type Output = <Result<Total, Error> as ::topology_runtime::wiring::Fallible>::Ok;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = Self;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::asynchronous(
                "Totals",
            )
            .timeout(::core::time::Duration::from_millis(10))
            .aware()
            .stateful()
            .ticking(__TICK)
            .finishing();
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl<T: Sum> ::topology_runtime::wiring::Takes<Order<T>> for Totals<T>
    where
        T: Send + 'static,
        T: ::core::marker::Send + 'static,
    {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl<T: Sum, __State> ::topology_runtime::wiring::Step<__State> for Totals<T>
    where
        T: Send + 'static,
        T: ::core::marker::Send + 'static,
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
        __State: ::topology_runtime::wiring::Provide<Prices>,
    {
        #[allow(clippy::manual_async_fn)]
        fn run(
            message: Self::Input,
            state: &::topology_runtime::wiring::Lent<__State>,
            context: &::topology_runtime::wiring::StepContext,
            own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            async move {
                let mut step = ::topology_runtime::wiring::lent(own);
                let returned = Self::add(
                        &mut step,
                        message,
                        <_ as ::topology_runtime::wiring::Provide<
                            Prices,
                        >>::provide(&**state),
                        context,
                    )
                    .await;
                *own = ::core::option::Option::Some(step);
                ::topology_runtime::wiring::Fallible::attempted(
                    returned,
                    ::core::option::Option::None,
                )
            }
        }
        fn own(
            state: &::topology_runtime::wiring::Lent<__State>,
        ) -> ::core::option::Option<Self::Own> {
            ::core::option::Option::Some(
                Self::start(
                    <_ as ::topology_runtime::wiring::Provide<Prices>>::provide(&**state),
                ),
            )
        }
        #[allow(clippy::manual_async_fn)]
        fn tick(
            state: &::topology_runtime::wiring::Lent<__State>,
            _: &::topology_runtime::wiring::StepContext,
            own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<
                ::core::option::Option<Self::Output>,
            >,
        > + ::core::marker::Send {
            ::core::future::ready({
                let mut step = ::topology_runtime::wiring::lent(own);
                let returned = Self::flush(
                    &mut step,
                    <_ as ::topology_runtime::wiring::Provide<Prices>>::provide(&**state),
                );
                *own = ::core::option::Option::Some(step);
                ::topology_runtime::wiring::Attempted::Done(returned)
                    .map(::topology_runtime::wiring::Begins::<Self::Output>::begun)
            })
        }
        #[allow(clippy::manual_async_fn)]
        fn finish(
            _: &::topology_runtime::wiring::Lent<__State>,
            _: &::topology_runtime::wiring::StepContext,
            own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<
                ::core::option::Option<Self::Output>,
            >,
        > + ::core::marker::Send {
            ::core::future::ready({
                let step = ::topology_runtime::wiring::lent(own);
                let returned = Self::finish(step);
                ::topology_runtime::wiring::Fallible::attempted(
                        returned,
                        ::core::option::Option::None,
                    )
                    .map(::topology_runtime::wiring::Begins::<Self::Output>::begun)
            })
        }
    }
    #[automatically_derived]
    impl<T: Sum> ::topology_runtime::wiring::Single for Totals<T>
    where
        T: Send + 'static,
        T: ::core::marker::Send + 'static,
    {}
};
