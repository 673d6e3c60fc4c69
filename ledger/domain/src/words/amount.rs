//! Amounts as people read them.

use iso_currency::Currency;

/// Returns an amount of minor units with the digits of its currency (ISO 4217, lower case):
/// `1,000.00 usd`, `1,000 krw`. A currency that is not known, or has no minor units, has none.
#[must_use]
pub fn amount(minor_units: impl Into<u128>, currency: &str) -> String {
    let digits = Currency::from_code(&currency.to_ascii_uppercase())
        .and_then(Currency::exponent)
        .map_or(0, usize::from);
    // With zeros in front, so that there is a digit before the point.
    let text = format!("{:0>width$}", minor_units.into(), width = digits + 1);
    let (whole, rest) = text.split_at(text.len() - digits);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{}{point}{rest} {currency}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        let cases = [
            (0_u64, "usd", "0.00 usd"),
            (7, "usd", "0.07 usd"),
            (100_000, "usd", "1,000.00 usd"),
            (99_999, "usd", "999.99 usd"),
            (999, "krw", "999 krw"),
            (1_000, "krw", "1,000 krw"),
            (1_234_567, "bhd", "1,234.567 bhd"),
            (1_000_000_000_000_000, "eur", "10,000,000,000,000.00 eur"),
            (12, "xau", "12 xau"),
            (1_234, "zzz", "1,234 zzz"),
        ];
        for (minor_units, currency, expected) in cases {
            assert_eq!(amount(minor_units, currency), expected);
        }
    }
}
