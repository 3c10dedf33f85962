topology! {
    /// Never settles orders.
    pub Orders<RawOrder -> Receipt> [state = App];

    in -> parse -> out [capacity = 0, timeout = 5];
    else fail;
}
