//! Makes the shop up: the same customers and orders on every machine.

use super::{ORDER_DIGITS, Order, catalogue};
use sidetone_dialog::understand::luhn;
use sqlx::{Connection, Executor, Row, SqliteConnection};
use std::collections::BTreeSet;

/// The order that the demonstration call asks about.
pub const DEMO_ORDER: &str = "44127769";

/// How many orders there are.
pub const ORDERS: usize = 1_200;

/// How many customers there are.
const CUSTOMERS: u64 = 400;

/// Chosen once: another seed makes another shop.
const SEED: u64 = 0x4a5b_0c1d;

/// A file without this mark is new, or was made by a generator that has changed since.
const SEED_VERSION: i64 = 1;
const MARK: &str = "PRAGMA user_version = 1";

const SCHEMA: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, phone TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE items (name TEXT PRIMARY KEY) STRICT;
    CREATE TABLE orders (
        number   TEXT PRIMARY KEY,
        customer INTEGER NOT NULL REFERENCES customers (id),
        item     TEXT NOT NULL REFERENCES items (name),
        status   TEXT NOT NULL,
        eta      TEXT NOT NULL
    ) STRICT;
    CREATE INDEX orders_by_customer ON orders (customer);
";

/// Where orders are and when they arrive, as it is spoken.
const STATES: [(&str, &str); 8] = [
    ("being packed", "leaves us tomorrow"),
    ("on its way to the depot", "arrives in three days"),
    ("at the depot", "arrives tomorrow"),
    ("with the driver", "arrives today by six"),
    ("with the driver", "arrives today by eight"),
    ("delivered", "it was left at the door"),
    ("waiting for stock", "leaves us next week"),
    ("cancelled", "the money is on its way back"),
];

/// Fills a new database; leaves one alone that was filled before, and fails on any other.
pub(super) async fn fill(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let version: i64 = sqlx::query("PRAGMA user_version")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    if version == SEED_VERSION {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    transaction.execute(sqlx::raw_sql(SCHEMA)).await?;
    for id in 0..CUSTOMERS {
        sqlx::query("INSERT INTO customers (id, phone) VALUES (?, ?)")
            .bind(customer_id(id))
            .bind(phone(id))
            .execute(&mut *transaction)
            .await?;
    }
    for name in catalogue::items() {
        let insert = sqlx::query("INSERT INTO items (name) VALUES (?)").bind(name);
        insert.execute(&mut *transaction).await?;
    }
    for (customer, order) in orders() {
        sqlx::query("INSERT INTO orders (number, customer, item, status, eta) VALUES (?,?,?,?,?)")
            .bind(order.number)
            .bind(customer)
            .bind(order.item)
            .bind(order.status)
            .bind(order.eta)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.execute(sqlx::raw_sql(MARK)).await?;
    transaction.commit().await
}

/// All orders, each with its customer; the demonstration's is the first.
fn orders() -> Vec<(i64, Order)> {
    let mut random = SplitMix(SEED);
    let items = catalogue::items();
    let mut numbers = BTreeSet::from([DEMO_ORDER.to_owned()]);
    let mut orders = vec![(customer_id(0), demo_order())];
    while orders.len() < ORDERS {
        let number = order_number(&mut random);
        if !numbers.insert(number.clone()) {
            continue;
        }
        let item = random.pick(&items).clone();
        let (status, eta) = *random.pick(&STATES);
        let order = Order {
            number,
            item,
            status: status.to_owned(),
            eta: eta.to_owned(),
        };
        orders.push((customer_id(random.below(CUSTOMERS)), order));
    }
    orders
}

fn demo_order() -> Order {
    Order {
        number: DEMO_ORDER.to_owned(),
        item: "grey harbour lamp".to_owned(),
        status: "with the driver".to_owned(),
        eta: "arrives today by six".to_owned(),
    }
}

fn order_number(random: &mut SplitMix) -> String {
    let lowest = 10_u64.pow(ORDER_DIGITS as u32 - 2);
    let mut number = (lowest + random.below(9 * lowest)).to_string();
    number.push(luhn::check_digit(&number).expect("a decimal number is all digits"));
    number
}

fn customer_id(index: u64) -> i64 {
    i64::try_from(index + 1).expect("there are few customers")
}

/// A number from the block that the British regulator keeps for fiction (07700 900000 to 900999).
fn phone(index: u64) -> String {
    format!("+447700900{index:03}")
}

/// The SplitMix64 generator: small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero. The bias is far below what a shop could show.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// One of a list that is not empty.
    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let index = self.below(list.len() as u64);
        &list[index as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shop_is_the_same_every_time() {
        assert_eq!(orders(), orders());
        // Written down, so that a change of the generator is a decision: raise SEED_VERSION too.
        let numbers = orders().into_iter().map(|(_, order)| order.number).take(4);
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            ["44127769", "39946462", "79129920", "98292378"]
        );
    }

    #[test]
    fn every_order_has_a_number_of_its_own_with_a_right_check_digit() {
        let orders = orders();
        let numbers = orders
            .iter()
            .map(|(_, order)| &order.number)
            .collect::<BTreeSet<_>>();
        assert_eq!((orders.len(), numbers.len()), (1_200, 1_200));
        assert!(
            numbers
                .iter()
                .all(|number| number.len() == 8 && luhn::is_valid(number))
        );
    }

    #[test]
    fn the_catalogue_holds_sixty_items_that_can_all_be_ordered() {
        let items = catalogue::items().into_iter().collect::<BTreeSet<_>>();
        assert_eq!(items.len(), 60);
        let ordered = orders()
            .into_iter()
            .map(|(_, order)| order.item)
            .collect::<BTreeSet<_>>();
        assert_eq!(ordered, items);
    }
}
