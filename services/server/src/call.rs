//! What every call shares: who asks, about which moment, page by page, and how it is refused.

pub(crate) mod aside;
pub(crate) mod auth;
pub(crate) mod calls;
pub(crate) mod deadline;
pub(crate) mod errors;
pub(crate) mod paging;
pub(crate) mod point;
pub(crate) mod reads;
pub(crate) mod sampled;
pub(crate) mod served;
