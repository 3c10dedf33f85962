topology! {
    /// Prices a basket: each item by whoever answers first, until it is small
    /// enough.
    pub Basket<Order -> Receipt>;

    in -> split -> each ask -> fast ^ slow -> price -> all sum
        [capacity = 8, timeout = 1s, limit = 100, within = 10s];

    sum -> match {
        Sum::Large(order) => split(order) [capacity = 80, timeout = 1s, rounds = 3],
        Sum::Small(receipt) => out(receipt) [capacity = 8, timeout = 1s],
    };

    price else skip;
    else fail;
}
