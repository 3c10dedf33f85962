topology! {
    /// Keeps each account's orders in order, and asks no more than it may.
    Orders<Order -> !>;

    in -> check -> settle [capacity = 64, timeout = 10s];

    check [replicas = 4, key = |order| order.account];
    settle [replicas = 1..=8, key = |Order { account, .. }| (account, 7), rate = LIMIT/min];
    else fail;
}
