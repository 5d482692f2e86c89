//! No proofs, where the machine has no vectors that are wide enough for them to pay: see `proof.rs`.

#[derive(Debug, Clone, Copy)]
pub(super) struct Prover;

impl Prover {
    pub(super) fn of_machine() -> Self {
        Self
    }

    #[inline(always)]
    pub(super) fn prove(self, _: &[u8], from: usize, _: usize) -> usize {
        from
    }
}
