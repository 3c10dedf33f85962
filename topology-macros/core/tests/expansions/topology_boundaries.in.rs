topology! {
    /// Hashes and packs, on threads of their own.
    pub Archive<Order -> Receipt>;

    in -> read -> hash >> sign -> pack -> out [capacity = 16, timeout = 1min];

    boundary cpu: thread [threads = THREADS, stack_size = 8MiB, cores = 4..=LAST] {
        hash,
        sign,
        boundary disk: thread [name = "archive", cores = [0, 2]] { pack }
    }

    hash [replicas = 4];
    else fail;
}
