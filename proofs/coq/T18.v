(* T18 (proofs/t18_equal_inputs.py): two inputs p and q that are equal in every sample receive equal gradients, so the
   difference of their weights is kept, and shrinks under weight decay. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section EqualInputs.
Variables (real : realFieldType) (B L T : nat) (n : nat -> nat).
Variables (a delta : nat -> nat -> nat -> nat -> real) (x : nat -> nat -> nat -> real).
Variables (grad_w w : nat -> nat -> nat -> nat -> real) (p q : nat).
Hypothesis L_positive : (0 < L)%N.
Hypothesis p_range : (1 <= p <= n 0)%N.
Hypothesis q_range : (1 <= q <= n 0)%N.
Hypothesis h_gradient_of_the_weights : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = \sum_(1 <= s < B.+1) a t (l - 1)%N s k * delta t l s j.
Hypothesis h_input_of_the_network : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N -> (1 <= j <= n 0)%N ->
  a t 0 s j = x t s j.
Hypothesis h_equal_inputs : forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N -> x t s p = x t s q.

Theorem T18_equal_gradients t j : (t <= T)%N -> (1 <= j <= n 1)%N -> grad_w t 1%N j p = grad_w t 1%N j q.
Proof.
move=> tT jn; rewrite !h_gradient_of_the_weights //; apply: eq_sum => s sB.
by rewrite !h_input_of_the_network // h_equal_inputs.
Qed.

Section Descent.
Variables (w_0 : nat -> nat -> nat -> real) (eta : nat -> real).
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w 0%N l j k = w_0 l j k.
Theorem T18_difference t j : (t <= T)%N -> (1 <= j <= n 1)%N ->
  w t 1%N j p - w t 1%N j q = w_0 1%N j p - w_0 1%N j q.
Proof.
elim: t => [|t IH] tT jn; first by rewrite !h_start_of_the_weights.
rewrite -IH //; last by lia.
rewrite [w t.+1 _ _ p]h_rule_of_the_weights // [w t.+1 _ _ q]h_rule_of_the_weights // subn1 /=.
by rewrite T18_equal_gradients //; [ring|lia].
Qed.
End Descent.

Variables (eta lambda : nat -> real).
Hypothesis h_decay_gd_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w t l j k =
  - (eta (t - 1)%N * lambda (t - 1)%N * w (t - 1)%N l j k) - (eta (t - 1)%N * grad_w (t - 1)%N l j k) +
  w (t - 1)%N l j k.
Theorem T18_difference_under_weight_decay t j : (0 < T)%N -> (t <= T - 1)%N -> (1 <= j <= n 1)%N ->
  w (t + 1)%N 1%N j p - w (t + 1)%N 1%N j q = (- (eta t * lambda t) + 1) * (w t 1%N j p - w t 1%N j q).
Proof.
move=> T0 tT jn; have t1 : (1 <= t + 1 <= T)%N by lia.
rewrite [w (t + 1)%N _ _ p]h_decay_gd_rule_of_the_weights //.
rewrite [w (t + 1)%N _ _ q]h_decay_gd_rule_of_the_weights // addnK T18_equal_gradients //; [ring|lia].
Qed.
End EqualInputs.
