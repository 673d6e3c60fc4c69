use super::*;

const MIB: usize = 1 << 20;

fn actor(name: &str) -> Account {
    Account::Actor(ActorId::new(name).unwrap())
}

#[test]
fn one_caller_has_half_and_lists_half_of_that() {
    let budget = Budget::new(64 * MIB);
    let (a, b) = (actor("a"), actor("b"));
    let mut lists = Vec::new();
    while let Ok(charge) = budget.try_take(&a, Kind::List, MIB) {
        lists.push(charge);
    }
    assert_eq!(lists.len(), 16);
    let mut questions = Vec::new();
    while let Ok(charge) = budget.try_take(&a, Kind::Question, MIB) {
        questions.push(charge);
    }
    assert_eq!(questions.len(), 8);
    // What is kept for recording: a quarter of the caller's.
    let record = budget.try_take(&a, Kind::Record, 8 * MIB).unwrap();
    assert!(budget.try_take(&a, Kind::Record, 1).is_err());
    // Another caller has its own.
    let other = budget.try_take(&b, Kind::List, 16 * MIB).unwrap();
    assert_eq!(budget.held(), 48 * MIB);
    drop((lists, questions, record, other));
    assert_eq!(budget.held(), 0);
}

#[test]
fn questions_of_all_leave_a_quarter_to_recording() {
    let budget = Budget::new(64 * MIB);
    let held: Vec<Charge> = (0..4)
        .filter_map(|n| {
            let account = actor(&format!("a{n}"));
            budget.try_take(&account, Kind::Question, 24 * MIB).ok()
        })
        .collect();
    assert_eq!(held.len(), 2);
    assert!(
        budget
            .try_take(&actor("b"), Kind::Question, 2 * MIB)
            .is_err()
    );
    assert!(budget.try_take(&actor("b"), Kind::Record, 8 * MIB).is_ok());
}

#[test]
fn who_holds_little_is_served_when_a_few_hold_all() {
    let budget = Budget::new(64 * MIB);
    let mut held = Vec::new();
    for account in [actor("a"), actor("b")] {
        for kind in [Kind::Record, Kind::Question, Kind::List] {
            while let Ok(charge) = budget.try_take(&account, kind, 2 * MIB) {
                held.push(charge);
            }
        }
    }
    assert_eq!(budget.held(), 56 * MIB);
    let mut little = Vec::new();
    for n in 0..8 {
        let account = actor(&format!("c{n}"));
        little.push(budget.try_take(&account, Kind::Question, MIB).unwrap());
        assert!(budget.try_take(&account, Kind::Question, 1).is_err());
    }
    // Addresses hold none of it.
    let address = Account::Address(None);
    drop(little.pop());
    assert!(budget.try_take(&address, Kind::Question, 1).is_err());
    drop((held, little));
    assert_eq!(budget.held(), 0);
}

#[test]
fn more_than_there_can_be_is_had_alone() {
    let budget = Budget::new(64 * MIB);
    let all = budget
        .try_take(&actor("a"), Kind::Record, usize::MAX)
        .unwrap();
    assert_eq!(budget.held(), 28 * MIB);
    assert!(budget.try_take(&actor("a"), Kind::Record, 1).is_err());
    // Questions of the same caller go on.
    assert!(budget.try_take(&actor("a"), Kind::Question, MIB).is_ok());
    drop(all);
    assert!(
        budget
            .try_take(&actor("a"), Kind::Record, usize::MAX)
            .is_ok()
    );
}

#[tokio::test]
async fn who_waits_is_served_by_what_its_caller_holds() {
    let budget = Budget::new(64 * MIB);
    let (a, b, c) = (actor("a"), actor("b"), actor("c"));
    let first = budget.take(&a, Kind::Question, 24 * MIB).await.unwrap();
    let second = budget.take(&b, Kind::Question, 24 * MIB).await.unwrap();
    let wait = |account: Account| {
        let budget = Arc::clone(&budget);
        tokio::spawn(async move { budget.take(&account, Kind::Question, 24 * MIB).await })
    };
    let of_b = wait(b.clone());
    tokio::task::yield_now().await;
    let of_c = wait(c);
    tokio::task::yield_now().await;
    drop(first);
    // The second caller came first, but holds its part already.
    let of_c = of_c.await.unwrap().unwrap();
    drop((second, of_c));
    assert!(of_b.await.unwrap().is_ok());
    assert_eq!(budget.held(), 0);
}

#[tokio::test]
async fn who_waits_too_long_is_refused_and_leaves_nothing_behind() {
    let budget = Budget::patient(64 * MIB, Duration::from_millis(20));
    let a = actor("a");
    let held = budget.take(&a, Kind::Question, 24 * MIB).await.unwrap();
    assert!(budget.take(&a, Kind::Question, MIB).await.is_err());
    let waits = budget.take(&a, Kind::Question, MIB);
    assert!(timeout(Duration::from_millis(1), waits).await.is_err());
    drop(held);
    assert_eq!(budget.held(), 0);
    drop(budget.take(&a, Kind::Question, MIB).await.unwrap());
    assert!(budget.state.lock().waiting.is_empty());
}

#[test]
fn a_charge_grows_beyond_the_limit_by_what_is_there_already() {
    let budget = Budget::new(64 * MIB);
    let a = actor("a");
    let mut charge = budget.try_take(&a, Kind::Question, MIB).unwrap();
    charge.resize(100 * MIB);
    assert!(budget.try_take(&a, Kind::Question, 1).is_err());
    charge.resize(2 * MIB);
    assert_eq!(budget.held(), 2 * MIB);
    assert!(budget.try_take(&a, Kind::Question, 1).is_ok());
}
