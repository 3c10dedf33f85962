topology! {
    /// Greets loudly.
    pub Greeter<String -> String>;

    in -> greet >> shout -> out [capacity = 16, timeout = 1s];

    greet [replicas = 4];
    else fail;
}
