//! Everything a party holds on a date.

use crate::call::errors::Problem;
use crate::call::fields::Fields;
use crate::dear::Ask;
use crate::rights::answers;
use crate::roll::party_state;
use standing_domain::id::PartyId;
use standing_proto::v1;

pub(crate) fn get_standing(
    engine: &Ask<'_>,
    request: &v1::GetStandingRequest,
) -> Result<v1::GetStandingResponse, Problem> {
    let mut fields = Fields::default();
    let party = fields.id("party", &request.party, PartyId::new);
    let at = fields.at(request.at.as_ref());
    let (Some(party), Some(at)) = (party, at) else {
        return Err(fields.problem());
    };
    let at = at.pin(engine)?;
    let drawn = {
        let reader = engine.at(at.position);
        let view = reader.view();
        view.record(&party).and_then(|record| {
            let drawn = party_state::draw(&reader, &party, &record, at.on)?;
            Some((drawn, record))
        })
    };
    let Some((drawn, record)) = drawn else {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
    };
    let rights = answers::every_right(engine, &party, &record, at)?;
    Ok(v1::GetStandingResponse {
        party: party_state::finish(engine, vec![drawn])?.pop(),
        rights: answers::write(engine, rights, engine.stop)?,
        basis: Some(at.basis(engine)?),
    })
}
