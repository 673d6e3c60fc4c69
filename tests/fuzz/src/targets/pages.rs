//! Page tokens: one that was changed is refused, or is still that of the page, never that of
//! another question's.

use crate::edits::apply;
use crate::engine::Target;
use crate::mutate::Mutator;
use crate::world::{LEAGUE, World, is_fault};
use prost::Message;
use standing_proto::v1::{
    ListEntriesRequest, ListEntriesResponse, ListPartiesRequest, ListPartiesResponse, PointInTime,
};
use tonic::Code;

const ENTRIES: &str = "/standing.v1.LedgerService/ListEntries";
const PARTIES: &str = "/standing.v1.RollService/ListParties";

/// An input names a question, whose pages a token is of, which of them, and what is changed in it.
pub struct Pages {
    world: World,
    questions: Vec<Question>,
}

struct Question {
    method: &'static str,
    /// The request, without a token.
    request: Vec<u8>,
    /// The number of the token's field.
    field: u32,
    /// The tokens, each with its page.
    pages: Vec<(String, Vec<u8>)>,
}

impl Target for Pages {
    const NAME: &'static str = "pages";

    fn start() -> Self {
        let world = World::of(LEAGUE);
        let entries = |request: ListEntriesRequest| (ENTRIES, request.encode_to_vec(), 2);
        let parties = |request: ListPartiesRequest| (PARTIES, request.encode_to_vec(), 7);
        let on = |day: &str| PointInTime {
            on: day.to_owned(),
            ..PointInTime::default()
        };
        let mut asked = vec![
            entries(ListEntriesRequest {
                page_size: 5,
                ..Default::default()
            }),
            entries(ListEntriesRequest {
                page_size: 5,
                last_position: 30,
                ..Default::default()
            }),
            entries(ListEntriesRequest {
                page_size: 1,
                party: "north".to_owned(),
                ..Default::default()
            }),
            entries(ListEntriesRequest {
                page_size: 1,
                kinds: vec!["member_admitted".to_owned()],
                ..Default::default()
            }),
        ];
        for (day, members_only) in [
            ("2013-01-01", false),
            ("2013-01-01", true),
            ("2014-01-01", true),
        ] {
            asked.push(parties(ListPartiesRequest {
                at: Some(on(day)),
                page_size: 1,
                members_only,
                ..Default::default()
            }));
        }
        let questions = asked.into_iter().map(|(method, request, field)| {
            let mut question = Question {
                method,
                request,
                field,
                pages: Vec::new(),
            };
            question.turn(&world);
            question
        });
        Self {
            questions: questions.collect(),
            world,
        }
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        for question in 0..6 {
            seeds.extend((0..6).map(|of| vec![question, of, 0]));
            seeds.push([&[question, question, 1], &[0x0c, b'0', 5, 0, 0, 0][..]].concat());
        }
        seeds
    }

    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator) {
        by.bytes(input);
        input.truncate(256);
    }

    fn run(&mut self, input: &[u8]) -> Result<(), String> {
        let Some((&[question, of, page], edits)) = input.split_first_chunk() else {
            return Ok(());
        };
        let pick = |number: u8| &self.questions[usize::from(number) % self.questions.len()];
        let (question, of) = (pick(question), pick(of));
        let (token, _) = &of.pages[usize::from(page) % of.pages.len()];
        let mut token = token.clone().into_bytes();
        apply(edits, 68, &mut token);
        if token.is_empty() {
            return Ok(());
        }
        match question.ask(&self.world, &token) {
            Ok(answer) => {
                let is_of = |(known, page): &(String, Vec<u8>)| {
                    known.as_bytes().eq_ignore_ascii_case(&token) && *page == answer
                };
                let is_known = question.pages.iter().any(is_of);
                is_known.then_some(()).ok_or_else(|| {
                    format!(
                        "{} answers {:?}",
                        question.method,
                        String::from_utf8_lossy(&token)
                    )
                })
            }
            Err(Code::InvalidArgument) => Ok(()),
            Err(code) => Err(format!("{}: {code:?}", question.method)),
        }
    }
}

impl Question {
    /// Reads all pages.
    fn turn(&mut self, world: &World) {
        let mut answer = self.ask(world, &[]).unwrap();
        loop {
            let token = match self.method {
                ENTRIES => {
                    ListEntriesResponse::decode(&*answer)
                        .unwrap()
                        .next_page_token
                }
                _ => {
                    ListPartiesResponse::decode(&*answer)
                        .unwrap()
                        .next_page_token
                }
            };
            if token.is_empty() {
                break;
            }
            answer = self.ask(world, token.as_bytes()).unwrap();
            self.pages.push((token, answer.clone()));
        }
        assert!(!self.pages.is_empty(), "{} has one page", self.method);
    }

    fn ask(&self, world: &World, token: &[u8]) -> Result<Vec<u8>, Code> {
        let mut request = self.request.clone();
        prost::encoding::bytes::encode(self.field, &token.to_vec(), &mut request);
        let (mut answers, status) = world.call(self.method, vec![request], &[]);
        match status.code() {
            Code::Ok => answers.pop().ok_or(Code::Internal),
            code if is_fault(code) => Err(code),
            code => Err(code),
        }
    }
}
