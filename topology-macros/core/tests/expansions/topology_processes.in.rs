topology! {
    /// Transcodes films, in a process that may end without ending the others.
    pub Studio<Film -> Receipt> [state = App, strategy = rest_for_one];

    in -> read -> decode -> encode >> sign -> pack -> out [capacity = 16, timeout = 1min];

    boundary codec: process [
        restart = RESTARTS in limits::WHILE, strategy = one_for_all, codec = msgpack,
        memory = 512MiB, cpu = 60s, start = 2s, threads = 2
    ] {
        decode,
        boundary cpu: thread [threads = 2] { encode, sign }
    }
    boundary books: process [cpu = limits::CPU, threads = THREADS] { pack }

    decode [replicas = 4];
    else fail;
}
