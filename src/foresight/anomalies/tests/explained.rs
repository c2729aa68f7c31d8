//! What made an event: parts that are ranked, and add up to the whole.

use super::super::{
    Contribution, Part, RatioPart, WEEK, contributions, explain, explain_ratio, ratio_contributions, verdicts,
};
use super::{close, question, shop};

#[test]
fn parts_are_ranked_by_what_they_did() {
    let part = |actual, expected| Part { actual, expected };
    let ranking = contributions(&[part(90.0, 100.0), part(30.0, 20.0), part(10.0, 110.0), part(5.0, 5.0)]);
    let order: Vec<usize> = ranking.iter().map(|contribution| contribution.part).collect();
    assert_eq!(order, [2, 0, 3, 1]);
    assert_eq!(ranking[0], Contribution { part: 2, gap: -100.0, share: Some(1.0) });
    assert!(close(ranking[3].share.unwrap(), -0.1));
    assert!(close(ranking.iter().filter_map(|contribution| contribution.share).sum(), 1.0));
    // Without a gap, by size; equals as they came.
    let even = contributions(&[part(1.0, 1.0), part(2.0, 5.0), part(5.0, 2.0)]);
    assert_eq!(
        even.iter().map(|one| (one.part, one.share)).collect::<Vec<_>>(),
        [(1, None), (2, None), (0, None)]
    );
    assert_eq!(contributions(&[]), []);
}

#[test]
fn parts_of_a_rate_add_up_to_its_gap() {
    let part = |actual: (f64, f64), expected: (f64, f64)| RatioPart {
        numerator: Part { actual: actual.0, expected: expected.0 },
        denominator: Part { actual: actual.1, expected: expected.1 },
    };
    // 10 of 100 came back; now 22 of 120: of the first part more, and the second, where little comes back, sold less.
    let ranking = ratio_contributions(&[part((20.0, 100.0), (6.0, 50.0)), part((2.0, 20.0), (4.0, 50.0))]);
    assert!(close(ranking.iter().map(|one| one.gap).sum(), 22.0 / 120.0 - 0.1));
    // (20 − 0.1 × 100) / 120 − (6 − 0.1 × 50) / 100
    assert_eq!(ranking[0].part, 0);
    assert!(close(ranking[0].gap, 10.0 / 120.0 - 0.01));
    assert!(ratio_contributions(&[RatioPart::default()]).iter().all(|one| one.gap == 0.0));
}

#[test]
fn an_outage_in_one_country_explains_the_event() {
    let home: Vec<f64> = shop(120).iter().map(|value| value * 3.0).collect();
    let mut abroad = shop(120);
    abroad[100..=102].fill(0.0);
    let tiny = vec![1.0; 120];
    let both: Vec<f64> = home.iter().zip(&abroad).map(|(home, abroad)| home + abroad + 1.0).collect();
    let days = 100..=102;
    let expected: f64 = days.clone().map(|day| verdicts(&question(&both))[day].unwrap().expected).sum();
    let actual = days.clone().map(|day| both[day]).sum();
    let total = Part { actual, expected };
    let (parts, ranking) = explain(&[&home, &abroad, &tiny], days.clone(), WEEK, total);
    assert_eq!(parts.len(), 3);
    assert!(close(parts.iter().map(|part| part.expected).sum(), expected));
    assert_eq!(ranking[0].part, 1);
    assert!(ranking[0].share.unwrap() > 0.8, "{ranking:?}");
    // The rate of its orders is what it was, but weighs nothing now.
    let (parts, ranking) = explain_ratio(&[(&home, &both), (&abroad, &both)], days, WEEK, 0.5);
    assert_eq!((parts.len(), ranking.len()), (2, 2));
    // Nothing known before.
    let unknown = Part { actual: home[0], expected: f64::NAN };
    let (parts, _) = explain(&[&home[..1]], 0..=0, WEEK, unknown);
    assert_eq!(parts, [Part { actual: home[0], expected: 0.0 }]);
}

/// What each part and all together did is what the whole did, whatever was expected of it.
#[test]
fn gaps_add_up_to_that_of_the_whole() {
    let gaps = |ranking: &[Contribution]| ranking.iter().map(|one| one.gap).sum::<f64>();
    let series = |before: f64, now: f64| [vec![before; 56], vec![now]].concat();
    // 150.75 a day came by the web; nothing was expected of the whole.
    let (web, store) = (series(150.75, 900.0), series(0.0, 71.86));
    let (parts, ranking) = explain(&[&web, &store], 56..=56, WEEK, Part { actual: 971.86, expected: 0.0 });
    assert_eq!(parts.iter().map(|part| part.expected).collect::<Vec<_>>(), [0.0, 0.0]);
    assert!(close(gaps(&ranking), 971.86), "{ranking:?}");
    // Nobody had anything before, and something was expected all the same; the third tells what nobody had.
    let (one, other) = (series(0.0, -16.0), series(0.0, 0.0));
    let (parts, ranking) = explain(&[&one, &other], 56..=56, WEEK, Part { actual: -16.0, expected: 2.0 });
    assert_eq!(parts[2], Part { actual: 0.0, expected: 2.0 });
    assert_eq!(ranking.iter().map(|one| one.part).collect::<Vec<_>>(), [0, 2, 1]);
    assert!(close(gaps(&ranking), -18.0), "{ranking:?}");
    // Parts that go opposite ways: of them together less than nothing was to be expected.
    let (up, down) = (series(5.0, 9.0), series(-7.0, -7.0));
    let (parts, ranking) = explain(&[&up, &down], 56..=56, WEEK, Part { actual: 2.0, expected: 4.0 });
    assert_eq!(parts[2], Part { actual: 0.0, expected: 6.0 });
    assert!(close(gaps(&ranking), -2.0), "{ranking:?}");
    // What the dimension does not tell of at all.
    let (parts, _) = explain(&[&up], 56..=56, WEEK, Part { actual: 12.0, expected: 5.0 });
    assert_eq!(parts[1], Part { actual: 3.0, expected: 0.0 });
    // Of a rate 0.3 was expected, where its parts had 0.25; it is 0.4 now.
    let parts: [(&[f64], &[f64]); 2] =
        [(&series(10.0, 30.0), &series(20.0, 50.0)), (&series(10.0, 10.0), &series(60.0, 50.0))];
    let (_, ranking) = explain_ratio(&parts, 56..=56, WEEK, 0.3);
    assert!(close(gaps(&ranking), 0.1), "{ranking:?}");
    // And where they had none at all.
    let parts: [(&[f64], &[f64]); 1] = [(&series(0.0, 30.0), &series(0.0, 60.0))];
    let (_, ranking) = explain_ratio(&parts, 56..=56, WEEK, 0.3);
    assert!(close(gaps(&ranking), 0.2), "{ranking:?}");
}
