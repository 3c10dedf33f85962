topology! {
    /// Opens archives in a process, and what is in them in another.
    pub Archive<Packed -> Receipt>;

    in -> read -> unpack -> look -> pack -> out [capacity = 16, timeout = 1min];

    boundary group: thread [restart = 3 in 60s, strategy = one_for_all] {
        boundary outer: process [restart = 5 in 60s] {
            unpack,
            boundary inner: process [restart = 2 in 1s] { look }
        }
        boundary books: process { pack }
    }
    else fail;
}
