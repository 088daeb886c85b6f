//! What hostile mails cost on their whole way, at five sizes.

use crate::shapes::SHAPES;
use crate::way::{STEPS, Way};

const SIZES: [(usize, &str); 5] =
    [(64 << 10, "64 KiB"), (256 << 10, "256 KiB"), (1 << 20, "1 MiB"), (4 << 20, "4 MiB"), (10 << 20, "10 MiB")];
/// Processor seconds that a step may take.
const BAR: f64 = 1.0;
/// After a step that takes as many, nothing larger is tried.
const LONGEST: f64 = 20.0;

/// Prints a line for each shape and size: the processor seconds of each step.
pub fn run(wanted: &[String]) {
    println!("{:<32} {:<8} {}", "shape", "size", STEPS.map(|step| format!("{step:>8}")).join(" "));
    let (mut over, mut worst) = (0, (0.0, String::new()));
    for shape in SHAPES.iter().filter(|shape| wanted.is_empty() || wanted.iter().any(|name| name == shape.name)) {
        for (size, name) in SIZES {
            // Its own desk: no mail pays for what others left.
            let costs = Way::new().cost(shape, size, LONGEST);
            let most = costs.iter().copied().fold(0.0, f64::max);
            let verdict = if most > BAR { "  OVER" } else { "" };
            over += usize::from(most > BAR);
            if most > worst.0 {
                worst = (most, format!("{} of {name}", shape.name));
            }
            let shown = costs.iter().map(|cost| format!("{cost:>8.3}")).collect::<Vec<_>>().join(" ");
            println!("{:<32} {name:<8} {shown}{verdict}", shape.name);
            if most > LONGEST {
                break;
            }
        }
    }
    println!("{over} over {BAR} s; the worst: {:.2} s, {}", worst.0, worst.1);
}
