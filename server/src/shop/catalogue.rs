//! What Harbour Goods sells: twelve things in four colours each, and twelve coffees.

const COLOURS: [&str; 4] = ["grey", "green", "blue", "white"];

const GOODS: [&str; 12] = [
    "harbour lamp",
    "reading lamp",
    "floor lamp",
    "pendant light",
    "wool throw",
    "linen cushion",
    "serving tray",
    "stoneware mug",
    "storm candle",
    "hand towel",
    "door mat",
    "wall clock",
];

const ROASTS: [&str; 4] = ["light roast", "house blend", "dark roast", "decaf"];

const COFFEES: [&str; 3] = ["whole beans", "filter coffee", "espresso"];

/// The items' names, as they are spoken: 60, each once, in a fixed order.
pub(super) fn items() -> Vec<String> {
    let goods = GOODS
        .iter()
        .flat_map(|thing| COLOURS.map(|colour| format!("{colour} {thing}")));
    let coffees = COFFEES
        .iter()
        .flat_map(|coffee| ROASTS.map(|roast| format!("{roast} {coffee}")));
    goods.chain(coffees).collect()
}
