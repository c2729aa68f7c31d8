//! What a forecast tells of itself, by shops whose truth is known.

use super::*;

/// A series of months with a strong season, a trend and some noise.
fn months(count: usize, seed: u64) -> Vec<f64> {
    let mut noise = Noise(seed);
    let season = [0.7, 0.8, 0.9, 1.0, 1.1, 1.0, 0.9, 0.9, 1.0, 1.1, 1.2, 1.6];
    (0..count)
        .map(|month| (200.0 + 3.0 * real(month)) * season[month % 12] * (1.0 + 0.05 * noise.normal()))
        .collect()
}

/// A shop's weeks that grow by 1 % each, with a wave a year and some noise.
fn growing_weeks(count: usize, seed: u64) -> Vec<f64> {
    let mut noise = Noise(seed);
    let year = |week: usize| 1.0 + 0.2 * (std::f64::consts::TAU * real(week) / 52.18).sin();
    (0..count)
        .map(|week| 100.0 * 1.01_f64.powf(real(week)) * year(week) * (1.0 + 0.1 * noise.normal()))
        .collect()
}

/// 1 less all that was off over all that came, from every end of the past from `first` on, where `say` tells what was
/// said from an end of so many buckets on.
fn confidence(values: &[f64], first: usize, say: impl Fn(usize, usize) -> f64) -> f64 {
    let (mut off, mut all) = (0.0, 0.0);
    for known in first..values.len() {
        for (at, value) in values.iter().enumerate().skip(known) {
            off += (say(known, at) - value).abs();
            all += value.abs();
        }
    }
    1.0 - off / all
}

#[test]
fn what_is_told_of_a_model_is_measured_of_that_model() {
    for count in 24..=30 {
        let values = months(count, 21);
        let answers = [
            Model::SeasonalNaive,
            Model::LinearRegressionWithSeasonality,
            Model::Theta,
            Model::Ets,
            Model::Combination,
        ]
        .map(|model| {
            let answer = forecast(&Question { rhythm: Rhythm::MONTHS, ..asked(&values, &[], 3, model) });
            (
                answer.model.name(),
                answer.confidence.unwrap(),
                answer.points[0].high - answer.points[0].predicted,
            )
        });
        // One and a half years are known at the first end of the past, and each end a month more.
        let by_hand = confidence(&values, 18, |known, at| values[known - 12 + (at - known) % 12]);
        near(&[answers[0].1], &[by_hand], 1e-12);
        for (place, one) in answers.iter().enumerate() {
            for other in &answers[place + 1..] {
                assert!(one.0 != other.0 && (one.1 - other.1).abs() > 1e-6, "{count}: {one:?} and {other:?}");
                assert!((one.2 - other.2).abs() > 1e-6, "{count}: {one:?} and {other:?}");
            }
        }
    }
}

#[test]
fn what_returns_exactly_is_known_to_after_two_years() {
    let season = [5.0, 3.0, 8.0, 2.0, 9.0, 4.0, 7.0, 6.0, 1.0, 2.0, 5.0, 12.0];
    for count in 24..=36 {
        let values: Vec<f64> = (0..count).map(|month| season[month % 12]).collect();
        let answer =
            forecast(&Question { rhythm: Rhythm::MONTHS, ..asked(&values, &[], 12, Model::SeasonalNaive) });
        assert_eq!(
            (answer.model, answer.confidence, answer.coverage),
            (Fitted::SeasonalNaive, Some(1.0), Some(1.0))
        );
        for (step, point) in answer.points.iter().enumerate() {
            near(&[point.low, point.predicted, point.high], &[season[(count + step) % 12]; 3], 1e-9);
        }
    }
}

#[test]
fn drift_and_mean_are_measured_too() {
    let level: Vec<f64> = (0..20).map(|index| [3.0, 9.0, 6.0, 1.0][index % 4]).collect();
    let rising: Vec<f64> = (0..20).map(|index| 40.0 + 4.0 * real(index) + level[index]).collect();
    for model in ALL {
        let told = |values: &[f64]| {
            let answer = forecast(&Question { rhythm: Rhythm::MONTHS, ..asked(values, &[], 2, model) });
            (answer.model, answer.confidence.unwrap())
        };
        let mean = |known: usize, _| level[..known].iter().sum::<f64>() / real(known);
        let (answered, share) = told(&level);
        assert_eq!(answered, Fitted::Mean);
        near(&[share], &[confidence(&level, 10, mean).max(0.0)], 1e-12);
        let drift = |known: usize, at: usize| {
            let slope = (rising[known - 1] - rising[0]) / real(known - 1);
            rising[known - 1] + slope * real((at - known + 1).min(known - 1))
        };
        let (answered, share) = told(&rising);
        assert_eq!(answered, Fitted::Drift);
        near(&[share], &[confidence(&rising, 10, drift)], 1e-12);
    }
}

#[test]
fn two_years_are_104_weeks_or_730_days() {
    let weeks = growing_weeks(104, 3);
    let ask = |values: &[f64], rhythm| forecast(&Question { rhythm, ..asked(values, &[], 8, Model::Auto) });
    assert_eq!(ask(&weeks, Rhythm::WEEKS).model, Fitted::Combination);
    assert_eq!(ask(&weeks[1..], Rhythm::WEEKS).model, Fitted::Drift);
    let days = |count: usize| -> Vec<f64> {
        (0..count)
            .map(|day| 50.0 + 30.0 * (std::f64::consts::TAU * real(day) / 365.25).sin() + [0.0, 3.0][day % 2])
            .collect()
    };
    // With two years the wave is known to turn; a day less, and the line goes on.
    let turned = ask(&days(730), Rhythm::DAYS).points[7].predicted;
    near(&[turned], &[days(738)[737]], 3.0);
}

#[test]
fn what_is_too_short_and_grows_goes_on_growing() {
    for seed in 0..20 {
        for count in [60, 80, 103] {
            let weeks = growing_weeks(count, seed);
            let answer =
                forecast(&Question { rhythm: Rhythm::WEEKS, ..asked(&weeks, &[], 8, Model::default()) });
            assert_eq!(answer.model, Fitted::Drift, "seed {seed}, {count} weeks");
            let (mean, last) = (weeks.iter().sum::<f64>() / real(count), weeks[count - 1]);
            let is_believable =
                |point: &Point| point.predicted > mean && (0.8 * last..1.4 * last).contains(&point.predicted);
            assert!(answer.points.iter().all(is_believable), "seed {seed}, {count} weeks: {answer:?}");
        }
        let mut noise = Noise(seed);
        let level: Vec<f64> = (0..103).map(|_| 100.0 + 10.0 * noise.normal()).collect();
        let answer = forecast(&Question { rhythm: Rhythm::WEEKS, ..asked(&level, &[], 8, Model::default()) });
        assert!(
            answer.points.iter().all(|point| (80.0..120.0).contains(&point.predicted)),
            "seed {seed}: {answer:?}"
        );
    }
}

#[test]
fn how_far_is_asked_changes_no_bucket() {
    let mut noise = Noise(17);
    let days: Vec<f64> = (0..150).map(|day| 40.0 + 9.0 * real(day % 7) + 4.0 * noise.normal()).collect();
    let pasts = [
        (months(60, 4), Rhythm::MONTHS),
        (months(26, 5), Rhythm::MONTHS),
        (months(15, 6), Rhythm::MONTHS),
        (quarters(30), Rhythm::QUARTERS),
        (growing_weeks(130, 7), Rhythm::WEEKS),
        (days, Rhythm::DAYS),
    ];
    for (values, rhythm) in &pasts {
        for model in ALL {
            let ask = |horizon| forecast(&Question { rhythm: *rhythm, ..asked(values, &[], horizon, model) });
            let longest = ask(36);
            for horizon in 1..36 {
                let points = longest.points[..horizon].to_vec();
                assert_eq!(
                    ask(horizon),
                    Forecast { points, ..longest.clone() },
                    "{model:?}, {horizon} ahead"
                );
            }
        }
    }
}

#[test]
fn after_long_nothing_one_spike_makes_no_sure_forecast() {
    // Something once, nothing for so many days, and then very much: the next days may be like most or like the last.
    for quiet in [20, 60, 200, 700] {
        for spikes in 1..=3 {
            let mut values = vec![5.0];
            values.resize(quiet + 1, 0.0);
            values.extend([1000.0, 930.0, 1080.0].iter().take(spikes));
            for model in ALL {
                let question =
                    Question { floor: Some(0.0), rhythm: Rhythm::DAYS, ..asked(&values, &[], 14, model) };
                let answer = forecast(&question);
                for point in &answer.points {
                    let case = format!("{model:?}, {quiet} quiet days, {spikes} spikes: {point:?}");
                    assert!(point.low <= 0.0, "most days have nothing: {case}");
                    assert!(point.high >= 2.0 * point.predicted && point.high > 0.0, "{case}");
                }
                assert!(answer.confidence.unwrap() < 0.5, "{model:?}, {quiet} quiet days: {answer:?}");
            }
        }
    }
}

#[test]
fn a_spike_among_what_never_changes_moves_little() {
    let mut values = vec![50.0; 200];
    values.push(1000.0);
    for model in [Model::LinearRegressionWithSeasonality, Model::Theta, Model::Ets, Model::Combination] {
        let point = forecast(&Question { rhythm: Rhythm::DAYS, ..asked(&values, &[], 1, model) }).points[0];
        near(&[point.predicted], &[50.0], 1.0);
        assert!(point.low < 49.0 && point.high > 51.0, "{model:?}: {point:?}");
    }
}

#[test]
fn intervals_of_two_and_a_half_years_hold_about_what_they_say() {
    let (mut inside, mut all) = (0, 0);
    for seed in 0..60 {
        let values = months(36, 100 + seed);
        let count = 24 + usize::try_from(seed).unwrap() % 7;
        let answer =
            forecast(&Question { rhythm: Rhythm::MONTHS, ..asked(&values[..count], &[], 6, Model::Auto) });
        for (point, value) in answer.points.iter().zip(&values[count..]) {
            inside += usize::from(point.low <= *value && *value <= point.high);
            all += 1;
        }
    }
    let share = real(inside) / real(all);
    assert!((0.72..0.92).contains(&share), "{share}");
}

#[test]
fn one_wild_value_does_not_lead_what_is_too_short() {
    let mut weeks = growing_weeks(80, 5);
    let calm = predicted(&Question { rhythm: Rhythm::WEEKS, ..asked(&weeks, &[], 8, Model::Auto) });
    weeks[79] *= 20.0;
    let wild = predicted(&Question { rhythm: Rhythm::WEEKS, ..asked(&weeks, &[], 8, Model::Auto) });
    for (calm, wild) in calm.iter().zip(wild) {
        assert!((0.7..2.5).contains(&(wild / calm)), "{wild} for {calm}");
    }
}

/// Who closed long ago is not expected to open again.
#[test]
fn a_shop_that_closed_stays_closed() {
    let mut noise = Noise(11);
    for (open, closed) in [(33, 17), (60, 13), (8, 17), (30, 24)] {
        let mut values: Vec<f64> = (0..open).map(|_| 3_000.0 + 300.0 * noise.normal()).collect();
        values.extend(vec![0.0; closed]);
        let question = Question { floor: Some(0.0), ..asked(&values, &[12.0], 6, Model::Auto) };
        assert_eq!(predicted(&question), [0.0; 6], "{open} months, then {closed} without anything");
    }
}
