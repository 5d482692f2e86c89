//! The known name that somebody may have meant who wrote one that does not exist.

use crate::IslandName;

/// The nearest of the known names, if it is near enough for a slip: two letters of five.
///
/// ```
/// assert_eq!(eyot::nearest(b"CartCuont", ["CartCount", "Avatar"]), Some("CartCount"));
/// assert_eq!(eyot::nearest(b"Basket", ["CartCount", "Avatar"]), None);
/// ```
pub fn nearest<'a>(name: &[u8], known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let nearest = known.into_iter().map(|known| (distance(name, known.as_bytes()), known)).min();
    nearest.filter(|(distance, known)| distance * 5 <= known.len() * 2).map(|(_, known)| known)
}

/// The part of an error that names the island which may have been meant.
pub(crate) fn hint(nearest: Option<&IslandName>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("{:?} may be meant, else ", nearest.as_str()))
}

/// How many letters have to be put in, taken out, exchanged or swapped with their neighbour to make one name of another.
/// Long names are cut: they are near to nothing.
fn distance(name: &[u8], known: &[u8]) -> usize {
    let name = &name[..name.len().min(2 * known.len())];
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=known.len()).collect();
    for (row, letter) in name.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, wanted) in known.iter().enumerate() {
            let exchanged = last[column] + usize::from(letter != wanted);
            let mut best = exchanged.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && *letter == known[column - 1] && name[row - 1] == *wanted {
                let before: &Vec<usize> = &before;
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[known.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use crate::placeholder::Placeholder;
    use crate::{Context, Error, Islands, KeyRing};

    #[test]
    fn a_slip_of_two_letters_in_five_is_near_and_another_word_is_not() {
        let known = ["CartCount", "Cart", "Avatar"];
        let cases = [
            ("Crat", Some("Cart")),
            ("cart", Some("Cart")),
            ("CratCount", Some("CartCount")),
            ("Avatr", Some("Avatar")),
            ("Basket", None),
            ("C", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name.as_bytes(), known), expected, "{name}");
        }
        assert_eq!(nearest(b"Cart", []), None);
    }

    #[test]
    fn an_error_names_the_island_that_may_be_meant() -> Result<(), Error> {
        let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
        let islands = Islands::builder(keys).island("CartCount").build()?;
        let context = Context::at(0);
        let placed = islands.placeholder(&Placeholder::new("CratCount"), &context, &mut Vec::new());
        let split = islands.split(b"<CratCount server:defer />", &context).map(drop);
        for error in [placed.unwrap_err(), split.unwrap_err()] {
            assert!(error.to_string().contains("\"CartCount\" may be meant"), "{error}");
        }
        Ok(())
    }
}
