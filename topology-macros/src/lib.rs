//! The procedural macros of `topology-runtime`, which re-exports and documents
//! them. Depend on that crate; this one's version goes with it.

use proc_macro::TokenStream;

/// Declares how steps connect. See `topology_runtime::topology`.
///
/// # Boundaries
///
/// ```ignore
/// topology! {
///     Archive<Page -> Receipt>;
///     in -> read -> hash >> sign -> pack -> out [capacity = 16, timeout = 1min];
///     hash [replicas = 4];
///
///     boundary cpu: thread [threads = 2] {
///         hash,
///         sign,
///         boundary disk: thread [name = "archive", stack_size = 8MiB] { pack }
///     }
///     else fail;
/// }
/// ```
///
/// The steps in the braces run on threads of their own, which the topology starts
/// and ends, and never on those of the runtime. A plain `fn` may take as long as
/// it likes there: it holds up the other steps of its boundary, if all threads
/// are taken, and nothing else. A step that is named in no boundary runs on the
/// runtime.
///
/// * `threads = N`: how many threads there are, 1 unless said. The replicas of
///   all the steps inside share them: `replicas` says how many messages a step
///   works on at once, `threads` how many of the steps that compute do.
/// * `name = ".."`: what the system calls the threads, which is the boundary's
///   name unless said. Linux shows its first 15 bytes.
/// * `stack_size = 2MiB`: the size of each one's stack; without it, and at the
///   least, what the system has for it.
///
/// What edges, steps and failures declare holds as it does elsewhere; timers and
/// whatever a step spawns are the runtime's. An edge's timeout is kept while all
/// threads are held. A step's timeout, of an `async` one, is seen once a thread
/// is free; a plain `fn` has none, is not interrupted by anything, and counts as
/// nothing in `WORST_CASE`. One that takes long may ask its `StepContext`
/// whether somebody still waits for it.
///
/// `cores = [0, 2]`, or `0..=3`, or a constant list, says which processor cores the
/// threads run on, counted from 0 as the system does: the first thread on the first
/// core and on no other, the second on the second, and from anew behind the last.
/// Without `threads` there is one for each. It takes the feature `affinity` of
/// `topology-runtime`, and Linux or Android. What a step starts there, a thread or a
/// program, is kept to the same core. Nothing keeps others from running there. Where
/// a thread cannot be kept to its core, because there is no such core, or the process
/// may not run on it, or the system knows no such thing, the thread runs wherever it
/// may, and an event of level `WARN` says why.
///
/// Draining, aborting and dropping the last handle end the threads, each behind
/// what it is at: a drain returns once they have ended, and so waits for a `fn`
/// that is under way even where its time is over. Where the runtime shuts down
/// instead, they end by themselves as soon as they can. `start` panics if the
/// system has no threads to give.
///
/// A boundary inside another has threads of its own too. Sources, stateful and
/// batching steps may be inside; a `blocking` step, which has a thread of tokio's
/// pool, and a topology, which has tasks of its own, may not. What is called by
/// `>>` is in the same braces as its caller.
///
/// ## Processes
///
/// ```ignore
/// topology! {
///     Studio<Film -> Receipt> [state = App, strategy = rest_for_one];
///     in -> read -> decode -> encode -> sign -> out [capacity = 16, timeout = 1min];
///
///     boundary codec: process [restart = 5 in 60s, memory = 512MiB, cpu = 10min] {
///         decode,
///         boundary cpu: thread [threads = 2] { encode }
///     }
///     else fail;
/// }
///
/// fn main() {
///     Studio::run_if_child(App::new);
///     // ..
/// }
/// ```
///
/// The steps in the braces run in a process of their own, which may end without
/// ending the others: the program, started again. So `main` begins with
/// `run_if_child`, which runs what is inside there, and returns at once
/// everywhere else. It takes what makes the state, of a topology that has one:
/// each process has its own. It takes the feature `process` of `topology-runtime`.
///
/// * `restart = N in D`: how often it may be restarted within so long; one more,
///   and it is given up. 5 in a minute unless said, and `0 in 60s` is never.
/// * `strategy = ..`: what is restarted with a boundary right inside it:
///   `one_for_one`, nothing else, unless said; `rest_for_one`, what is written
///   behind it too; `one_for_all`, all of them.
/// * `codec = postcard`, or `msgpack`: how messages are written.
/// * `memory = 512MiB` is the most address space that it may have, `cpu = 60s` the
///   most processor time, in whole seconds.
/// * `start = 5s`: how long it may take to start, and a message may wait for it.
/// * `threads = N`: how many threads run it, as many as there are processors
///   unless said.
///
/// What is said of the boundaries that are inside no other is a `strategy` in the
/// header's bracket.
///
/// What crosses, into a process, out of it, and between two of its steps,
/// implements `Serialize` and `Deserialize` of `serde` (rule
/// `unserialisable_crossing`). A process may end while a step works on a message,
/// which then comes a second time, so each step inside says `idempotent` (rule
/// `unmarked_redelivery`). Sources, topologies, steps with a `tick` or a `finish`,
/// and those that take batches or failures are not inside (rule `unfit_member`).
///
/// ## Processes inside others
///
/// ```ignore
/// boundary archives: thread [restart = 3 in 60s, strategy = one_for_all] {
///     boundary reader: process [restart = 5 in 60s] {
///         open,
///         boundary parser: process [restart = 2 in 1s] { parse }
///     }
///     boundary writer: process { write }
/// }
/// ```
///
/// Boundaries nest into a tree, in the way of OTP's supervisors. A step runs in the
/// innermost process around it, and each process is started by the topology's own:
/// the one around it makes the attempts of its own steps and nothing else. Where a
/// process ends, what is inside is restarted with it. Where one ends more often than
/// it may, that is an end of the boundary around it, which counts among those that
/// it may have itself; what is inside begins anew, with nothing counted yet. At the
/// outermost the topology is given up, and `Handle::aborted` says why.
///
/// A thread boundary around processes counts the ends inside as a process does, with
/// a `restart` and a `strategy` of its own, and 5 in a minute where it says nothing.
/// Its threads go on meanwhile: a step that panics there fails its message, and
/// nothing on them is started again, so one without a process inside takes neither.
/// With no step in its own braces it has no threads at all, and only holds together
/// what is inside.
///
/// ## Clocks and spans of threads
///
/// On paused time, the clock stands still while threads are at work, as it does
/// for `tokio::task::spawn_blocking`. Spans and events of the threads go to
/// whoever listens where the topology is started.
///
/// # What is said of a step
///
/// ```ignore
/// settle [replicas = 4, key = |order| order.account, rate = 100/s];
/// ```
///
/// * `replicas` is how many messages the step works on at once, 1 unless it is said.
///   They overtake one another. Of `replicas = 1..=8` there are as many as it takes:
///   twice as many, while there are fewer than 8, as soon as an edge to the step is more
///   than half full or a message has waited for a quarter of its time; one less, once
///   one has had nothing to do for a second; and what `Handle::scale` sets, from where
///   it goes on. One that is too many ends what it has begun. All that is computed of
///   the topology counts the most. A stateful step has a fixed number.
/// * `key` says what a message is known by. Messages of one key keep their order
///   and come to one replica, also where one of them is tried again, panics or
///   waits for the rate: those behind it wait for it, and other keys do not. A batch
///   holds at most one message of each key. A key that comes to another replica,
///   because their number changes, waits until the one before has done its messages.
///   The closure looks at the message, of a
///   join at a tuple of its parts, and comes to anything that is `Hash`; what it
///   names stays in the message, so `order.account` need not be cloned. Where it
///   panics, its message fails as any other that comes to the step. Keys are spread
///   by consistent hashing: few keys may share a replica while another has none. All
///   that wait, whatever their keys, wait on the step's edges, and have their places
///   and their time. A topology keeps no order, and takes no key.
/// * `rate` limits how many attempts begin, all replicas together: `100/s`, `30/min`,
///   `5/h`. However a second is laid, no more than 100 begin in it, and none waits that
///   could have begun. Each attempt counts, those of retries too; a batch is one; what
///   a step does by itself is none. Waiting for it is time on the edge. A retry waits
///   for its backoff and the rate together no longer than the backoff's cap; if the
///   rate allows none by then, the message has failed as its last attempt has.
#[proc_macro]
pub fn topology(input: TokenStream) -> TokenStream {
    #[cfg(feature = "pictures")]
    let expand = topology_macros_core::topology_with_picture;
    #[cfg(not(feature = "pictures"))]
    let expand = topology_macros_core::topology;
    expand(input.into()).into()
}

/// Makes a function a step, or the `impl` block of a type a stateful one. See
/// `topology_runtime::workflow_step`.
///
/// # On a function
///
/// By-value parameters are the message, by-reference parameters are state, and
/// the function stays as it was written.
///
/// # On an `impl` block
///
/// ```ignore
/// #[derive(Default)]
/// pub struct Totals {
///     sum: u64,
/// }
///
/// #[workflow_step(timeout = 10ms)]
/// impl Totals {
///     async fn add(&mut self, order: Order, prices: &Prices) -> Total { .. }
///
///     #[workflow_step(tick = 1s)]
///     fn flush(&mut self) -> Option<Total> { .. }
///
///     fn finish(self) -> Option<Total> { .. }
/// }
///
/// topology! {
///     Sums<Order -> Total> [state = App];
///     in -> Totals -> out [capacity = 16, timeout = 1s];
///     else fail;
/// }
/// ```
///
/// The block stays as it was written, without the attributes inside it, and the
/// type is the step: a topology names it by its path. Each replica keeps a value
/// of its own from message to message. Four methods have a part to play:
///
/// * The one that takes `&mut self` and something by value takes the message.
///   There is exactly one; what else has a by-value parameter next to
///   `&mut self` stands in another block.
/// * `fn start(..) -> Self` makes the value. It takes state only, by reference.
///   Without it, `Default` does. One that panics is tried again with the next
///   message, which fails if it panics again.
/// * `#[workflow_step(tick = 1s)]` stands on at most one method with `&mut self`
///   that takes no message. It runs between messages, for the first time after
///   one period; one that comes late moves the next ones.
/// * `finish`, with `self` or `&mut self`, runs once the topology drains and
///   nothing comes any more, in the order of the flow; not after an abort.
///
/// All others, whatever they are called, are left alone.
///
/// The value is lost, and made anew, where an attempt did not run to its end:
/// behind a panic, a timeout, a deadline, a cancellation. An error that the step
/// returns keeps it as the step left it, also for the next attempt of a retry.
///
/// `timeout` holds for each call of each method, and must be there if one of
/// them is `async`, or if the block says `blocking`: then those that are not
/// `async` run on a thread.
///
/// What a tick or `finish` returns, `T` or `Option<T>` of a step that returns
/// `T`, either in a `Result` or not, goes on like the step's own output, as an
/// accepted message with a trace of its own. It is completed at `out` or at a
/// sink, and ends quietly otherwise. A failure goes where the step's failures
/// go, without a payload. What returns nothing begins no message.
#[proc_macro_attribute]
pub fn workflow_step(arguments: TokenStream, item: TokenStream) -> TokenStream {
    topology_macros_core::workflow_step(arguments.into(), item.into()).into()
}

/// Offers the fields of a struct to steps. See `topology_runtime::State`.
#[proc_macro_derive(State, attributes(state))]
pub fn state(item: TokenStream) -> TokenStream {
    topology_macros_core::derive_state(item.into()).into()
}

/// The picture of a topology as HTML, for its documentation.
#[cfg(feature = "pictures")]
#[doc(hidden)]
#[proc_macro]
pub fn picture(input: TokenStream) -> TokenStream {
    use proc_macro::{Literal, TokenTree};

    let (model, _) = topology_macros_core::analyze(input.into());
    let picture = model.map(|model| topology_macros_drawing::svg_in_docs(&model));
    TokenTree::from(Literal::string(&picture.unwrap_or_default())).into()
}

/// The pages of all rules, a module each: for `topology_runtime::rules`.
#[doc(hidden)]
#[proc_macro]
pub fn rules(_: TokenStream) -> TokenStream {
    topology_macros_core::rule_pages().into()
}
