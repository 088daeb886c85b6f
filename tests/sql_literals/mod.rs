//! Every statement that the store has as a literal, taken out of its source, and what in it only one database would take.
//!
//! Used by `tests/tidy.rs`, which reads the text alone, and by the store's own tests, which hand all of it to PostgreSQL.

/// Files whose statements are for SQLite alone: its pragmas and catalogue, and what old schemas are read with.
const SQLITE_ONLY: &[&str] = &["store/engine/check.rs", "store/engine/fill.rs", "store/engine/schema.rs"];
/// The file that makes its statements of parts, as indexes want it. The store's tests ask it for all of them.
pub const MADE_OF_PARTS: &str = "store/tickets/lists.rs";

/// What a statement begins with.
const BEGINNINGS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];

/// Words of SQLite's own, or that mean something else in PostgreSQL, and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("INSERT OR ", "write ON CONFLICT"),
    ("REPLACE INTO", "write ON CONFLICT"),
    ("RETURNING", "take ids from `next_id`"),
    ("ROWID", "take ids from `next_id`"),
    ("LOWER(", "fold in Rust: SQLite folds ASCII alone"),
    ("UPPER(", "fold in Rust: SQLite folds ASCII alone"),
    (" LIKE ", "compare in Rust or with substr: SQLite folds ASCII"),
    (" GLOB ", "compare in Rust or with substr"),
    (" X'", "bind the bytes"),
    ("IFNULL(", "write coalesce"),
    ("TOTAL(", "write sum"),
    ("INSTR(", "look in Rust"),
    ("GROUP_CONCAT(", "join in Rust"),
    ("UNIXEPOCH(", "bind the time"),
    ("DATETIME(", "bind the time"),
    ("RANDOM(", "bind the number"),
    ("PRAGMA", "belongs into the files that are for SQLite alone"),
    ("SQLITE_", "belongs into the files that are for SQLite alone"),
];

/// A statement and where it stands.
pub struct Statement {
    /// File and line.
    pub place: String,
    /// Its text.
    pub sql: String,
}

/// The statements of one file under `src`, without those of its unit tests; a batch is taken apart.
pub fn statements(name: &str, source: &str) -> Vec<Statement> {
    let is_test = name.split('/').any(|part| part.trim_end_matches(".rs").ends_with("tests"));
    if !name.starts_with("store/") || is_test || SQLITE_ONLY.contains(&name) || name == MADE_OF_PARTS {
        return Vec::new();
    }
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut found = Vec::new();
    for (line, literal) in literals(source) {
        for sql in literal.split(';').map(str::trim).filter(|sql| is_statement(sql)) {
            found.push(Statement { place: format!("{name}:{line}"), sql: sql.to_owned() });
        }
    }
    found
}

fn is_statement(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|word| BEGINNINGS.contains(&word))
}

/// What only SQLite takes of a statement, or takes for something else than PostgreSQL does.
pub fn unportable(sql: &str) -> Vec<String> {
    let plain = without_texts(sql);
    let mut faults: Vec<String> = Vec::new();
    for (word, instead) in WORDS {
        if plain.contains(word) {
            faults.push(format!("`{}`: {instead}", word.trim()));
        }
    }
    if plain.contains('{') {
        faults.push("made by format!: write it as one literal".to_owned());
    }
    for (function, inside, before, after) in calls(&plain) {
        let many = top_level_commas(inside) > 0;
        if matches!(function, "MAX" | "MIN") && many {
            faults.push("max or min of several values: write CASE WHEN".to_owned());
        }
        if matches!(function, "MAX" | "MIN") && after.trim_start().starts_with("+ 1") {
            faults.push("numbering by max() + 1: take ids from `next_id`".to_owned());
        }
        let compares = [" = ", "<", ">", " IN ", " AND ", " OR "].iter().any(|operator| inside.contains(operator));
        if matches!(function, "MAX" | "MIN" | "SUM") && compares && !inside.contains("CASE") {
            faults.push("a truth value as a number: write count(*) FILTER (WHERE …)".to_owned());
        }
        let cast = ["CAST(", "CAST(COALESCE(", "HAVING "].iter().any(|start| before.ends_with(start));
        if function == "SUM" && !cast {
            faults.push("sum is no integer in PostgreSQL: write CAST(sum(…) AS bigint)".to_owned());
        }
        let is_table = before.trim_end().ends_with("FROM") || before.trim_end().ends_with("JOIN");
        if function.is_empty()
            && is_table
            && inside.trim_start().starts_with("SELECT")
            && !after.trim_start().starts_with("AS ")
        {
            faults.push("a sub-query in FROM without a name: write AS name".to_owned());
        }
    }
    faults
}

/// Upper case, one space for all white space, texts in quotes emptied.
fn without_texts(sql: &str) -> String {
    let outside = sql.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    outside.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// Every pair of brackets: the word before it, what stands inside, before the word, and after.
fn calls(sql: &str) -> Vec<(&str, &str, &str, &str)> {
    let mut found = Vec::new();
    for (open, _) in sql.match_indices('(') {
        let Some((head, rest)) = sql.split_at_checked(open) else { continue };
        let rest = rest.get(1..).unwrap_or_default();
        let Some(close) = closing(rest) else { continue };
        let start = head.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
        let (before, word) = head.split_at_checked(start).unwrap_or_default();
        let after = rest.get(close + 1..).unwrap_or_default();
        found.push((word, rest.get(..close).unwrap_or_default(), before, after));
    }
    found
}

fn closing(rest: &str) -> Option<usize> {
    let mut depth = 0;
    rest.char_indices().find_map(|(at, letter)| {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
        None
    })
}

fn top_level_commas(text: &str) -> usize {
    let mut depth = 0;
    let mut commas = 0;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    commas
}

/// The string literals of Rust source, each with its line. Raw strings are not ours.
fn literals(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut letters = source.chars().peekable();
    let mut line = 1;
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => line += 1,
            '/' if letters.peek() == Some(&'/') => while letters.next_if(|letter| *letter != '\n').is_some() {},
            // A letter in quotes; a lifetime has no second quote.
            '\'' => {
                let escaped = letters.next_if_eq(&'\\').is_some();
                letters.next();
                if escaped {
                    while letters.next_if(|letter| *letter != '\'').is_some() {}
                }
                letters.next_if_eq(&'\'');
            }
            '"' => {
                let (start, mut text) = (line, String::new());
                while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                    line += usize::from(letter == '\n');
                    match (letter, letters.peek()) {
                        ('\\', Some('\n')) => {
                            while letters.next_if(|letter| letter.is_whitespace()).is_some_and(|letter| {
                                line += usize::from(letter == '\n');
                                true
                            }) {}
                        }
                        ('\\', Some(_)) => text.push(letters.next().unwrap_or_default()),
                        _ => text.push(letter),
                    }
                }
                found.push((start, text));
            }
            _ => {}
        }
    }
    found
}
