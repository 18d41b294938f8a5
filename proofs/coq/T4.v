(* T4 (proofs/t4_equivariance.py), the Hessian: along a path of parameters and the permuted path the derivatives of
   the gradients are permuted too, and exist together. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums T3.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Hessian.
Variables (real : realFieldType) (L : nat) (n : nat -> nat) (pi : nat -> nat -> nat).
Variables (sigma dsigma : nat -> real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (a a_tilde b b_tilde z z_tilde delta delta_tilde : nat -> nat -> real -> real).
Variables (w w_tilde grad_w grad_w_tilde : nat -> nat -> nat -> real -> real) (x y : nat -> real -> real).
Variables (grad_b grad_b_tilde : nat -> nat -> real -> real).
Variables (dgrad_w : nat -> nat -> nat -> real) (dgrad_b : nat -> nat -> real) (tau0 : real).
Hypothesis L_positive : (0 < L)%N.
Hypothesis pi_permutes : forall l : nat, (l <= L)%N ->
  perm_eq [seq pi l j | j <- index_iota 1 (n l).+1] (index_iota 1 (n l).+1).
Hypothesis h_inputs_stay_in_place : forall j : nat, (1 <= j <= n 0)%N -> pi 0 j = j.
Hypothesis h_outputs_stay_in_place : forall j : nat, (1 <= j <= n L)%N -> pi L j = j.
Hypothesis h_activation : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  a l j tau = sigma l (z l j tau).
Hypothesis h_activation_permuted_network : forall (l j : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> a_tilde l j tau = sigma l (z_tilde l j tau).
Hypothesis h_input_of_the_network : forall (j : nat) (tau : real), (1 <= j <= n 0)%N -> a 0 j tau = x j tau.
Hypothesis h_input_of_the_network_permuted_network : forall (j : nat) (tau : real), (1 <= j <= n 0)%N ->
  a_tilde 0 j tau = x j tau.
Hypothesis h_weighted_input : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  z l j tau = b l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k tau * w l j k tau).
Hypothesis h_weighted_input_permuted_network : forall (l j : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> z_tilde l j tau =
  b_tilde l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a_tilde (l - 1)%N k tau * w_tilde l j k tau).
Hypothesis h_permuted_biases : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b_tilde l j tau = b l (pi l j) tau.
Hypothesis h_permuted_weights : forall (l j k : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w_tilde l j k tau = w l (pi l j) (pi (l - 1)%N k) tau.
Hypothesis h_delta_of_a_hidden_layer : forall (l j : nat) (tau : real), (1 <= l <= L - 1)%N ->
  (1 <= j <= n l)%N -> delta l j tau =
  (dsigma l (z l j tau)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N k tau * w (l + 1)%N k j tau).
Hypothesis h_delta_of_a_hidden_layer_permuted_network : forall (l j : nat) (tau : real),
  (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> delta_tilde l j tau = (dsigma l (z_tilde l j tau)) *
  (\sum_(1 <= k < (n (l + 1)%N).+1) delta_tilde (l + 1)%N k tau * w_tilde (l + 1)%N k j tau).
Hypothesis h_delta_of_the_last_layer : forall (j : nat) (tau : real), (1 <= j <= n L)%N ->
  delta L j tau = (dsigma L (z L j tau)) *
  (cost_1 j [seq a L k tau | k <- index_iota 1 (n L).+1] [seq y k tau | k <- index_iota 1 (n L).+1]).
Hypothesis h_delta_of_the_last_layer_permuted_network : forall (j : nat) (tau : real), (1 <= j <= n L)%N ->
  delta_tilde L j tau = (dsigma L (z_tilde L j tau)) *
  (cost_1 j [seq a_tilde L k tau | k <- index_iota 1 (n L).+1] [seq y k tau | k <- index_iota 1 (n L).+1]).
Hypothesis h_gradient_of_the_weights : forall (l j k : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> grad_w l j k tau = a (l - 1)%N k tau * delta l j tau.
Hypothesis h_gradient_of_the_weights_permuted_network : forall (l j k : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w_tilde l j k tau = a_tilde (l - 1)%N k tau * delta_tilde l j tau.
Hypothesis h_gradient_of_the_biases : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j tau = delta l j tau.
Hypothesis h_gradient_of_the_biases_permuted_network : forall (l j : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> grad_b_tilde l j tau = delta_tilde l j tau.
Hypothesis grad_w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> deriv tau0 (grad_w l j k) (dgrad_w l j k).
Hypothesis grad_b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (grad_b l j) (dgrad_b l j).


Theorem T4_Hessian_gradients_of_the_weights l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (grad_w_tilde l j k) (dgrad_w l (pi l j) (pi (l - 1)%N k)).
Proof.
move=> lL jn kn; have l1 : (l - 1 <= L)%N by lia.
have pj : (1 <= pi l j <= n l)%N by apply: (permuted_range (pi_permutes _) jn); lia.
have pk : (1 <= pi (l - 1)%N k <= n (l - 1)%N)%N by apply: (permuted_range (pi_permutes l1) kn).
move: (grad_w_moves lL pj pk); apply: deriv_ext => tau; apply: esym.
by apply: (@T4_gradients_of_the_weights real L n pi sigma dsigma cost_1 L_positive pi_permutes
  h_inputs_stay_in_place h_outputs_stay_in_place (fun l j => a l j tau) (fun l j => a_tilde l j tau) (fun l j => b l j tau)
  (fun l j => b_tilde l j tau) (fun l j => z l j tau) (fun l j => z_tilde l j tau) (fun l j => delta l j tau)
  (fun l j => delta_tilde l j tau) (fun l j k => w l j k tau) (fun l j k => w_tilde l j k tau)
  (fun l j k => grad_w l j k tau) (fun l j k => grad_w_tilde l j k tau) (fun j => x j tau)
  (fun j => y j tau)) => //; intros; auto.
Qed.

Theorem T4_Hessian_gradients_of_the_biases l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (grad_b_tilde l j) (dgrad_b l (pi l j)).
Proof.
move=> lL jn; have pj : (1 <= pi l j <= n l)%N by apply: (permuted_range (pi_permutes _) jn); lia.
move: (grad_b_moves lL pj); apply: deriv_ext => tau; apply: esym.
by apply: (@T4_gradients_of_the_biases real L n pi sigma dsigma cost_1 L_positive pi_permutes
  h_inputs_stay_in_place h_outputs_stay_in_place (fun l j => a l j tau) (fun l j => a_tilde l j tau) (fun l j => b l j tau)
  (fun l j => b_tilde l j tau) (fun l j => z l j tau) (fun l j => z_tilde l j tau) (fun l j => delta l j tau)
  (fun l j => delta_tilde l j tau) (fun l j k => w l j k tau) (fun l j k => w_tilde l j k tau)
  (fun j => x j tau) (fun j => y j tau) (fun l j => grad_b l j tau)
  (fun l j => grad_b_tilde l j tau)) => //; intros; auto.
Qed.
End Hessian.
