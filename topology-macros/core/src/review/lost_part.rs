//! A join that counts on a part which may not come. Found by the compiler: only
//! it knows what the step takes.

use super::{Example, Level, Rule};

pub(crate) static RULE: Rule = Rule {
    name: "lost_part",
    level: Level::Error,
    summary: "A join takes whole what can be skipped",
    explain: "A branch that ends quietly does not hold up its join: a step that is passed over by \
              `else skip`, an arm that leads to `discard`, a failure that goes to a step which \
              returns nothing. The join then runs without that part, and so takes it as an \
              `Option`. A join all of whose parts were skipped is skipped itself.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price & review -> summarise -> out [capacity = 16, timeout = 1s];
            review else skip;
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step]
        fn sum_up(priced: Order, reviewed: Option<Order>) -> Order {
            reviewed.unwrap_or(priced)
        }
        topology! {
            Orders<Order -> Order>;
            in -> price & review -> sum_up -> out [capacity = 16, timeout = 1s];
            review else skip;
            else fail;
        }
    ",
    ),
};
