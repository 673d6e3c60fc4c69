use super::*;
use crate::access::tests::tokens;

#[tokio::test]
async fn the_actor_of_an_entry_is_the_caller() {
    let config = Config {
        access: tokens("sesame clerk/7 roles=recorder\n").unwrap(),
        ..Config::default()
    };
    let mut world = empty(config).await;
    let mut request = tonic::Request::new(batch("league", LEAGUE));
    request
        .metadata_mut()
        .insert("authorization", "Bearer sesame".parse().unwrap());
    world.ledger.record(request).await.unwrap();
    let mut request = tonic::Request::new(v1::GetEntryRequest {
        position: 1,
        epoch: None,
    });
    request
        .metadata_mut()
        .insert("authorization", "Bearer sesame".parse().unwrap());
    let entry = world.ledger.get_entry(request).await.unwrap();
    assert_eq!(entry.into_inner().entry.unwrap().actor, "clerk/7");

    let mut request = tonic::Request::new(v1::GetHeadRequest {});
    request
        .metadata_mut()
        .insert("authorization", "Bearer thief".parse().unwrap());
    refused(
        world.ledger.get_head(request).await,
        Code::Unauthenticated,
        "TOKEN_UNKNOWN",
    );
}
