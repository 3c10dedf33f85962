#[workflow_step(timeout = PATIENCE)]
pub async fn parse<T, const N: usize>(raw: Raw<N>, limits: &Limits) -> Result<T, ParseError>
where
    T: FromRaw + Send + 'static,
{
    T::from_raw(raw, limits).await
}
