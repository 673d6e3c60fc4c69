//! What is answered: pure functions over what is known at a position.

mod admitted;
pub mod arrears;
pub mod changes;
pub mod competence;
pub mod electorate;
pub mod losses;
pub mod question;
pub mod rights;
pub mod roll;
pub mod rolls;
pub mod rotation;
pub mod session;
pub mod thresholds;
pub mod view;
pub mod weighing;
