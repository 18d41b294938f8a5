(* T2b (proofs/t2_backpropagation_batch.py): backpropagation over a batch, whose cost is the mean of the samples'. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums T2.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Batch.
Variables (real : realFieldType) (B L : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (cost : seq real -> seq real -> real) (cost_1 cost_2 : nat -> seq real -> seq real -> real).
Variables (C : real -> real) (b : nat -> nat -> real -> real) (a delta z : nat -> nat -> nat -> real -> real).
Variables (db : nat -> nat -> real) (dw : nat -> nat -> nat -> real) (dx dy : nat -> nat -> real).
Variables (grad_b : nat -> nat -> real -> real) (grad_w w : nat -> nat -> nat -> real -> real).
Variables (x y : nat -> nat -> real -> real) (tau0 : real).
Hypothesis B_positive : (0 < B)%N.
Hypothesis L_positive : (0 < L)%N.
Hypothesis sigma_differentiable : forall (i0 : nat) (u : real), deriv u (sigma i0) (dsigma i0 u).
Hypothesis cost_differentiable : partials (n L).+1 (n L).+1 cost cost_1 cost_2.
Hypothesis b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> deriv tau0 (b l j) (db l j).
Hypothesis w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (w l j k) (dw l j k).
Hypothesis x_moves : forall s j : nat, (1 <= s <= B)%N -> (1 <= j <= n 0)%N -> deriv tau0 (x s j) (dx s j).
Hypothesis y_moves : forall s j : nat, (1 <= s <= B)%N -> (1 <= j <= n L)%N -> deriv tau0 (y s j) (dy s j).
Hypothesis h_activation : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> a l s j tau = sigma l (z l s j tau).
Hypothesis h_cost : forall tau : real, C tau = (\sum_(1 <= s < B.+1) (cost
  [seq a L s j tau | j <- index_iota 1 (n L).+1] [seq y s j tau | j <- index_iota 1 (n L).+1])) / B%:R.
Hypothesis h_delta_of_a_hidden_layer : forall (l s j : nat) (tau : real), (1 <= l <= L - 1)%N ->
  (1 <= s <= B)%N -> (1 <= j <= n l)%N -> delta l s j tau =
  (dsigma l (z l s j tau)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k tau * w (l + 1)%N k j tau).
Hypothesis h_delta_of_the_last_layer : forall (s j : nat) (tau : real), (1 <= s <= B)%N -> (1 <= j <= n L)%N ->
  delta L s j tau = (dsigma L (z L s j tau)) * (cost_1 j [seq a L s k tau | k <- index_iota 1 (n L).+1]
  [seq y s k tau | k <- index_iota 1 (n L).+1]) / B%:R.
Hypothesis h_gradient_of_the_biases : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j tau = \sum_(1 <= s < B.+1) delta l s j tau.
Hypothesis h_gradient_of_the_weights : forall (l j k : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w l j k tau = \sum_(1 <= s < B.+1) a (l - 1)%N s k tau * delta l s j tau.
Hypothesis h_input_of_the_network : forall (s j : nat) (tau : real), (1 <= s <= B)%N -> (1 <= j <= n 0)%N ->
  a 0 s j tau = x s j tau.
Hypothesis h_weighted_input : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N ->
  z l s j tau = b l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k tau * w l j k tau).
Hypothesis h_inputs_are_fixed : forall s j : nat, (1 <= s <= B)%N -> (1 <= j <= n 0)%N -> dx s j = 0.
Hypothesis h_targets_are_fixed : forall s j : nat, (1 <= s <= B)%N -> (1 <= j <= n L)%N -> dy s j = 0.

Theorem T2b_total_differential : deriv tau0 C (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1)
  (db l j * grad_b l j tau0 + (\sum_(1 <= k < (n (l - 1)%N).+1) dw l j k * grad_w l j k tau0)))).
Proof.
pose da' s := da n dsigma w (fun l => a l s) (fun l => z l s) tau0 dw db.
pose dz' s := dz n dsigma w (fun l => a l s) (fun l => z l s) tau0 dw db.
have D : deriv tau0 C (\sum_(1 <= s < B.+1) \sum_(1 <= j < (n L).+1) delta L s j tau0 * dz' s L j).
  apply: (deriv_ext (f := fun t => (\sum_(1 <= s < B.+1) (cost [seq a L s j t | j <- index_iota 1 (n L).+1]
    [seq y s j t | j <- index_iota 1 (n L).+1])) * B%:R^-1)) => [t|]; first by rewrite h_cost.
  pose dc s := \sum_(1 <= j < (n L).+1) cost_1 j [seq a L s i tau0 | i <- index_iota 1 (n L).+1]
    [seq y s i tau0 | i <- index_iota 1 (n L).+1] * da' s L j.
  have -> : \sum_(1 <= s < B.+1) \sum_(1 <= j < (n L).+1) delta L s j tau0 * dz' s L j =
      (\sum_(1 <= s < B.+1) cost [seq a L s j tau0 | j <- index_iota 1 (n L).+1]
        [seq y s j tau0 | j <- index_iota 1 (n L).+1]) * 0 + B%:R^-1 * \sum_(1 <= s < B.+1) dc s.
    rewrite mulr0 add0r mulr_sumr; apply: eq_sum => s sB; rewrite mulr_sumr; apply: eq_sum => j jn.
    by rewrite h_delta_of_the_last_layer // /da' daE // -/(dz' s); ring.
  apply: deriv_mul; last exact: deriv_const.
  apply: (deriv_sum (f := fun s t => cost [seq a L s j t | j <- index_iota 1 (n L).+1]
    [seq y s j t | j <- index_iota 1 (n L).+1])) => s sB.
  apply: (@cost_moves real L n sigma dsigma w b (fun l => a l s) (fun l => z l s) tau0 dw db sigma_differentiable
    b_moves w_moves _ _ _ cost cost_1 cost_2 (y s) cost_differentiable) => [j jn|l j tau lL jn|l j tau lL jn|j jn].
  - rewrite -(h_inputs_are_fixed sB jn); apply: deriv_ext (x_moves sB jn) => t.
    by rewrite h_input_of_the_network.
  - exact: h_activation.
  - exact: h_weighted_input.
  - by rewrite -(h_targets_are_fixed sB jn); exact: y_moves.
set S := (X in deriv _ _ X); suff -> : S = \sum_(1 <= s < B.+1) \sum_(1 <= j < (n L).+1) delta L s j tau0 * dz' s L j
  by [].
rewrite {}/S; apply: esym.
transitivity (\sum_(1 <= s < B.+1) \sum_(1 <= l < L.+1)
  of_layer n dw db (fun l j => a l s j tau0) (fun l j => delta l s j tau0) l).
  apply: eq_sum => s sB; rewrite (@backward _ L n (fun l j k => w l j k tau0) dw db (fun l j => a l s j tau0)
    (da' s) (dz' s) (fun l j => delta l s j tau0) (fun l j => dsigma l (z l s j tau0))) //.
  - by move=> l j lL jn; rewrite /da' daE //; lia.
  - by move=> l j lL jn; exact: h_delta_of_a_hidden_layer.
  - by rewrite L_positive leqnn.
rewrite exchange_big_nat /=; apply: eq_sum => l lL; rewrite exchange_big_nat /=; apply: eq_sum => j jn.
rewrite big_split /= -mulr_sumr h_gradient_of_the_biases //; congr (_ + _).
rewrite exchange_big_nat /=; apply: eq_sum => k kn; rewrite h_gradient_of_the_weights // mulr_sumr.
by apply: eq_sum => s sB.
Qed.

Variables (r u v : nat).
Hypothesis r_range : (1 <= r <= L)%N.
Hypothesis u_range : (1 <= u <= n r)%N.
Hypothesis v_range : (1 <= v <= n (r - 1)%N)%N.
Hypothesis h_biases_do_not_move : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> db l j = 0.
Hypothesis h_only_one_weight_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> dw l j k = ((j == u)%N%:R) * ((k == v)%N%:R) * ((l == r)%N%:R).

Theorem T2b_one_weight : deriv tau0 C (grad_w r u v tau0).
Proof.
by rewrite -(one_moves (fun l j k => grad_w l j k tau0) (fun l j => grad_b l j tau0) r_range u_range v_range
  h_biases_do_not_move h_only_one_weight_moves); exact: T2b_total_differential.
Qed.
End Batch.
