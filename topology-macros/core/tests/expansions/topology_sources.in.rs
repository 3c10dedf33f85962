topology! {
    /// Takes orders in.
    pub Intake<! -> Receipt?> [state = App];

    orders -> parse -> settle [capacity = 16, timeout = 1s];
    audits -> match {
        Audit::Due(order) => settle(order) [capacity = 4, timeout = 1s],
        Audit::Done => discard,
    };
    settle -> out [capacity = 16, timeout = 1s];

    orders else abort;
    else fail;
}
