//! Finds the lowest point of a smooth function of few numbers, without its slope (Nelder and Mead 1965).

/// A point and the height there.
type Corner = (Vec<f64>, f64);

/// The lowest point found from `start`, with first steps of `step` along every axis, after this many heights asked.
/// The function keeps its numbers in bounds itself. Always the same answer for the same question.
pub fn lowest(start: &[f64], step: f64, asks: usize, height: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let asked = |point: Vec<f64>| {
        let here = height(&point);
        (point, if here.is_nan() { f64::INFINITY } else { here })
    };
    let mut corners: Vec<Corner> = vec![asked(start.to_vec())];
    for axis in 0..start.len() {
        let mut point = start.to_vec();
        point[axis] += step;
        corners.push(asked(point));
    }
    let mut left = asks.saturating_sub(corners.len());
    while left > 0 {
        corners.sort_by(|one, other| one.1.total_cmp(&other.1));
        left = left.saturating_sub(improve(&mut corners, &asked));
    }
    corners.into_iter().min_by(|one, other| one.1.total_cmp(&other.1)).map(|best| best.0).unwrap_or_default()
}

/// One step: the highest corner is thrown over the others, farther or nearer; else all draw in on the lowest.
/// Says how many heights it asked.
fn improve(corners: &mut [Corner], asked: &impl Fn(Vec<f64>) -> Corner) -> usize {
    let worst = corners.len() - 1;
    let centre = centre(&corners[..worst]);
    let thrown = |by: f64, from: &[f64]| {
        asked(centre.iter().zip(from).map(|(middle, old)| middle + by * (old - middle)).collect())
    };
    let reflected = thrown(-1.0, &corners[worst].0);
    if reflected.1 < corners[0].1 {
        let farther = thrown(-2.0, &corners[worst].0);
        corners[worst] = if farther.1 < reflected.1 { farther } else { reflected };
        return 2;
    }
    if reflected.1 < corners[worst - 1].1 {
        corners[worst] = reflected;
        return 1;
    }
    let nearer = thrown(if reflected.1 < corners[worst].1 { -0.5 } else { 0.5 }, &corners[worst].0);
    if nearer.1 < corners[worst].1.min(reflected.1) {
        corners[worst] = nearer;
        return 2;
    }
    let lowest = corners[0].0.clone();
    for corner in &mut corners[1..] {
        *corner = asked(lowest.iter().zip(&corner.0).map(|(low, old)| f64::midpoint(*low, *old)).collect());
    }
    2 + worst
}

fn centre(corners: &[Corner]) -> Vec<f64> {
    let share = 1.0 / super::number::real(corners.len());
    let width = corners.first().map_or(0, |corner| corner.0.len());
    (0..width).map(|axis| corners.iter().map(|corner| corner.0[axis]).sum::<f64>() * share).collect()
}
