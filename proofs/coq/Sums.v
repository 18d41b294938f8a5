(* What the theorems that count from 1 share: sums over 1..m, and the tactic by which an exported statement is
   reduced to a theorem of this library. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp Require Export zify.
From mathcomp.algebra_tactics Require Export ring.
From Symderive Require Import EpsilonDelta.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Sums.
Variable R : comRingType.
Implicit Types (F G : nat -> R) (m : nat).

Lemma sum_from_1 m F : \sum_(1 <= k < m.+1) F k = \sum_(i < m) F i.+1.
Proof. by rewrite big_add1 big_mkord. Qed.

Lemma eq_sum m F G : (forall k, (1 <= k <= m)%N -> F k = G k) ->
  \sum_(1 <= k < m.+1) F k = \sum_(1 <= k < m.+1) G k.
Proof. by move=> E; apply: eq_big_nat => k; rewrite ltnS; exact: E. Qed.

(* the index of a sum renamed by a permutation of its range *)
Lemma sum_permuted m (p : nat -> nat) F :
  perm_eq [seq p k | k <- index_iota 1 m.+1] (index_iota 1 m.+1) ->
  \sum_(1 <= k < m.+1) F (p k) = \sum_(1 <= k < m.+1) F k.
Proof. by move=> E; rewrite -(big_map p xpredT F); exact: perm_big. Qed.

Lemma permuted_range m (p : nat -> nat) k :
  perm_eq [seq p k | k <- index_iota 1 m.+1] (index_iota 1 m.+1) -> (1 <= k <= m)%N -> (1 <= p k <= m)%N.
Proof.
move=> E km; have : p k \in index_iota 1 m.+1 by rewrite -(perm_mem E) map_f // mem_index_iota ltnS.
by rewrite mem_index_iota ltnS.
Qed.

Lemma sum_kronecker m v F : (1 <= v <= m)%N -> \sum_(1 <= k < m.+1) (k == v)%:R * F k = F v.
Proof.
move=> vm; rewrite (bigD1_seq v) ?mem_index_iota ?ltnS ?iota_uniq //= eqxx mul1r big1 ?addr0 // => k kv.
by rewrite (negPf kv) mul0r.
Qed.
End Sums.

Section Differentials.
Variable real : realFieldType.

(* cost has the partial derivatives cost_1 by the entries of the outputs and cost_2 by those of the targets:
   along every path on which these have derivatives, so has the cost, and the chain rule gives it *)
Definition partials (N M : nat) (cost : seq real -> seq real -> real)
  (cost_1 cost_2 : nat -> seq real -> seq real -> real) :=
  forall (tau : real) (u v : nat -> real -> real) (du dv : nat -> real),
  (forall j, (1 <= j < N)%N -> deriv tau (u j) (du j)) ->
  (forall j, (1 <= j < M)%N -> deriv tau (v j) (dv j)) ->
  deriv tau (fun t => cost [seq u j t | j <- index_iota 1 N] [seq v j t | j <- index_iota 1 M])
    (\sum_(1 <= j < N) cost_1 j [seq u i tau | i <- index_iota 1 N] [seq v i tau | i <- index_iota 1 M] * du j
     + \sum_(1 <= j < M) cost_2 j [seq u i tau | i <- index_iota 1 N] [seq v i tau | i <- index_iota 1 M] * dv j).
Lemma deriv_sum tau m (f : nat -> real -> real) (df : nat -> real) :
  (forall k, (1 <= k <= m)%N -> deriv tau (f k) (df k)) ->
  deriv tau (fun t => \sum_(1 <= k < m.+1) f k t) (\sum_(1 <= k < m.+1) df k).
Proof.
elim: m => [|m IH] H.
  by rewrite big_geq //; apply: deriv_ext (deriv_const _ 0) => t; rewrite big_geq.
rewrite big_nat_recr //=; have Hm : (1 <= m.+1 <= m.+1)%N by lia.
have Hk k : (1 <= k <= m)%N -> deriv tau (f k) (df k) by move=> km; apply: H; lia.
have D := deriv_add (IH Hk) (H m.+1 Hm).
by move: D; apply: deriv_ext => t; rewrite [RHS]big_nat_recr.
Qed.
End Differentials.

(* An exported statement is reduced to a theorem of the library: the conclusion fits, and so does one hypothesis
   for each that the theorem asks for. Where several fit, the first is tried first; eexact,
   as exact does not find a function that is applied to what is not known yet. *)
Ltac by_hypothesis := multimatch goal with H : _ |- _ => eexact H end.
Ltac by_library theorem := intros; eapply theorem; [> by_hypothesis ..].
