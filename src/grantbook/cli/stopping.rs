//! What takes long says so on a terminal, and Ctrl-C ends it as it would have ended by itself: a ledger that was opened for
//! it is closed.

use std::future::Future;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::trouble::Trouble;

/// From when on an answer that is waited for takes long.
const LONG: Duration = Duration::from_millis(700);

/// Waits for an answer. Where `shows` and it takes long, a line on the terminal says for how long already.
pub(crate) async fn waited<T>(shows: bool, answer: impl Future<Output = T>) -> T {
    let mut answer = std::pin::pin!(answer);
    if !shows {
        return answer.await;
    }
    tokio::select! {
        answered = &mut answer => return answered,
        () = tokio::time::sleep(LONG) => {}
    }
    let style = ProgressStyle::with_template("{spinner} working for {elapsed}; Ctrl-C stops it");
    let line = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    line.enable_steady_tick(Duration::from_millis(100));
    let answered = answer.await;
    line.finish_and_clear();
    answered
}

/// Does something until it is done or Ctrl-C is pressed; pressed again, that ends the program at once.
pub(crate) async fn unless_stopped(work: impl Future<Output = Result<(), Trouble>>) -> Result<(), Trouble> {
    tokio::select! {
        done = work => done,
        pressed = tokio::signal::ctrl_c() => match pressed {
            Ok(()) => {
                tokio::spawn(async {
                    if tokio::signal::ctrl_c().await.is_ok() {
                        std::process::exit(i32::from(super::trouble::STOPPED));
                    }
                });
                Err(Trouble::Stopped)
            }
            Err(error) => Err(Trouble::Storage(format!("signals cannot be waited for: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_handed_on_whether_it_is_shown_that_it_is_waited_for_or_not() {
        for shows in [false, true] {
            assert_eq!(waited(shows, async { 7 }).await, 7);
        }
    }
}
