pub async fn parse<T, const N: usize>(
    raw: Raw<N>,
    limits: &Limits,
) -> Result<T, ParseError>
where
    T: FromRaw + Send + 'static,
{
    T::from_raw(raw, limits).await
}
/// The contract of the step [`parse()`].
#[allow(non_camel_case_types, dead_code)]
pub struct parse<T, const N: usize>
where
    T: FromRaw + Send + 'static,
{
    generics: ::core::marker::PhantomData<fn() -> (T,)>,
}
#[allow(trivial_bounds)]
const _: () = {
    const __TIMEOUT: ::core::time::Duration = ::topology_runtime::wiring::checked::timeout(
        PATIENCE,
    );
    #[automatically_derived]
    impl<T, const N: usize> ::topology_runtime::wiring::Function for parse<T, N>
    where
        T: FromRaw + Send + 'static,
        T: ::core::marker::Send + 'static,
    {
        type Input = Raw<N>;
        type Output = <Result<
            T,
            ParseError,
        > as ::topology_runtime::wiring::Fallible>::Ok;
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::asynchronous(
                "parse",
            )
            .timeout(__TIMEOUT);
    }
    impl<T, const N: usize> ::topology_runtime::wiring::Takes<Raw<N>> for parse<T, N>
    where
        T: FromRaw + Send + 'static,
        T: ::core::marker::Send + 'static,
    {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl<T, const N: usize, __State> ::topology_runtime::wiring::Step<__State>
    for parse<T, N>
    where
        T: FromRaw + Send + 'static,
        T: ::core::marker::Send + 'static,
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
        __State: ::topology_runtime::wiring::Provide<Limits>,
    {
        #[allow(clippy::manual_async_fn)]
        fn on(
            message: Self::Input,
            state: &::topology_runtime::wiring::Lent<__State>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            ::topology_runtime::wiring::attempted(
                parse::<
                    T,
                    N,
                >(
                    message,
                    <_ as ::topology_runtime::wiring::Provide<Limits>>::provide(&**state),
                ),
                ::topology_runtime::wiring::Fallible::attempted,
                ::core::option::Option::None,
            )
        }
    }
};
