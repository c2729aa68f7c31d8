mod explained;

use super::robust::{Window, median, midmean, scale};
use super::{Direction, Event, NORMAL_AFTER, Part, Question, Severity, Sort, WEEK, detect, verdicts};

/// The last day that is not judged.
const LEARNED: usize = 28;

fn question(values: &[f64]) -> Question<'_> {
    Question { values, from: 0, until: values.len(), period: WEEK, sort: Sort::Sum }
}

fn counted(values: &[f64]) -> Question<'_> {
    Question { sort: Sort::Count, ..question(values) }
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * other.abs().max(1.0)
}

/// Even numbers from −1 to 1, always the same.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX) * 2.0 - 1.0
    }
}

/// A shop with busy Saturdays that is closed on Sundays: 1,000 a day, give or take a tenth.
fn shop(days: usize) -> Vec<f64> {
    let mut noise = noise(7);
    let week = [1.0, 0.9, 0.9, 1.0, 1.1, 1.6, 0.0];
    (0..days).map(|day| 1_000.0 * week[day % 7] * (1.0 + 0.1 * noise())).collect()
}

fn spans(events: &[Event]) -> Vec<(usize, usize)> {
    events.iter().map(|event| (event.first, event.last)).collect()
}

#[test]
fn statistics_by_hand() {
    assert!(median(&[]).is_nan());
    assert!(close(median(&[3.0]), 3.0));
    assert!(close(median(&[1.0, 2.0, 4.0, 9.0]), 3.0));
    // One of three to five at each end, two of eight.
    assert!(close(midmean(&[0.0, 5.0, 100.0]), 5.0));
    assert!(close(midmean(&[0.0, 4.0, 6.0, 100.0]), 5.0));
    assert!(close(midmean(&[0.0, 1.0, 4.0, 5.0, 6.0, 9.0, 90.0, 900.0]), 6.0));
    assert!(close(midmean(&[1.0, 4.0]), 2.5));
    // The median is 2 and 1.4826 of it counts; the fifth of six is 8, of which 0.7803 count.
    assert!((scale(&[1.0, 1.0, 2.0, 2.0, 3.0, 3.1]) - 2.0 * 1.482_602).abs() < 1e-5);
    assert!((scale(&[1.0, 1.0, 2.0, 2.0, 8.0, 90.0]) - 8.0 * 0.780_304).abs() < 1e-5);
}

#[test]
fn window_keeps_the_newest_sorted() {
    let mut window = Window::new(3);
    for value in [5.0, 1.0, 3.0] {
        window.push(value);
    }
    assert_eq!(window.sorted(), [1.0, 3.0, 5.0]);
    window.push(f64::NAN);
    assert_eq!(window.sorted(), [1.0, 3.0]);
    window.push(3.0);
    assert_eq!(window.sorted(), [3.0, 3.0]);
}

#[test]
fn verdict_by_hand() {
    // Roots of 10, on Saturdays 14, on Sundays 6, without any error: the middle of each week is 10.
    let mut values: Vec<f64> =
        (0..40).map(|day| [100.0, 100.0, 100.0, 100.0, 100.0, 196.0, 36.0][day % 7]).collect();
    values[33] = 36.0;
    let verdict = verdicts(&question(&values))[33].unwrap();
    assert!(close(verdict.expected, 196.0));
    // The least scale is half of 3 % of 14: (6 − 14) / 0.21.
    assert!(close(verdict.score, -8.0 / 0.21));
    let events = detect(&question(&values));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.first, event.last, event.worst), (33, 33, 33));
    assert_eq!((event.direction, event.severity), (Direction::Below, Severity::High));
    assert!(close(event.actual, 36.0) && close(event.expected, 196.0));
    assert!(close(event.deviation.unwrap(), -160.0 / 196.0));
    // Days 3 to 32: 22 of 100, 4 Saturdays and 4 Sundays.
    assert!(close(event.average, (22.0 * 100.0 + 4.0 * 196.0 + 4.0 * 36.0) / 30.0));
    assert!(close(event.from_average.unwrap(), 36.0 / event.average - 1.0));
    assert_eq!(event.total, Part { actual: event.actual, expected: event.expected });
}

#[test]
fn later_days_change_no_verdict() {
    let mut values = shop(200);
    values[60] = 9_000.0;
    values[90..].iter_mut().for_each(|value| *value *= 2.0);
    values[120..125].fill(f64::NAN);
    let all = verdicts(&counted(&values));
    for days in 0..values.len() {
        assert_eq!(verdicts(&counted(&values[..days])), all[..days], "{days} days");
    }
}

#[test]
fn unit_does_not_matter() {
    let mut values = shop(120);
    values[100] *= 0.2;
    // The root of 16 and its quotients are exact.
    let larger: Vec<f64> = values.iter().map(|value| value * 16.0).collect();
    let (small, large) = (detect(&question(&values)), detect(&question(&larger)));
    assert_eq!(small.len(), 1);
    assert_eq!(spans(&small), spans(&large));
    assert_eq!(small[0].score.to_bits(), large[0].score.to_bits());
    assert!(close(large[0].expected, 16.0 * small[0].expected));
    // And losses are judged as gains are.
    let losses: Vec<f64> = values.iter().map(|value| -value).collect();
    let lost = detect(&question(&losses));
    assert_eq!((spans(&lost), lost[0].direction), (spans(&small), Direction::Above));
    assert!(lost[0].deviation.unwrap() > 0.0);
}

#[test]
fn weekdays_and_growth_are_usual() {
    let values = shop(400);
    assert_eq!(spans(&detect(&question(&values))), []);
    // Three times as much a year on.
    let growing = values.iter().zip(0..).map(|(value, day)| value * (0.003 * f64::from(day)).exp());
    let events = detect(&question(&growing.collect::<Vec<_>>()));
    assert!(events.iter().all(|event| event.severity == Severity::Low), "{events:?}");
    // The plain level is the same; that nobody came on a Saturday is not.
    let mut closed = values.clone();
    closed[300 + 2] = 0.0;
    assert_eq!(302 % 7, 1);
    assert_eq!(spans(&detect(&question(&closed))), [(302, 302)]);
}

#[test]
fn earlier_outliers_hide_nothing() {
    let mut values = shop(120);
    values[100] *= 0.5;
    let alone = verdicts(&question(&values))[100].unwrap().score;
    values[72] *= 20.0;
    values[79] = 0.0;
    values[85..90].iter_mut().for_each(|value| *value *= 5.0);
    let after = verdicts(&question(&values))[100].unwrap().score;
    assert!(alone < -5.0 && after < -4.0, "{alone} {after}");
}

#[test]
fn a_lasting_shift_becomes_normal() {
    for factor in [0.4, 0.6, 1.5, 3.0] {
        let mut values = shop(200);
        values[100..].iter_mut().for_each(|value| *value *= factor);
        let events = detect(&question(&values));
        let first = events[0];
        assert_eq!((first.first, first.severity), (100, Severity::High), "{factor}");
        assert!(events.iter().all(|event| event.last < 100 + NORMAL_AFTER * WEEK), "{factor}: {events:?}");
        assert_eq!(first.direction == Direction::Above, factor > 1.0);
    }
}

#[test]
fn nothing_comes_of_nothing() {
    for value in [0.0, 1.0, -3.5, 1e300, 1e-300, f64::NAN, f64::INFINITY] {
        for sort in [Sort::Count, Sort::Sum, Sort::Quotient] {
            let values = [value; 200];
            let question = Question { sort, ..question(&values) };
            assert_eq!(detect(&question), [], "{value}");
            for verdict in verdicts(&question).into_iter().flatten() {
                assert!(close(verdict.expected, value) && verdict.score.abs() < 1e-6);
            }
        }
    }
    assert_eq!(verdicts(&question(&[0.0; 200])), vec![None; 200]);
}

#[test]
fn a_constant_that_changes_a_little_is_none() {
    let mut values = [500.0; 100];
    values[60] = 540.0;
    values[80] = 400.0;
    assert_eq!(spans(&detect(&question(&values))), [(80, 80)]);
}

#[test]
fn few_things_a_day_alarm_nobody() {
    let mut noise = noise(3);
    let rare: Vec<f64> = (0..1_000)
        .map(|_| [0.0, 1.0, 2.0][usize::from(noise() > 0.6) + usize::from(noise() > 0.9)])
        .collect();
    assert_eq!(spans(&detect(&counted(&rare))), []);
    let amounts: Vec<f64> = rare.iter().map(|count| count * (60.0 + 40.0 * noise())).collect();
    assert_eq!(spans(&detect(&question(&amounts))), []);
    // What is far more than such days have is told; nothing to divide by.
    let mut burst = rare;
    burst[500] = 30.0;
    let events = detect(&counted(&burst));
    assert_eq!(spans(&events), [(500, 500)]);
    assert_eq!((events[0].deviation, events[0].expected.to_bits()), (None, 0.0_f64.to_bits()));
    // Four orders a day: none is chance, forty are not.
    let mut few: Vec<f64> = (0..100).map(|day| [3.0, 4.0, 5.0, 4.0][day % 4]).collect();
    few[70] = 0.0;
    few[90] = 40.0;
    let severe: Vec<usize> = detect(&counted(&few))
        .iter()
        .filter(|event| event.severity > Severity::Low)
        .map(|event| event.worst)
        .collect();
    assert_eq!(severe, [90]);
}

#[test]
fn nothing_at_all_is_severe_where_there_was_something_every_day() {
    // Ten orders a day of very different amounts: chance alone is wild.
    let mut noise = noise(5);
    let amounts: Vec<f64> = (0..120).map(|_| (0..10).map(|_| 100.0 * (1.4 * noise()).exp()).sum()).collect();
    let lowest =
        |amounts: &[f64]| detect(&question(amounts)).last().map(|event| (event.worst, event.severity));
    let mut out = amounts.clone();
    out[119] = 0.0;
    assert_eq!(lowest(&out), Some((119, Severity::High)));
    // A rate of which three of sixty are expected is often nothing; that of three thousand is not.
    let rate = |of: f64| {
        let mut rates: Vec<f64> = (0..120)
            .map(|day| (0.05 * of + [0.0, 1.7, -1.7, 0.9, -0.9][day % 5] * (0.05 * of / 3.0).sqrt()) / of)
            .collect();
        rates[110] = 0.0;
        spans(&detect(&Question { sort: Sort::Quotient, ..question(&rates) }))
    };
    assert_eq!(rate(60.0), []);
    assert_eq!(rate(3_000.0), [(110, 110)]);
}

#[test]
fn short_series_and_wild_values() {
    let wild = [0.0, 1e308, -1e308, f64::NAN, 5e-324, -0.0, 7.0, f64::NEG_INFINITY, 1e-9, 42.0, -42.0];
    for days in 0..60 {
        for period in [0, 1, 2, 7, 24, 30] {
            let sort = [Sort::Count, Sort::Sum, Sort::Quotient][days % 3];
            let values: Vec<f64> = (0..days).map(|day| wild[day * day % wild.len()]).collect();
            let question = Question { period, sort, ..question(&values) };
            for verdict in verdicts(&question).into_iter().flatten() {
                assert!(verdict.expected.is_finite() && verdict.score.is_finite());
            }
            for event in detect(&question) {
                assert!(event.first <= event.worst && event.worst <= event.last && event.average.is_finite());
            }
        }
        let mut values = shop(days);
        if let Some(last) = values.last_mut() {
            *last *= 30.0;
        }
        let judged = verdicts(&question(&values)).iter().position(Option::is_some);
        assert_eq!(judged, (days > LEARNED).then_some(LEARNED));
    }
}

#[test]
fn history_begins_with_the_first_value() {
    let mut values = vec![0.0; 300];
    values.extend(shop(60));
    let judged = verdicts(&question(&values)).iter().position(Option::is_some);
    assert_eq!(judged, Some(300 + LEARNED));
    assert_eq!(detect(&question(&values)), []);
}

#[test]
fn days_without_a_figure_are_passed_over() {
    let mut values = shop(120);
    values.iter_mut().skip(6).step_by(7).for_each(|sunday| *sunday = f64::NAN);
    values[101] = f64::NAN;
    values[100] = 0.0;
    values[102] = 0.0;
    let all = verdicts(&question(&values));
    assert!(all[101].is_none() && all[104].is_none() && all[103].is_some());
    assert_eq!(spans(&detect(&question(&values))), [(100, 102)]);
}

#[test]
fn bad_days_make_one_event() {
    let bad = |days: &[(usize, f64)]| {
        let mut values = shop(150);
        for (day, factor) in days {
            values[*day] *= factor;
        }
        detect(&question(&values))
    };
    let one = bad(&[(105, 0.3), (106, 0.3), (108, 0.2), (109, 0.3)]);
    assert_eq!(spans(&one), [(105, 109)]);
    assert_eq!(one[0].worst, 108);
    let days = 105..=109;
    let actual: f64 = days.map(|day| shop(150)[day] * [0.3, 0.3, 1.0, 0.2, 0.3][day - 105]).sum();
    assert!(close(one[0].total.actual, actual) && one[0].total.expected > 2.0 * actual);
    assert_eq!(spans(&bad(&[(105, 0.3), (108, 0.2)])), [(105, 105), (108, 108)]);
    assert_eq!(spans(&bad(&[(105, 0.3), (106, 3.0), (107, 0.3)])), [(105, 105), (106, 106), (107, 107)]);
}

#[test]
fn only_what_is_asked_for_is_told() {
    let mut values = shop(150);
    values[80] = 0.0;
    values[105..=108].iter_mut().for_each(|value| *value *= 0.3);
    let from = |from: usize| spans(&detect(&Question { from, ..question(&values) }));
    assert_eq!(from(0), [(80, 80), (105, 108)]);
    assert_eq!(from(106), [(105, 108)]);
    assert_eq!(from(109), []);
}

#[test]
fn bad_days_are_found_together() {
    let mut noise = noise(5);
    let mut values: Vec<f64> = (0..150).map(|_| 10_000.0 * (1.0 + 0.1 * (noise() + noise()))).collect();
    values[120..123].fill(7_900.0);
    let all = verdicts(&question(&values));
    assert!(all[120..123].iter().all(|verdict| verdict.unwrap().alone > -3.0), "{:?}", &all[120..123]);
    let events = detect(&question(&values));
    assert_eq!(spans(&events), [(120, 122)]);
    assert!(events[0].score > 3.0);
}

#[test]
fn black_friday_is_news_once() {
    let mut values = shop(960);
    let fridays = [200, 564, 935];
    for friday in fridays {
        values[friday] *= 3.0;
    }
    assert_eq!(spans(&detect(&question(&values))), [(200, 200)]);
    values[935] *= 3.0;
    values[936] *= 0.2;
    let events = detect(&question(&values));
    assert_eq!(spans(&events), [(200, 200), (935, 935), (936, 936)]);
    // It is compared with the Friday before.
    assert!(events[1].expected > 2_500.0, "{:?}", events[1]);
}
