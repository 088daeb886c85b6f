//! `#move`: a ticket goes to another department.

use super::work::Work;
use crate::model::id::DepartmentId;
use crate::model::outgoing::News;
use crate::model::plan::Change;

impl Work<'_> {
    /// Another department has the ticket from now on; who does not work there loses it.
    pub(super) fn move_to(&mut self, department: DepartmentId) {
        if self.shown.department == department {
            return;
        }
        self.event("moved", format!("{} to {department}", self.shown.department));
        self.shown.department = department.clone();
        self.change(Change::Department(department));
        let former = self.shown.assignee.clone().filter(|assignee| !self.is_member(assignee));
        if former.is_some() {
            self.shown.assignee = None;
            self.change(Change::Assignee(None));
            self.event("assigned", "to nobody: the assignee does not work in the new department".to_owned());
        }
        if self.shown.assignee.is_none() {
            self.give_out(None);
        }
        self.tell(self.shown.readers(self.case.policy), &News::Moved(self.name.clone()));
        self.tell(former.into_iter().collect(), &News::NoLongerYours(self.name.clone()));
    }
}
