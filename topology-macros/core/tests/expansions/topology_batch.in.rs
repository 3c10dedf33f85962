topology! {
    /// Stores rows, many at once.
    pub Store<Row -> Stored> [state = Db];

    in -> store [capacity = 256, timeout = 2s, batch = 64, linger = LINGER];
    store -> out [capacity = 256, timeout = 1s];

    store [replicas = 2];
    else fail;
}
