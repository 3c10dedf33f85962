#[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
fn read(path: PathBuf) -> io::Result<Text> {
    std::fs::read_to_string(path).map(Text)
}
/// The contract of the step [`read()`].
#[allow(non_camel_case_types, dead_code)]
struct read {}
#[automatically_derived]
impl ::topology_runtime::wiring::Function for read {
    type Input = PathBuf;
    type Output = <io::Result<Text> as ::topology_runtime::wiring::Fallible>::Ok;
    const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::blocking(
            "read",
        )
        .timeout(::core::time::Duration::from_millis(5000));
}
impl ::topology_runtime::wiring::Takes<PathBuf> for read {
    type By = ::topology_runtime::wiring::AsItIs;
}
#[automatically_derived]
impl<__State> ::topology_runtime::wiring::Step<__State> for read
where
    __State: ::core::marker::Send + ::core::marker::Sync + 'static,
{
    #[allow(clippy::manual_async_fn)]
    fn run(
        message: Self::Input,
        state: &::topology_runtime::wiring::Lent<__State>,
        context: &::topology_runtime::wiring::StepContext,
        _: &mut ::core::option::Option<Self::Own>,
    ) -> impl ::core::future::Future<
        Output = ::topology_runtime::wiring::Attempted<Self::Output>,
    > + ::core::marker::Send {
        ::topology_runtime::wiring::blocking(
            state,
            context,
            move |_, _| {
                let returned = read(message);
                ::topology_runtime::wiring::Fallible::attempted(
                    returned,
                    ::core::option::Option::None,
                )
            },
        )
    }
}
