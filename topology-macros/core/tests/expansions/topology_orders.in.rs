topology! {
    /// Settles orders.
    pub Orders<RawOrder -> Receipt?> [state = App];

    use desk::review as review;

    in -> parse -> screen [capacity = limits::ROOM, timeout = 2s];

    screen -> match {
        Verdict::Clear(order) if order.is_small() => settle(order) [capacity = 256, timeout = 2s],
        Verdict::Clear(order) | Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 5s],
        Verdict::Duplicate => discard,
    };

    settle | review -> ledger & notify -> summarise [capacity = 64, timeout = 1s];
    summarise | report -> out [capacity = 64, timeout = 1s];

    notify else skip;
    screen else instead report [capacity = 4, timeout = 1s];
    parse else quarantine [capacity = 4, timeout = 1s, overflow = drop_oldest];
    report, quarantine else fail;
    else fail;
}
