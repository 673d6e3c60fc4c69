//! Tests over a real loopback connection.
