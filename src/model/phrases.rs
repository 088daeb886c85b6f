//! What is known of our own mails, so that they are found again inside others.

/// Folded phrases that only our mails to agents carry: found among an agent's words, they show that a program quoted our
/// notification without marks.
#[derive(Clone, Debug, Default)]
pub struct OwnPhrases {
    /// What stands in front of a ticket's number and subject.
    pub labels: Vec<String>,
    /// The beginnings of the lines at the foot.
    pub hints: Vec<String>,
}
