//! Everything a party holds on a date.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::rights::answers;
use crate::roll::party_state;
use standing_proto::ask::rights;
use standing_proto::v1;

pub(crate) fn get_standing(
    ledger: &Ask<'_>,
    asked: &rights::GetStanding,
) -> Result<v1::GetStandingResponse, Problem> {
    let party = &asked.party;
    let at = ledger.pin(&asked.at)?;
    let drawn = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        view.record(party).and_then(|record| {
            let drawn = party_state::draw(&reader, party, &record, at.on)?;
            Some((drawn, record))
        })
    };
    let Some((drawn, record)) = drawn else {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
    };
    let rights = answers::every_right(ledger, party, &record, at)?;
    Ok(v1::GetStandingResponse {
        party: party_state::finish(ledger, vec![drawn])?.pop(),
        rights: answers::write(ledger, rights, ledger.stop)?,
        basis: Some(at.basis(ledger)?),
    })
}
