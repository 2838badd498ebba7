//! Harbour Goods, the demonstration shop: the orders that callers ask about.
//!
//! The shop is made up, the same on every machine. It stands for a customer's back
//! end: slow or absent at times, so that every question to it has a deadline.

mod catalogue;
mod seed;

pub use seed::{DEMO_ORDER, ORDERS};

use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};

/// How many digits an order number has, the last a Luhn check digit (ISO/IEC 7812-1 annex B).
pub const ORDER_DIGITS: usize = 8;

/// How long a caller is kept waiting for an answer before the shop counts as absent.
const ANSWER_WITHIN: Duration = Duration::from_millis(800);

/// One order, in words that can be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number: [`ORDER_DIGITS`] digits.
    pub number: String,
    /// What was ordered (`grey harbour lamp`).
    pub item: String,
    /// Where it is (`with the driver`).
    pub status: String,
    /// When it arrives or what came of it (`arrives today by six`).
    pub eta: String,
}

/// Why the shop did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The file could not be opened or filled.
    #[error(
        "the shop's orders cannot be opened ({0}); name another file in shop.path, or leave it empty"
    )]
    Open(sqlx::Error),
    /// What was asked for is no order number.
    #[error("an order number has {ORDER_DIGITS} digits")]
    NotANumber,
    /// The shop took too long.
    #[error("the shop did not answer in time")]
    Late,
    /// The shop could not read its orders.
    #[error("the shop's orders cannot be read: {0}")]
    Unreadable(sqlx::Error),
}

/// The shop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shop {
    connection: Arc<Mutex<SqliteConnection>>,
    answer_within: Duration,
}

impl Shop {
    /// Opens the shop's file, and fills it when it is new; without a file it lives in memory.
    ///
    /// # Errors
    /// When the file cannot be opened or filled.
    pub async fn open(path: Option<&Path>) -> Result<Self, ShopError> {
        let options = SqliteConnectOptions::new().create_if_missing(true);
        let options = match path {
            None => options.in_memory(true),
            Some(path) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                std::fs::create_dir_all(folder).map_err(|error| ShopError::Open(error.into()))?;
                options.filename(path)
            }
        };
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(ShopError::Open)?;
        seed::fill(&mut connection).await.map_err(ShopError::Open)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            answer_within: ANSWER_WITHIN,
        })
    }

    /// Looks an order up by its number.
    ///
    /// # Errors
    /// When `digits` is no order number, or the shop does not answer in time or at all.
    pub async fn find_order(&self, digits: &str) -> Result<Option<Order>, ShopError> {
        if digits.len() != ORDER_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ShopError::NotANumber);
        }
        let look = async {
            let mut connection = self.connection.lock().await;
            sqlx::query("SELECT number, item, status, eta FROM orders WHERE number = ?")
                .bind(digits)
                .fetch_optional(&mut *connection)
                .await
        };
        let row = timeout(self.answer_within, look)
            .await
            .map_err(|_| ShopError::Late)?
            .map_err(ShopError::Unreadable)?;
        row.as_ref()
            .map(order)
            .transpose()
            .map_err(ShopError::Unreadable)
    }
}

fn order(row: &SqliteRow) -> Result<Order, sqlx::Error> {
    Ok(Order {
        number: row.try_get("number")?,
        item: row.try_get("item")?,
        status: row.try_get("status")?,
        eta: row.try_get("eta")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Executor;

    async fn in_memory() -> Shop {
        Shop::open(None).await.unwrap()
    }

    #[tokio::test]
    async fn the_demo_order_is_with_the_driver() {
        let order = in_memory()
            .await
            .find_order("44127769")
            .await
            .unwrap()
            .unwrap();
        let expected = Order {
            number: DEMO_ORDER.to_owned(),
            item: "grey harbour lamp".to_owned(),
            status: "with the driver".to_owned(),
            eta: "arrives today by six".to_owned(),
        };
        assert_eq!(order, expected);
    }

    #[tokio::test]
    async fn an_order_misheard_by_one_digit_is_not_found() {
        let shop = in_memory().await;
        for place in 0..ORDER_DIGITS {
            for digit in '0'..='9' {
                let misheard = DEMO_ORDER
                    .char_indices()
                    .map(|(index, right)| if index == place { digit } else { right })
                    .collect::<String>();
                let found = shop.find_order(&misheard).await.unwrap();
                assert_eq!(found.is_some(), misheard == DEMO_ORDER, "{misheard}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_order_number_is_refused() {
        let shop = in_memory().await;
        for rubbish in [
            "",
            "4412776",
            "441277699",
            "4412776x",
            "4412 776",
            "४४१२",
            "' OR 1=1",
        ] {
            let answer = shop.find_order(rubbish).await;
            assert!(matches!(answer, Err(ShopError::NotANumber)), "{rubbish}");
        }
    }

    #[tokio::test]
    async fn a_shop_that_does_not_answer_is_reported_late() {
        let shop = Shop {
            answer_within: Duration::from_millis(1),
            ..in_memory().await
        };
        let busy = shop.connection.lock().await;
        assert!(matches!(
            shop.find_order(DEMO_ORDER).await,
            Err(ShopError::Late)
        ));
        drop(busy);
    }

    #[tokio::test]
    async fn a_shop_on_disk_is_filled_once_and_keeps_its_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/shop.db");
        let shop = Shop::open(Some(&path)).await.unwrap();
        let sql = "UPDATE orders SET status = 'delivered' WHERE number = '44127769'";
        shop.connection.lock().await.execute(sql).await.unwrap();
        drop(shop);
        let order = Shop::open(Some(&path))
            .await
            .unwrap()
            .find_order(DEMO_ORDER)
            .await
            .unwrap();
        assert_eq!(order.unwrap().status, "delivered");
    }

    #[tokio::test]
    async fn a_shop_that_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        std::fs::write(&path, "lamps, mostly; ".repeat(100)).unwrap();
        assert!(matches!(
            Shop::open(Some(&path)).await,
            Err(ShopError::Open(_))
        ));
    }

    #[tokio::test]
    async fn the_orders_of_another_program_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theirs.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true);
        let mut theirs = SqliteConnection::connect_with(&options).await.unwrap();
        theirs
            .execute("CREATE TABLE orders (id); INSERT INTO orders VALUES (7)")
            .await
            .unwrap();
        assert!(matches!(
            Shop::open(Some(&path)).await,
            Err(ShopError::Open(_))
        ));
        let kept = theirs
            .fetch_one("SELECT count(*) FROM orders")
            .await
            .unwrap();
        assert_eq!(kept.get::<i64, _>(0), 1);
    }
}
