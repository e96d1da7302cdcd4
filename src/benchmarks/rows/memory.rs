//! Memory that the views take, of a process that does nothing else.

use crate::Setting;
use crate::child::{self, Task};
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};

/// Bytes an account.
pub(crate) fn of_an_account(setting: &Setting) -> anyhow::Result<Row> {
    measure(setting, "memory-account", "bytes of memory an account", 1_024.0, |grown| grown.account)
}

/// Bytes a transition.
pub(crate) fn of_a_transition(setting: &Setting) -> anyhow::Result<Row> {
    measure(setting, "memory-transition", "bytes of memory a transition, ten of each fact", 32.0, |grown| {
        grown.transition
    })
}

fn measure(
    setting: &Setting,
    name: &str,
    work: &str,
    aim: f64,
    figure: impl Fn(child::Grown) -> f64,
) -> anyhow::Result<Row> {
    let accounts = setting.scaled(20_000, 1_000_000);
    let mut contest = Contest::new(name, format!("{work}, {accounts} accounts"), Unit::Bytes).aim(Aim::Figure(aim));
    contest.takes_part(Side::Ours, "Grantbook", || {
        let mut child = child::start(&Task::Memory { accounts })?;
        let grown = child::Grown::read(&child.said)?;
        child.kill()?;
        Ok(Turn::of(figure(grown)))
    });
    contest.run(setting.scaled(2, 3).min(setting.rounds))
}
