mod told;

use super::backtest::{Trial, chosen, summary, trials};
use super::interval::{Measure, coverage, spread};
use super::linear::linear;
use super::models::{Asked, drift, seasonal_naive};
use super::number::{damped, is_trending, line, median, quantile, reach, real, sturdy_line};
use super::season::{Seasonality, trend};
use super::simplex::lowest;
use super::smoothing::Fit;
use super::theta::theta;
use super::waves;
use super::*;

/// Numbers from 0 to 1 without an order, always the same.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).unwrap()) / f64::from(u32::MAX >> 1)
    }

    /// Nearly normal: mean 0, deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

const FACTORS: [f64; 4] = [0.8, 1.1, 1.3, 0.8];

fn asked<'a>(values: &'a [f64], seasons: &'a [f64], horizon: usize, model: Model) -> Question<'a> {
    Question { values, rhythm: Rhythm { seasons, ahead: 8 }, horizon, model, level: 0.8, floor: None }
}

fn predicted(question: &Question) -> Vec<f64> {
    forecast(question).points.iter().map(|point| point.predicted).collect()
}

fn near(one: &[f64], other: &[f64], tolerance: f64) {
    assert_eq!(one.len(), other.len());
    for (a, b) in one.iter().zip(other) {
        assert!((a - b).abs() <= tolerance, "{one:?} is not {other:?} within {tolerance}");
    }
}

/// Quarters on a line from 100, two more each, times the factors.
fn quarters(count: usize) -> Vec<f64> {
    (0..count).map(|index| (100.0 + 2.0 * real(index)) * FACTORS[index % 4]).collect()
}

const ALL: [Model; 6] = [
    Model::Auto,
    Model::LinearRegressionWithSeasonality,
    Model::SeasonalNaive,
    Model::Theta,
    Model::Ets,
    Model::Combination,
];

#[test]
fn the_arithmetic_is_that_of_the_books() {
    near(&damped(0.5, 3).collect::<Vec<f64>>(), &[0.5, 0.75, 0.875], 1e-12);
    near(&[line(&[1.0, 3.0, 5.0]).0, line(&[1.0, 3.0, 5.0]).1], &[1.0, 2.0], 1e-12);
    near(&[median(vec![5.0, 1.0, 9.0]), median(vec![4.0, 1.0]), median(vec![])], &[5.0, 2.5, 0.0], 0.0);
    near(
        &[quantile(&[0.0, 10.0, 20.0], 0.75), quantile(&[7.0], 0.8), quantile(&[], 0.8)],
        &[15.0, 7.0, 0.0],
        1e-12,
    );
    // Two by four: (1/2 + 2 + 3 + 4 + 5/2) / 4 = 3, and drawn on at one a step.
    near(&trend(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 4), &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1e-12);
    near(
        &[sturdy_line(&[1.0, 3.0, 5.0, 7.0, 90.0]).0, sturdy_line(&[1.0, 3.0, 5.0, 7.0, 90.0]).1],
        &[1.0, 2.0],
        1e-12,
    );
    // Three deviations of 1.4826 medians; where most are nothing, three times the second farthest.
    near(&[reach(&[1.0, -2.0, 3.0], 3.0), reach(&[0.0, 0.0, 0.0, -4.0, 90.0], 3.0)], &[8.8956, 12.0], 1e-12);
    // All pairs of five rise, which chance does once in sixty; of three it does once in three.
    assert!(is_trending(&[1.0, 2.0, 3.0, 4.0, 5.0]) && is_trending(&[5.0, 4.0, 3.0, 2.0, 1.0]));
    assert!(!is_trending(&[1.0, 2.0, 3.0]) && !is_trending(&[1.0, 5.0, 2.0, 4.0, 3.0]) && !is_trending(&[]));
    let found = lowest(&[0.0, 0.0], 0.5, 200, |at| (at[0] - 3.0).powi(2) + 2.0 * (at[1] + 1.0).powi(2));
    near(&found, &[3.0, -1.0], 1e-4);
}

#[test]
fn simple_models_say_what_their_definitions_say() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    near(&seasonal_naive(&values, 3.0, 5), &[5.0, 6.0, 7.0, 5.0, 6.0], 0.0);
    near(&seasonal_naive(&values, 1.0, 2), &[7.0, 7.0], 0.0);
    // From 1 to 4 in two buckets: 1.5 a bucket, for two.
    near(&drift(&[1.0, 2.0, 4.0], 4), &[5.5, 7.0, 7.0, 7.0], 1e-12);
    let mean = forecast(&asked(&[3.0, 1.0, 5.0], &[], 2, Model::Auto));
    assert_eq!(mean.model, Fitted::Mean);
    near(&[mean.points[0].predicted, mean.points[1].predicted], &[3.0, 3.0], 1e-12);
}

#[test]
fn theta_goes_on_with_half_the_slope() {
    let values: Vec<f64> = (1..=20).map(f64::from).collect();
    let said = theta(&values, 3);
    near(&[said[1] - said[0], said[2] - said[1]], &[0.5, 0.5], 1e-9);
    // The level has all but reached 20.
    assert!((20.4..20.6).contains(&said[0]), "{said:?}");
    near(&theta(&[5.0; 12], 3), &[5.0; 3], 1e-9);
}

#[test]
fn linear_regression_goes_on_with_a_damped_slope() {
    let values: Vec<f64> = (0..24).map(f64::from).collect();
    let phi = 0.9_f64.powf(0.25);
    near(
        &linear(&values, 4.0, 4, 3),
        &[23.0 + phi, 23.0 + phi + phi * phi, 23.0 + phi + phi.powi(2) + phi.powi(3)],
        1e-6,
    );
    near(&linear(&[5.0; 12], 4.0, 4, 3), &[5.0; 3], 1e-9);
}

#[test]
fn smoothing_finds_the_form() {
    let straight: Vec<f64> = (0..30).map(|index| 10.0 + 3.0 * f64::from(index)).collect();
    let said = Fit::of(&straight, 0, false).unwrap().continued(&straight, 2);
    near(&said, &[100.0, 103.0], 0.2);
    near(&Fit::of(&[5.0; 20], 4, true).unwrap().continued(&[5.0; 20], 3), &[5.0; 3], 1e-6);
    assert!(Fit::of(&[1.0, 2.0, 3.0], 0, false).is_none());
}

#[test]
fn a_line_with_seasons_is_recovered() {
    let values = quarters(32);
    let coming: Vec<f64> = quarters(36)[32..].to_vec();
    assert!(Seasonality::of(&values, &[4.0]).multiplies);
    for model in [Model::LinearRegressionWithSeasonality, Model::Theta, Model::Ets, Model::Combination] {
        for (said, came) in predicted(&asked(&values, &[4.0], 4, model)).iter().zip(&coming) {
            assert!((said / came - 1.0).abs() < 0.04, "{model:?}: {said} for {came}");
        }
    }
    let answer = forecast(&asked(&values, &[4.0], 4, Model::Auto));
    assert!(answer.confidence.unwrap() > 0.97, "{answer:?}");
    // Plus and minus instead of times, with values below zero.
    let adding: Vec<f64> = (0..36).map(|index| real(index) - 20.0 + 50.0 * FACTORS[index % 4]).collect();
    let shifted: Vec<f64> = adding.iter().map(|value| value - 60.0).collect();
    assert!(!Seasonality::of(&shifted[..32], &[4.0]).multiplies);
    near(
        &predicted(&asked(&shifted[..32], &[4.0], 4, Model::LinearRegressionWithSeasonality)),
        &shifted[32..],
        2.0,
    );
}

#[test]
fn noise_is_not_called_season() {
    let mut noise = Noise(7);
    let called = (0..200)
        .filter(|_| {
            let values: Vec<f64> = (0..60).map(|_| 100.0 + 10.0 * noise.normal()).collect();
            Seasonality::of(&values, &[12.0]).is_seasonal()
        })
        .count();
    assert!(called <= 24, "{called} of 200");
}

#[test]
fn weeks_and_years_are_told_apart() {
    let mut noise = Noise(3);
    let week = [-3.0, -1.0, 0.0, 0.0, 1.0, 5.0, -2.0];
    let clean = |day: usize| {
        week[day % 7] + 20.0 * (std::f64::consts::TAU * real(day) / 365.25).sin() + 0.01 * real(day) - 5.0
    };
    let values: Vec<f64> = (0..800).map(|day| clean(day) + noise.normal()).collect();
    let said = predicted(&asked(&values, &[7.0, 365.25], 30, Model::LinearRegressionWithSeasonality));
    near(&said, &(800..830).map(clean).collect::<Vec<f64>>(), 2.5);
    let flat: Vec<f64> = (0..800).map(|_| noise.normal()).collect();
    assert!(waves::fit(&flat, 365.25).is_none());
}

#[test]
fn one_wild_value_moves_little() {
    for place in [3, 20, 38] {
        let mut noise = Noise(11);
        let calm: Vec<f64> = quarters(40).iter().map(|value| value * (1.0 + 0.02 * noise.normal())).collect();
        let mut wild = calm.clone();
        wild[place] *= 20.0;
        for model in [Model::LinearRegressionWithSeasonality, Model::Theta, Model::Ets, Model::Combination] {
            let (one, other) = (asked(&calm, &[4.0], 4, model), asked(&wild, &[4.0], 4, model));
            for (calm, wild) in predicted(&one).iter().zip(predicted(&other)) {
                assert!((wild / calm - 1.0).abs() < 0.08, "{model:?}, value {place} wild: {wild} for {calm}");
            }
        }
    }
}

#[test]
fn what_is_too_short_falls_back_and_says_so() {
    for model in ALL {
        let answer = |values: &[f64]| forecast(&asked(values, &[12.0], 3, model));
        let straight: Vec<f64> = (1..24).map(f64::from).collect();
        assert_eq!(answer(&straight).model, Fitted::Drift);
        near(&predicted(&asked(&straight, &[12.0], 2, model)), &[24.0, 25.0], 1e-9);
        let level: Vec<f64> = (0..23).map(|index| [3.0, 9.0, 6.0, 1.0][index % 4]).collect();
        assert_eq!(answer(&level).model, Fitted::Mean);
        assert!(answer(&quarters(24)).model != Fitted::Drift, "two full seasons are enough");
        assert_eq!(forecast(&asked(&[1.0, 2.0, 3.0, 4.0, 5.0], &[], 1, model)).model, Fitted::Drift);
    }
}

#[test]
fn nothing_and_next_to_nothing_have_answers() {
    let none = forecast(&asked(&[], &[7.0], 2, Model::Auto));
    assert_eq!(none.points, vec![Point { predicted: 0.0, low: 0.0, high: 0.0 }; 2]);
    assert_eq!((none.model, none.confidence, none.coverage, none.backtest), (Fitted::Mean, None, None, None));
    let one = forecast(&asked(&[8.0], &[7.0], 1, Model::Auto));
    assert_eq!((one.points[0], one.confidence), (Point { predicted: 8.0, low: 0.0, high: 16.0 }, None));
    let zeros = forecast(&asked(&[0.0; 40], &[7.0], 2, Model::Auto));
    assert_eq!(zeros.points, vec![Point { predicted: 0.0, low: 0.0, high: 0.0 }; 2]);
    assert_eq!((zeros.confidence, zeros.coverage), (Some(1.0), Some(1.0)));
    for point in forecast(&asked(&[42.0; 40], &[7.0], 3, Model::Auto)).points {
        near(&[point.predicted, point.low, point.high], &[42.0; 3], 1e-6);
    }
    assert!(forecast(&asked(&[1.0; 20], &[], 0, Model::Auto)).points.is_empty());
}

/// Series of every kind: level, growing, negative, mostly zeros, huge, alternating.
fn strange(kind: usize, length: usize, noise: &mut Noise) -> Vec<f64> {
    (0..length)
        .map(|index| match kind {
            0 => noise.normal(),
            1 => 1.05_f64.powf(real(index)) * (1.0 + noise.next()),
            2 => -1e3 * noise.next(),
            3 => f64::from(u8::from(noise.next() > 0.8)) * 7.0,
            4 => 1e15 * noise.next(),
            5 => {
                if index % 2 == 0 {
                    1e300
                } else {
                    -1e300
                }
            }
            6 => {
                if index % 9 == 8 {
                    f64::NAN
                } else {
                    1e-300 * noise.next()
                }
            }
            _ => real(length - index),
        })
        .collect()
}

#[test]
fn every_series_has_an_answer_in_order_and_finite() {
    let mut noise = Noise(1);
    let seasons: [&[f64]; 6] = [&[], &[4.0], &[7.0], &[12.0], &[7.0, 30.4], &[26.1]];
    for length in 0..80 {
        for (kind, model) in [(length * 5 % 8, Model::Auto), ((length + 3) % 8, ALL[length % ALL.len()])] {
            let values = strange(kind, length, &mut noise);
            let floor = [None, Some(0.0)][(length / 2) % 2];
            let answer = forecast(&Question { floor, ..asked(&values, seasons[length % 6], 5, model) });
            assert_eq!(answer.points.len(), 5);
            for point in &answer.points {
                let ordered = point.low <= point.predicted && point.predicted <= point.high;
                assert!(ordered, "kind {kind}, {length} values: {point:?}");
                assert!(point.low.is_finite() && point.high.is_finite(), "kind {kind}, {length} values");
                assert!(point.low >= floor.unwrap_or(f64::MIN));
            }
            let shares = [answer.confidence, answer.coverage];
            assert!(shares.iter().flatten().all(|share| (0.0..=1.0).contains(share)), "{answer:?}");
        }
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let values = strange(1, 50, &mut Noise(2));
    let question = asked(&values, &[12.0], 5, Model::Auto);
    assert_eq!(forecast(&question), forecast(&question));
}

#[test]
fn the_unit_does_not_matter() {
    let values = quarters(30);
    let thousands: Vec<f64> = values.iter().map(|value| value * 1000.0).collect();
    for model in ALL {
        let one = forecast(&asked(&values, &[4.0], 6, model));
        let other = forecast(&asked(&thousands, &[4.0], 6, model));
        assert_eq!(one.model, other.model);
        for (one, other) in one.points.iter().zip(&other.points) {
            near(
                &[one.predicted, one.low, one.high],
                &[other.predicted / 1e3, other.low / 1e3, other.high / 1e3],
                1e-4,
            );
        }
    }
}

#[test]
fn one_season_more_of_the_same_changes_nothing() {
    let values: Vec<f64> = (0..48).map(|index| FACTORS[index % 4] * 10.0).collect();
    for model in ALL {
        let shorter = predicted(&asked(&values[..44], &[4.0], 4, model));
        near(&shorter, &predicted(&asked(&values, &[4.0], 4, model)), 1e-6);
        near(&shorter, &values[..4], 1e-6);
    }
}

#[test]
fn trials_see_nothing_of_what_came_after() {
    let mut noise = Noise(5);
    let values: Vec<f64> = quarters(40).iter().map(|value| value + noise.normal()).collect();
    let (models, _) = candidates(Model::Auto);
    let asked = Asked { seasons: &[4.0], ahead: 4, floor: None, models };
    let before = trials(&values, &asked);
    let known = before[0][6].known;
    let mut changed = values.clone();
    changed[known..].iter_mut().for_each(|value| *value *= 3.0);
    let after = trials(&changed, &asked);
    for (before, after) in before.iter().zip(&after) {
        for (one, other) in before.iter().zip(after).take_while(|(one, _)| one.known <= known) {
            assert_eq!(one.predicted, other.predicted);
        }
        assert!(before.len() <= 16 && before.last().unwrap().known == 39);
    }
}

fn trial(known: usize, predicted: &[f64], actual: &[f64]) -> Trial {
    Trial { known, predicted: predicted.to_vec(), actual: actual.to_vec() }
}

#[test]
fn the_backtest_adds_up() {
    let one = vec![trial(3, &[10.0, 10.0], &[8.0, 13.0]), trial(4, &[20.0], &[19.0])];
    let figures = summary(&one, 10.0).unwrap();
    assert_eq!((figures.origins, figures.farthest, figures.compared), (2, 2, 3));
    near(&[figures.wape, figures.mae], &[6.0 / 40.0, 20.0], 1e-12);
    assert!(summary(&[], 1.0).is_none());
    assert!((summary(&[trial(1, &[1.0], &[0.0])], 1.0).unwrap().wape - 1.0).abs() < 1e-12);
    // Another model answers where it is off by a fifth less, not where it is by less than that.
    let off = |error: f64| vec![trial(3, &[10.0 + error], &[10.0])];
    assert_eq!(chosen(&[off(1.0), off(0.85), off(0.9)], 0.8), 0);
    assert_eq!(chosen(&[off(1.0), off(0.85), off(0.7)], 0.8), 2);
    assert_eq!(chosen(&[off(1.0), off(0.85), off(0.7)], 0.0), 0);
    assert_eq!(chosen(&[off(1.0), off(1.0)], 1.0), 0);
    // Nothing said where one comes in four is less off in the mean, but not in squares.
    let often = vec![trial(3, &[0.25; 4], &[0.0, 0.0, 0.0, 1.0])];
    assert_eq!(chosen(&[often, vec![trial(3, &[0.0; 4], &[0.0, 0.0, 0.0, 1.0])]], 0.8), 0);
    assert_eq!(chosen(&[vec![], vec![]], 0.8), 0);
}

#[test]
fn intervals_are_as_wide_as_the_errors_were() {
    // All errors are 2 at every horizon; three trials' worth of them.
    let trials: Vec<Trial> = (0..9).map(|known| trial(known, &[0.0; 3], &[2.0, -2.0, 2.0])).collect();
    let measure = Measure { values: &[0.0; 12], level: 0.8, relative: false };
    let here = spread(&trials, 12, measure).unwrap();
    let (low, high) = here.about(100.0, 1);
    near(&[100.0 - low], &[high - 100.0], 1e-12);
    assert!((2.0..3.5).contains(&(high - 100.0)), "{here:?}");
    let widths: Vec<f64> = (1..9).map(|ahead| here.about(0.0, ahead).1).collect();
    assert!(widths.windows(2).all(|pair| pair[0] <= pair[1]), "{widths:?}");
    assert!(spread(&trials, 12, Measure { level: 0.95, ..measure }).unwrap().about(0.0, 1).1 > widths[0]);
    assert_eq!(coverage(&trials, measure), Some(1.0));
    assert_eq!(coverage(&trials[..4], measure), None);
    assert!(spread(&[], 12, measure).is_none());
    let ratios = Measure { relative: true, ..measure };
    let ratios = spread(&[trial(1, &[10.0], &[20.0])], 2, ratios).unwrap();
    let (low, high) = ratios.about(10.0, 1);
    assert!(low > 0.0 && (low * high - 100.0).abs() < 1e-9, "{low} to {high}");
}

#[test]
fn intervals_hold_about_as_much_as_they_say() {
    let mut noise = Noise(9);
    let (mut inside, mut all) = (0, 0);
    for _ in 0..40 {
        let values: Vec<f64> = (0..64).map(|_| 50.0 + 5.0 * noise.normal()).collect();
        let answer = forecast(&asked(&values[..60], &[4.0], 4, Model::Theta));
        for (point, value) in answer.points.iter().zip(&values[60..]) {
            inside += usize::from(point.low <= *value && *value <= point.high);
            all += 1;
        }
    }
    let share = real(inside) / real(all);
    assert!((0.72..0.92).contains(&share), "{share}");
}

#[test]
fn a_floor_holds() {
    let falling: Vec<f64> = (0..30).map(|index| (30.0 - 1.2 * f64::from(index)).max(0.0)).collect();
    for model in ALL {
        let answer = forecast(&Question { floor: Some(0.0), ..asked(&falling, &[4.0], 12, model) });
        assert!(answer.points.iter().all(|point| point.low >= 0.0 && point.predicted >= 0.0), "{answer:?}");
    }
}
