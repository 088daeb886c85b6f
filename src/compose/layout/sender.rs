//! Who a mail is from and who reads it, looked up in the config; what is missing there is made up plainly.

use crate::compose::Desk;
use crate::compose::texts::Texts;
use crate::model::address::{Address, Person};
use crate::model::id::{AgentId, DepartmentId};
use crate::model::language::Language;
use crate::model::policy::Department;
use crate::model::text::clean_name;

/// The department in whose name a mail is written.
pub struct Identity {
    /// Who the mail is from; `None` only when the config has no address at all.
    pub from: Option<Person>,
    /// Below every answer, line ends `\n`, maybe empty.
    pub signature: String,
    /// The same with a markup of its own, maybe empty.
    pub signature_html: String,
}

/// The agent who reads a mail.
pub struct Reader {
    /// First of the agent's addresses; `None` for an agent who is gone.
    pub person: Option<Person>,
    /// What we write in.
    pub language: Language,
}

/// The identity of a department; that of the first one when `id` is gone from the config.
pub fn identity(id: &DepartmentId, desk: &Desk) -> Identity {
    let department: Option<&Department> = desk.policy.department(id).or_else(|| desk.policy.departments.first());
    match department {
        Some(department) => Identity {
            from: Some(department.from.clone()),
            signature: department.signature.trim().to_owned(),
            signature_html: department.signature_html.clone(),
        },
        None => Identity {
            from: Address::parse(&format!("postroom@{}", desk.signer.domain()))
                .map(|address| Person { name: String::new(), address }),
            signature: String::new(),
            signature_html: String::new(),
        },
    }
}

/// The agent `id` as a reader.
pub fn reader(id: &AgentId, desk: &Desk) -> Reader {
    let agent = desk.policy.agent(id);
    Reader {
        person: agent.and_then(|agent| {
            agent.addresses.first().map(|address| Person { name: clean_name(&agent.name), address: address.clone() })
        }),
        language: agent.map_or(desk.policy.desk.language, |agent| agent.language),
    }
}

/// The name of a department in the reader's language; its id when it is gone from the config.
pub fn department_name(id: &DepartmentId, texts: &Texts, desk: &Desk) -> String {
    desk.policy.department(id).map_or_else(|| id.to_string(), |department| department.label(texts.language))
}

/// The name of an agent as colleagues see it; the id when the agent is gone.
pub fn agent_name(id: &AgentId, desk: &Desk) -> String {
    desk.policy.agent(id).map_or_else(|| id.to_string(), |agent| clean_name(&agent.name))
}
