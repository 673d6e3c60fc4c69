//! What is answered: pure functions over what is known at a position.

pub mod arrears;
pub mod changes;
pub mod competence;
pub mod governing;
pub mod losses;
pub mod question;
pub mod rights;
pub mod roll;
pub mod rolls;
pub mod rotation;
pub mod session;
pub mod view;
pub mod weighing;
