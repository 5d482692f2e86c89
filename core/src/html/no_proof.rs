//! No proofs, where the machine has no vectors that are wide enough for them to pay: see `proof.rs`.

#[derive(Debug, Clone, Copy)]
pub(super) struct Prover;

impl Prover {
    pub(super) fn of_machine() -> Self {
        Self
    }

    /// Whether nothing is ever proved.
    pub(super) fn is_none(self) -> bool {
        true
    }

    #[inline(always)]
    pub(super) fn prove(self, _: &[u8], from: usize, _: usize) -> usize {
        from
    }
}
