(* T6 (proofs/t6_equal_incoming_weights.py): equal incoming weights and biases alone are not enough. The exact
   difference of the gradients of two neurons p and q of layer m is Q times the difference of their outgoing
   weights, so one step of gradient descent tells them apart, unless that product is 0. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section EqualIncomingWeights.
Variables (real : realFieldType) (B L T : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (a delta z : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real) (eta : nat -> real).
Variables (grad_w w : nat -> nat -> nat -> nat -> real) (Q : nat -> nat -> nat -> nat -> nat -> real).
Variables (R : nat -> nat -> nat -> nat -> real).
Variables (m p q : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis p_range : (1 <= p <= n m)%N.
Hypothesis q_range : (1 <= q <= n m)%N.
Hypothesis h_activation : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> a t l s j = sigma l (z t l s j).
Hypothesis h_channel_to_the_incoming_weights : forall t l j k r : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= r <= n (l + 1)%N)%N ->
  Q t l j k r = \sum_(1 <= s < B.+1) (dsigma l (z t l s j)) * a t (l - 1)%N s k * delta t (l + 1)%N s r.
Hypothesis h_channel_to_the_bias : forall t l j r : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= j <= n l)%N -> (1 <= r <= n (l + 1)%N)%N ->
  R t l j r = \sum_(1 <= s < B.+1) (dsigma l (z t l s j)) * delta t (l + 1)%N s r.
Hypothesis h_delta_of_a_hidden_layer : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= s <= B)%N -> (1 <= j <= n l)%N -> delta t l s j =
  (dsigma l (z t l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta t (l + 1)%N s k * w t (l + 1)%N k j).
Hypothesis h_gradient_of_the_biases : forall t l j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b t l j = \sum_(1 <= s < B.+1) delta t l s j.
Hypothesis h_gradient_of_the_weights : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = \sum_(1 <= s < B.+1) a t (l - 1)%N s k * delta t l s j.
Hypothesis h_weighted_input : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> z t l s j = b t l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a t (l - 1)%N s k * w t l j k).
Hypothesis h_gradient_descent_on_the_biases : forall t l j : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> b (t + 1)%N l j = - (eta t * grad_b t l j) + b t l j.
Hypothesis h_gradient_descent_on_the_weights : forall t l j k : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w (t + 1)%N l j k = - (eta t * grad_w t l j k) + w t l j k.

Let mL : (1 <= m <= L)%N. Proof. by lia. Qed.
Let m1L : (1 <= m + 1 <= L)%N. Proof. by lia. Qed.

Section Step.
Variable t : nat.
Hypothesis tT : (t <= T)%N.
Hypothesis h_equal_biases_at_step_t : b t m p = b t m q.
Hypothesis h_equal_incoming_weights_at_step_t : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  w t m p k = w t m q k.

Lemma same_z s : (1 <= s <= B)%N -> z t m s p = z t m s q.
Proof.
move=> sB; rewrite !h_weighted_input // h_equal_biases_at_step_t; congr (_ + _).
by apply: eq_sum => k kn; rewrite h_equal_incoming_weights_at_step_t.
Qed.
Lemma delta_difference s : (1 <= s <= B)%N -> delta t m s p - delta t m s q =
  \sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) *
    ((dsigma m (z t m s p)) * delta t (m + 1)%N s j).
Proof.
move=> sB; rewrite !h_delta_of_a_hidden_layer // -same_z // -mulrBr -sumrB mulr_sumr.
by apply: eq_sum => j jn; ring.
Qed.

Theorem T6_incoming_weights k : (1 <= k <= n (m - 1)%N)%N -> grad_w t m p k - grad_w t m q k =
  \sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) * Q t m p k j.
Proof.
move=> kn; rewrite !h_gradient_of_the_weights // -sumrB.
rewrite (eq_sum (G := fun s => \sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) *
  ((dsigma m (z t m s p)) * a t (m - 1)%N s k * delta t (m + 1)%N s j))) => [|s sB].
  rewrite exchange_big_nat /=; apply: eq_sum => j jn.
  by rewrite h_channel_to_the_incoming_weights // mulr_sumr.
by rewrite -mulrBr delta_difference // mulr_sumr; apply: eq_sum => j jn; ring.
Qed.
Theorem T6_biases : grad_b t m p - grad_b t m q =
  \sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) * R t m p j.
Proof.
rewrite !h_gradient_of_the_biases // -sumrB (eq_sum delta_difference) exchange_big_nat /=.
by apply: eq_sum => j jn; rewrite h_channel_to_the_bias // mulr_sumr.
Qed.
Theorem T6_outgoing_weights r : (1 <= r <= n (m + 1)%N)%N -> grad_w t (m + 1)%N r p = grad_w t (m + 1)%N r q.
Proof.
move=> rn; rewrite !h_gradient_of_the_weights ?addnK //; apply: eq_sum => s sB.
by rewrite !h_activation // same_z.
Qed.
End Step.

Section OneStep.
Variable t : nat.
Hypothesis T_positive : (0 < T)%N.
Hypothesis tT : (t <= T - 1)%N.
Hypothesis h_equal_biases_at_step_t : b t m p = b t m q.
Hypothesis h_equal_incoming_weights_at_step_t : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  w t m p k = w t m q k.
Let tT' : (t <= T)%N. Proof. by lia. Qed.

Theorem T6_one_step_incoming_weights k : (1 <= k <= n (m - 1)%N)%N -> w (t + 1)%N m p k - w (t + 1)%N m q k =
  - (eta t * (\sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) * Q t m p k j)).
Proof.
move=> kn; rewrite -T6_incoming_weights // [w (t + 1)%N m p k]h_gradient_descent_on_the_weights //.
rewrite [w (t + 1)%N m q k]h_gradient_descent_on_the_weights // h_equal_incoming_weights_at_step_t //; ring.
Qed.
Theorem T6_one_step_biases : b (t + 1)%N m p - b (t + 1)%N m q =
  - (eta t * (\sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) * R t m p j)).
Proof.
rewrite -T6_biases // [b (t + 1)%N m p]h_gradient_descent_on_the_biases //.
rewrite [b (t + 1)%N m q]h_gradient_descent_on_the_biases // h_equal_biases_at_step_t; ring.
Qed.
Hypothesis h_equal_incoming_weights_at_step_t_1 : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  w (t + 1)%N m p k = w (t + 1)%N m q k.
Hypothesis h_equal_biases_at_step_t_1 : b (t + 1)%N m p = b (t + 1)%N m q.
Theorem T6_a_tie_that_survives_one_step k : (1 <= k <= n (m - 1)%N)%N ->
  eta t * (\sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) * Q t m p k j) = 0.
Proof.
move=> kn; apply: oppr_inj; rewrite oppr0 -T6_one_step_incoming_weights //.
by rewrite h_equal_incoming_weights_at_step_t_1 // subrr.
Qed.
Theorem T6_a_tie_of_biases_that_survives_one_step :
  eta t * (\sum_(1 <= j < (n (m + 1)%N).+1) (w t (m + 1)%N j p - w t (m + 1)%N j q) * R t m p j) = 0.
Proof.
by apply: oppr_inj; rewrite oppr0 -T6_one_step_biases // h_equal_biases_at_step_t_1 subrr.
Qed.
End OneStep.

(* ------------------------------------------------ a tie that lasts ------------------------------------------- *)
Section Lasting.
Hypothesis T_positive : (0 < T)%N.
Hypothesis h_equal_biases_at_every_step : forall t : nat, (t <= T)%N -> b t m p = b t m q.
Hypothesis h_equal_incoming_weights_at_every_step : forall t k : nat, (t <= T)%N ->
  (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.

Theorem T6_outgoing_difference t r : (t <= T)%N -> (1 <= r <= n (m + 1)%N)%N ->
  w t (m + 1)%N r p - w t (m + 1)%N r q = w 0%N (m + 1)%N r p - w 0%N (m + 1)%N r q.
Proof.
elim: t => [//|t IH] tT rn; have tT1 : (t <= T - 1)%N by lia.
rewrite -IH //; last by lia.
rewrite -addn1 [w (t + 1)%N _ _ p]h_gradient_descent_on_the_weights ?addnK //.
rewrite [w (t + 1)%N _ _ q]h_gradient_descent_on_the_weights ?addnK // T6_outgoing_weights //.
- ring.
- lia.
- by apply: h_equal_biases_at_every_step; lia.
- by move=> k kn; apply: h_equal_incoming_weights_at_every_step => //; lia.
Qed.
Theorem T6_a_lasting_tie t k : (t <= T - 1)%N -> (1 <= k <= n (m - 1)%N)%N ->
  eta t * (\sum_(1 <= j < (n (m + 1)%N).+1) (w 0%N (m + 1)%N j p - w 0%N (m + 1)%N j q) * Q t m p k j) = 0.
Proof.
move=> tT kn; have tT' : (t <= T)%N by lia.
transitivity (eta t * (\sum_(1 <= j < (n (m + 1)%N).+1)
    (w t (m + 1)%N j p - w t (m + 1)%N j q) * Q t m p k j)); last apply: T6_a_tie_that_survives_one_step => //.
- by congr (_ * _); apply: eq_sum => j jn; rewrite T6_outgoing_difference.
- exact: h_equal_biases_at_every_step.
- by move=> i; exact: h_equal_incoming_weights_at_every_step.
- by move=> i; apply: h_equal_incoming_weights_at_every_step; lia.
Qed.
Theorem T6_a_lasting_tie_of_biases t : (t <= T - 1)%N ->
  eta t * (\sum_(1 <= j < (n (m + 1)%N).+1) (w 0%N (m + 1)%N j p - w 0%N (m + 1)%N j q) * R t m p j) = 0.
Proof.
move=> tT; have tT' : (t <= T)%N by lia.
transitivity (eta t * (\sum_(1 <= j < (n (m + 1)%N).+1)
    (w t (m + 1)%N j p - w t (m + 1)%N j q) * R t m p j)); last apply: T6_a_tie_of_biases_that_survives_one_step => //.
- by congr (_ * _); apply: eq_sum => j jn; rewrite T6_outgoing_difference.
- exact: h_equal_biases_at_every_step.
- by move=> i; exact: h_equal_incoming_weights_at_every_step.
- by apply: h_equal_biases_at_every_step; lia.
Qed.
End Lasting.
End EqualIncomingWeights.
