(* T3 and T4 (proofs/t3_permutation_invariance.py, proofs/t4_equivariance.py), counted from 1 as they are
   printed: the network whose hidden neurons are permuted has the same cost, and permuted deltas, gradients and
   derivatives of the gradients along any path. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Equivariance.
Variables (real : realFieldType) (L : nat) (n : nat -> nat) (pi : nat -> nat -> nat).
Variables (sigma dsigma : nat -> real -> real) (cost : seq real -> seq real -> real).
Variable (cost_1 : nat -> seq real -> seq real -> real).
Hypothesis L_positive : (0 < L)%N.
Hypothesis pi_permutes : forall l : nat, (l <= L)%N ->
  perm_eq [seq pi l j | j <- index_iota 1 (n l).+1] (index_iota 1 (n l).+1).
Hypothesis h_inputs_stay_in_place : forall j : nat, (1 <= j <= n 0)%N -> pi 0 j = j.
Hypothesis h_outputs_stay_in_place : forall j : nat, (1 <= j <= n L)%N -> pi L j = j.

Section OnePlace.
Variables (a a_tilde b b_tilde z z_tilde delta delta_tilde : nat -> nat -> real).
Variables (w w_tilde grad_w grad_w_tilde : nat -> nat -> nat -> real) (x y : nat -> real).
Variables (grad_b grad_b_tilde : nat -> nat -> real) (C C_tilde : real).
Hypothesis h_activation : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> a l j = sigma l (z l j).
Hypothesis h_activation_permuted_network : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  a_tilde l j = sigma l (z_tilde l j).
Hypothesis h_input_of_the_network : forall j : nat, (1 <= j <= n 0)%N -> a 0 j = x j.
Hypothesis h_input_of_the_network_permuted_network : forall j : nat, (1 <= j <= n 0)%N -> a_tilde 0 j = x j.
Hypothesis h_weighted_input : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  z l j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k * w l j k).
Hypothesis h_weighted_input_permuted_network : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  z_tilde l j = b_tilde l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a_tilde (l - 1)%N k * w_tilde l j k).
Hypothesis h_permuted_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b_tilde l j = b l (pi l j).
Hypothesis h_permuted_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w_tilde l j k = w l (pi l j) (pi (l - 1)%N k).

Lemma in_range l j : (l <= L)%N -> (1 <= j <= n l)%N -> (1 <= pi l j <= n l)%N.
Proof. by move=> lL; apply: permuted_range; exact: pi_permutes. Qed.

Lemma step_z l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (forall k, (1 <= k <= n (l - 1)%N)%N -> a_tilde (l - 1)%N k = a (l - 1)%N (pi (l - 1)%N k)) ->
  z_tilde l j = z l (pi l j).
Proof.
move=> lL jn E; have lL' : (l <= L)%N by lia.
rewrite h_weighted_input_permuted_network // h_weighted_input ?in_range // h_permuted_biases //; congr (_ + _).
have p1 := pi_permutes (leq_trans (leq_subr 1 l) lL').
rewrite -(sum_permuted (fun k => a (l - 1)%N k * w l (pi l j) k) p1).
by apply: eq_sum => k kn; rewrite E // h_permuted_weights.
Qed.

Theorem T3_activations l j : (l <= L)%N -> (1 <= j <= n l)%N -> a_tilde l j = a l (pi l j).
Proof.
elim: l j => [|l IH] j lL jn.
  by rewrite h_input_of_the_network_permuted_network // h_inputs_stay_in_place // h_input_of_the_network.
have lL' : (1 <= l.+1 <= L)%N by lia.
rewrite h_activation_permuted_network // h_activation ?in_range // step_z // subn1 /= => k kn.
by apply: IH => //; lia.
Qed.

Theorem T3_weighted_inputs l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> z_tilde l j = z l (pi l j).
Proof. by move=> lL jn; apply: step_z => // k kn; apply: T3_activations => //; lia. Qed.

Lemma outputs (f : nat -> real) : [seq a_tilde L j | j <- index_iota 1 (n L).+1] =
  [seq a L j | j <- index_iota 1 (n L).+1].
Proof.
apply/eq_in_map => j; rewrite mem_index_iota ltnS => jn.
by rewrite T3_activations // h_outputs_stay_in_place.
Qed.

Hypothesis h_cost : C = cost [seq a L j | j <- index_iota 1 (n L).+1] [seq y j | j <- index_iota 1 (n L).+1].
Hypothesis h_cost_permuted_network :
  C_tilde = cost [seq a_tilde L j | j <- index_iota 1 (n L).+1] [seq y j | j <- index_iota 1 (n L).+1].
Theorem T3_cost : C_tilde = C.
Proof. by rewrite h_cost h_cost_permuted_network outputs. Qed.

Hypothesis h_delta_of_a_hidden_layer : forall l j : nat, (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  delta l j = (dsigma l (z l j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N k * w (l + 1)%N k j).
Hypothesis h_delta_of_a_hidden_layer_permuted_network : forall l j : nat,
  (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> delta_tilde l j =
  (dsigma l (z_tilde l j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta_tilde (l + 1)%N k * w_tilde (l + 1)%N k j).
Hypothesis h_delta_of_the_last_layer : forall j : nat, (1 <= j <= n L)%N -> delta L j = (dsigma L (z L j)) *
  (cost_1 j [seq a L k | k <- index_iota 1 (n L).+1] [seq y k | k <- index_iota 1 (n L).+1]).
Hypothesis h_delta_of_the_last_layer_permuted_network : forall j : nat, (1 <= j <= n L)%N ->
  delta_tilde L j = (dsigma L (z_tilde L j)) *
  (cost_1 j [seq a_tilde L k | k <- index_iota 1 (n L).+1] [seq y k | k <- index_iota 1 (n L).+1]).

Theorem T4_deltas l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> delta_tilde l j = delta l (pi l j).
Proof.
have [m mE] : exists m, (L - l = m)%N by eexists.
elim: m l j mE => [|m IH] l j mE lL jn.
  have lE : l = L by lia.
  rewrite lE in jn *; rewrite h_delta_of_the_last_layer_permuted_network // T3_weighted_inputs //; last by lia.
  by rewrite h_outputs_stay_in_place // h_delta_of_the_last_layer // outputs.
have lL' : (1 <= l <= L - 1)%N by lia.
rewrite h_delta_of_a_hidden_layer_permuted_network // h_delta_of_a_hidden_layer ?in_range //; last by lia.
rewrite T3_weighted_inputs //; congr (_ * _); have l1 : (l + 1 <= L)%N by lia.
rewrite -(sum_permuted (fun k => delta (l + 1)%N k * w (l + 1)%N k (pi l j)) (pi_permutes l1)).
apply: eq_sum => k kn; rewrite IH ?h_permuted_weights ?addnK //; lia.
Qed.

Hypothesis h_gradient_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k = a (l - 1)%N k * delta l j.
Hypothesis h_gradient_of_the_weights_permuted_network : forall l j k : nat, (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> grad_w_tilde l j k = a_tilde (l - 1)%N k * delta_tilde l j.
Hypothesis h_gradient_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j = delta l j.
Hypothesis h_gradient_of_the_biases_permuted_network : forall l j : nat, (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> grad_b_tilde l j = delta_tilde l j.

Theorem T4_gradients_of_the_weights l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w_tilde l j k = grad_w l (pi l j) (pi (l - 1)%N k).
Proof.
move=> lL jn kn; rewrite h_gradient_of_the_weights_permuted_network // h_gradient_of_the_weights ?in_range //.
- by rewrite T4_deltas // T3_activations //; lia.
- lia.
- lia.
Qed.
Theorem T4_gradients_of_the_biases l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b_tilde l j = grad_b l (pi l j).
Proof.
move=> lL jn; rewrite h_gradient_of_the_biases_permuted_network // T4_deltas //.
by rewrite h_gradient_of_the_biases // in_range //; lia.
Qed.
End OnePlace.
End Equivariance.
