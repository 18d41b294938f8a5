(* T2 (proofs/t2_backpropagation.py, t2_backpropagation_batch.py), counted from 1 as it is printed: the derived
   deltas and gradients are the derivatives of the cost along every path of parameters. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------ the algebra: forward tangents against backward deltas ------------------------ *)
Section Algebra.
Variables (R : comRingType) (L : nat) (n : nat -> nat).
Variables (w dw : nat -> nat -> nat -> R) (db a da dz delta slope : nat -> nat -> R).
Hypothesis dzE : forall l j, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  dz l j = db l j + \sum_(1 <= k < (n (l - 1)%N).+1) (a (l - 1)%N k * dw l j k + w l j k * da (l - 1)%N k).
Hypothesis da0 : forall j, (1 <= j <= n 0)%N -> da 0 j = 0.
Hypothesis daE : forall l j, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> da l j = slope l j * dz l j.
Hypothesis deltaE : forall l j, (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  delta l j = slope l j * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N k * w (l + 1)%N k j).

Definition of_layer l := \sum_(1 <= j < (n l).+1)
  (db l j * delta l j + \sum_(1 <= k < (n (l - 1)%N).+1) dw l j k * (a (l - 1)%N k * delta l j)).

Lemma split_dz l : (1 <= l <= L)%N -> \sum_(1 <= j < (n l).+1) delta l j * dz l j =
  of_layer l + \sum_(1 <= j < (n l).+1) \sum_(1 <= k < (n (l - 1)%N).+1) delta l j * (w l j k * da (l - 1)%N k).
Proof.
move=> lL; rewrite -big_split /=; apply: eq_sum => j jn; rewrite dzE // mulrDr mulr_sumr -addrA.
congr (_ + _); first exact: mulrC.
by rewrite -big_split /=; apply: eq_sum => k kn; rewrite mulrDr; congr (_ + _); ring.
Qed.

Lemma backward l : (1 <= l <= L)%N ->
  \sum_(1 <= j < (n l).+1) delta l j * dz l j = \sum_(1 <= i < l.+1) of_layer i.
Proof.
elim: l => [//|l IH] lL; rewrite split_dz // [RHS]big_nat_recr //= addrC; congr (_ + _).
rewrite exchange_big_nat /= subn1 /=; case: l IH lL => [_|l IH] lL.
  rewrite big1_seq ?big_geq // => k; rewrite mem_index_iota ltnS => kn.
  by rewrite big1 // => j _; rewrite da0 // !mulr0.
have lL' : (1 <= l.+1 <= L)%N by lia.
rewrite -IH //; apply: eq_sum => k kn; rewrite daE // deltaE //; last by lia.
rewrite addn1 mulrAC mulr_sumr; apply: eq_sum => j jn; ring.
Qed.
End Algebra.

(* ------------------------------------------- one sample along a path ---------------------------------------- *)
Section Path.
Variables (real : realFieldType) (L : nat) (n : nat -> nat) (sigma dsigma : nat -> real -> real).
Variables (w : nat -> nat -> nat -> real -> real) (b a z : nat -> nat -> real -> real) (tau0 : real).
Variables (dw : nat -> nat -> nat -> real) (db : nat -> nat -> real).
Hypothesis sigma_differentiable : forall (l : nat) (u : real), deriv u (sigma l) (dsigma l u).
Hypothesis b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> deriv tau0 (b l j) (db l j).
Hypothesis w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (w l j k) (dw l j k).
Hypothesis a_0_moves : forall j : nat, (1 <= j <= n 0)%N -> deriv tau0 (a 0 j) 0.
Hypothesis h_activation : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  a l j tau = sigma l (z l j tau).
Hypothesis h_weighted_input : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  z l j tau = b l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k tau * w l j k tau).

Fixpoint da (l j : nat) : real := if l is l'.+1 then dsigma l (z l j tau0) *
  (db l j + \sum_(1 <= k < (n l').+1) (a l' k tau0 * dw l j k + w l j k tau0 * da l' k)) else 0.
Definition dz (l j : nat) : real :=
  db l j + \sum_(1 <= k < (n (l - 1)%N).+1) (a (l - 1)%N k tau0 * dw l j k + w l j k tau0 * da (l - 1)%N k).

Lemma daE l j : (1 <= l)%N -> da l j = dsigma l (z l j tau0) * dz l j.
Proof. by case: l => // l _; rewrite /dz subn1. Qed.

Lemma a_moves l j : (l <= L)%N -> (1 <= j <= n l)%N -> deriv tau0 (a l j) (da l j).
Proof.
elim: l j => [|l IH] j lL jn; first exact: a_0_moves.
have lL' : (1 <= l.+1 <= L)%N by lia.
rewrite daE //; apply: (deriv_ext (f := fun tau => sigma l.+1 (z l.+1 j tau))) => [t|].
  by rewrite h_activation.
apply: deriv_comp (sigma_differentiable _ _) _; rewrite /dz subn1 /=.
apply: (deriv_ext (f := fun t => b l.+1 j t + (\sum_(1 <= k < (n l).+1) a l k t * w l.+1 j k t))) => [t|].
  by rewrite h_weighted_input // subn1.
apply: deriv_add (b_moves lL' jn) _; apply: deriv_sum => k kn.
by apply: deriv_mul; [apply: IH => //; lia|apply: w_moves; rewrite // subn1].
Qed.

Variable (cost : seq real -> seq real -> real) (cost_1 cost_2 : nat -> seq real -> seq real -> real).
Variable (y : nat -> real -> real).
Hypothesis cost_differentiable : partials (n L).+1 (n L).+1 cost cost_1 cost_2.
Hypothesis y_moves : forall j : nat, (1 <= j <= n L)%N -> deriv tau0 (y j) 0.

Lemma cost_moves : deriv tau0
  (fun t => cost [seq a L j t | j <- index_iota 1 (n L).+1] [seq y j t | j <- index_iota 1 (n L).+1])
  (\sum_(1 <= j < (n L).+1) cost_1 j [seq a L i tau0 | i <- index_iota 1 (n L).+1]
    [seq y i tau0 | i <- index_iota 1 (n L).+1] * da L j).
Proof.
have := cost_differentiable (tau := tau0) (u := a L) (v := y) (du := da L) (dv := fun=> 0) _ _.
rewrite [X in _ + X]big1 ?addr0; last by move=> j _; rewrite mulr0.
by apply=> j jn; [apply: a_moves|apply: y_moves].
Qed.
End Path.

(* where one weight moves, the differential is its gradient *)
Lemma one_moves (R : comRingType) (L : nat) (n : nat -> nat) (dw : nat -> nat -> nat -> R) (db : nat -> nat -> R)
  (gw : nat -> nat -> nat -> R) (gb : nat -> nat -> R) r u v :
  (1 <= r <= L)%N -> (1 <= u <= n r)%N -> (1 <= v <= n (r - 1)%N)%N ->
  (forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> db l j = 0) ->
  (forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
    dw l j k = ((j == u)%N%:R) * ((k == v)%N%:R) * ((l == r)%N%:R)) ->
  \sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1)
    (db l j * gb l j + (\sum_(1 <= k < (n (l - 1)%N).+1) dw l j k * gw l j k))) = gw r u v.
Proof.
move=> rL un vn db0 dwE.
transitivity (\sum_(1 <= l < L.+1) (l == r)%:R * \sum_(1 <= j < (n l).+1) (j == u)%:R *
  \sum_(1 <= k < (n (l - 1)%N).+1) (k == v)%:R * gw l j k); last first.
  by rewrite sum_kronecker // sum_kronecker // sum_kronecker.
apply: eq_sum => l lL; rewrite mulr_sumr; apply: eq_sum => j jn; rewrite db0 // mul0r add0r mulrA mulr_sumr.
by apply: eq_sum => k kn; rewrite dwE //; ring.
Qed.

(* --------------------------------------------- the theorems, one sample -------------------------------------- *)
Section OneSample.
Variables (real : realFieldType) (L : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (cost : seq real -> seq real -> real) (cost_1 cost_2 : nat -> seq real -> seq real -> real).
Variables (C : real -> real) (a b : nat -> nat -> real -> real) (db : nat -> nat -> real).
Variables (delta : nat -> nat -> real -> real) (dw : nat -> nat -> nat -> real) (dx dy : nat -> real).
Variables (grad_b : nat -> nat -> real -> real) (grad_w w : nat -> nat -> nat -> real -> real).
Variables (x y : nat -> real -> real) (z : nat -> nat -> real -> real) (tau0 : real).
Hypothesis L_positive : (0 < L)%N.
Hypothesis sigma_differentiable : forall (i0 : nat) (u : real), deriv u (sigma i0) (dsigma i0 u).
Hypothesis cost_differentiable : partials (n L).+1 (n L).+1 cost cost_1 cost_2.
Hypothesis b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> deriv tau0 (b l j) (db l j).
Hypothesis w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (w l j k) (dw l j k).
Hypothesis x_moves : forall j : nat, (1 <= j <= n 0)%N -> deriv tau0 (x j) (dx j).
Hypothesis y_moves : forall j : nat, (1 <= j <= n L)%N -> deriv tau0 (y j) (dy j).
Hypothesis h_activation : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  a l j tau = sigma l (z l j tau).
Hypothesis h_cost : forall tau : real, C tau =
  cost [seq a L j tau | j <- index_iota 1 (n L).+1] [seq y j tau | j <- index_iota 1 (n L).+1].
Hypothesis h_delta_of_a_hidden_layer : forall (l j : nat) (tau : real), (1 <= l <= L - 1)%N ->
  (1 <= j <= n l)%N -> delta l j tau =
  (dsigma l (z l j tau)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N k tau * w (l + 1)%N k j tau).
Hypothesis h_delta_of_the_last_layer : forall (j : nat) (tau : real), (1 <= j <= n L)%N -> delta L j tau =
  (dsigma L (z L j tau)) *
  (cost_1 j [seq a L k tau | k <- index_iota 1 (n L).+1] [seq y k tau | k <- index_iota 1 (n L).+1]).
Hypothesis h_gradient_of_the_biases : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j tau = delta l j tau.
Hypothesis h_gradient_of_the_weights : forall (l j k : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> grad_w l j k tau = a (l - 1)%N k tau * delta l j tau.
Hypothesis h_input_of_the_network : forall (j : nat) (tau : real), (1 <= j <= n 0)%N -> a 0 j tau = x j tau.
Hypothesis h_weighted_input : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  z l j tau = b l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k tau * w l j k tau).
Hypothesis h_inputs_are_fixed : forall j : nat, (1 <= j <= n 0)%N -> dx j = 0.
Hypothesis h_targets_are_fixed : forall j : nat, (1 <= j <= n L)%N -> dy j = 0.

Theorem T2_total_differential : deriv tau0 C (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1)
  (db l j * grad_b l j tau0 + (\sum_(1 <= k < (n (l - 1)%N).+1) dw l j k * grad_w l j k tau0)))).
Proof.
have a0 j : (1 <= j <= n 0)%N -> deriv tau0 (a 0 j) 0.
  by move=> jn; rewrite -(h_inputs_are_fixed jn); apply: deriv_ext (x_moves jn) => t; rewrite h_input_of_the_network.
have y0 j : (1 <= j <= n L)%N -> deriv tau0 (y j) 0.
  by move=> jn; rewrite -(h_targets_are_fixed jn); exact: y_moves.
have D := cost_moves sigma_differentiable b_moves w_moves a0 h_activation h_weighted_input cost_differentiable y0.
apply: (deriv_ext (f := fun t => cost [seq a L j t | j <- index_iota 1 (n L).+1]
  [seq y j t | j <- index_iota 1 (n L).+1])) => [t|]; first by rewrite h_cost.
pose da' := da n dsigma w a z tau0 dw db; pose dz' := dz n dsigma w a z tau0 dw db.
set S := (X in deriv _ _ X); suff -> : S = \sum_(1 <= j < (n L).+1) delta L j tau0 * dz' L j.
  move: D; rewrite (eq_sum (G := fun j => delta L j tau0 * dz' L j)) // => j jn.
  by rewrite h_delta_of_the_last_layer // daE // -/dz'; ring.
apply: esym; rewrite {}/S.
rewrite (@backward _ L n (fun l j k => w l j k tau0) dw db (fun l j => a l j tau0) da' dz'
  (fun l j => delta l j tau0) (fun l j => dsigma l (z l j tau0))) //.
- apply: eq_sum => l lL; apply: eq_sum => j jn; rewrite h_gradient_of_the_biases //; congr (_ + _).
  by apply: eq_sum => k kn; rewrite h_gradient_of_the_weights.
- by move=> l j lL jn; rewrite /da' daE //; lia.
- by move=> l j lL jn; exact: h_delta_of_a_hidden_layer.
- by rewrite L_positive leqnn.
Qed.

Variables (r u v : nat).
Hypothesis r_range : (1 <= r <= L)%N.
Hypothesis u_range : (1 <= u <= n r)%N.
Hypothesis v_range : (1 <= v <= n (r - 1)%N)%N.
Hypothesis h_biases_do_not_move : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> db l j = 0.
Hypothesis h_only_one_weight_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> dw l j k = ((j == u)%N%:R) * ((k == v)%N%:R) * ((l == r)%N%:R).

Theorem T2_one_weight : deriv tau0 C (grad_w r u v tau0).
Proof.
by rewrite -(one_moves (fun l j k => grad_w l j k tau0) (fun l j => grad_b l j tau0) r_range u_range v_range
  h_biases_do_not_move h_only_one_weight_moves); exact: T2_total_differential.
Qed.
End OneSample.

(* the gradient of a weight before the last layer, written out *)
Section LastHiddenLayer.
Variables (real : realFieldType) (M : nat) (n : nat -> nat) (dsigma : nat -> real -> real).
Variables (cost_1 : nat -> seq real -> seq real -> real) (a delta z : nat -> nat -> real).
Variables (grad_w w : nat -> nat -> nat -> real) (y : nat -> real).
Hypothesis M_positive : (0 < M)%N.
Hypothesis h_delta_of_a_hidden_layer : forall l j : nat, (1 <= l <= M)%N -> (1 <= j <= n l)%N ->
  delta l j = (dsigma l (z l j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N k * w (l + 1)%N k j).
Hypothesis h_delta_of_the_last_layer : forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
  delta (M + 1)%N j = (dsigma (M + 1)%N (z (M + 1)%N j)) * (cost_1 j
    [seq a (M + 1)%N k | k <- index_iota 1 (n (M + 1)%N).+1] [seq y k | k <- index_iota 1 (n (M + 1)%N).+1]).
Hypothesis h_gradient_of_the_weights : forall l j k : nat, (1 <= l <= M + 1)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k = a (l - 1)%N k * delta l j.

Theorem T2_last_hidden_layer j k : (1 <= j <= n M)%N -> (1 <= k <= n (M - 1)%N)%N ->
  grad_w M j k = (dsigma M (z M j)) * a (M - 1)%N k * (\sum_(1 <= i < (n (M + 1)%N).+1)
    (dsigma (M + 1)%N (z (M + 1)%N i)) * w (M + 1)%N i j * (cost_1 i
    [seq a (M + 1)%N m | m <- index_iota 1 (n (M + 1)%N).+1] [seq y m | m <- index_iota 1 (n (M + 1)%N).+1])).
Proof.
move=> jn kn; rewrite h_gradient_of_the_weights // ?h_delta_of_a_hidden_layer //; try by lia.
rewrite mulrA [a _ _ * _]mulrC; congr (_ * _); apply: eq_sum => i in_; rewrite h_delta_of_the_last_layer //.
by rewrite mulrAC.
Qed.
End LastHiddenLayer.
