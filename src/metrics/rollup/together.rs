//! Working on several things at once.

use std::sync::Mutex;

/// Work on less than so many bytes is done sooner than other threads are there for it.
const WORTH_A_THREAD: usize = 1 << 18;

/// Does all of `work`, which goes through `bytes` of memory, on as many threads as there are cores and it is worth; tells what came
/// of it in its order. It keeps cores busy for as long as it takes: on a runtime of several threads others go on meanwhile.
pub fn together<T: Send>(work: Vec<impl FnOnce() -> T + Send>, bytes: usize) -> Vec<T> {
    let threads = rayon::current_num_threads().min(work.len()).min(bytes / WORTH_A_THREAD + 1);
    if threads <= 1 {
        return work.into_iter().map(|work| work()).collect();
    }
    let mut done: Vec<Option<T>> = work.iter().map(|_| None).collect();
    let left = Mutex::new(work.into_iter().zip(&mut done));
    // Nobody who holds it can fail. It is let go of before what was taken is worked on: in the head of a loop it would not be.
    let next = || left.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    let take = || {
        while let Some((work, done)) = next() {
            *done = Some(work());
        }
    };
    // Threads that are there already: a new one would have to get its memory from the system, and give it back.
    rayon::in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| take());
        }
        take();
    });
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn several_things_are_worked_on_at_once_and_told_in_their_order() {
        if rayon::current_num_threads() < 2 {
            return;
        }
        let (said, heard) = mpsc::channel();
        // The one that is begun first is done when the other one is.
        let wait = move || heard.recv_timeout(Duration::from_secs(30)).is_ok();
        let work: Vec<Box<dyn FnOnce() -> bool + Send>> =
            vec![Box::new(wait), Box::new(move || said.send(()).is_ok()), Box::new(|| false)];
        assert_eq!(together(work, 2 * WORTH_A_THREAD), [true, true, false]);
    }
}
