(* T5c (proofs/t5_opposite_neurons.py): under an odd activation neurons p and q of layer m that start with opposite
   incoming weights, biases and outgoing weights stay opposite under gradient descent. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Ties.
Variables (real : realFieldType) (B L T : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (a delta z : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real).
Variables (grad_w w : nat -> nat -> nat -> nat -> real).
Variables (m p q : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis p_range : (1 <= p <= n m)%N.
Hypothesis q_range : (1 <= q <= n m)%N.
Hypothesis h_activation : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> a t l s j = sigma l (z t l s j).
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

Hypothesis sigma_differentiable : forall (i0 : nat) (u : real), deriv u (sigma i0) (dsigma i0 u).
Hypothesis h_the_activation_is_odd : forall u : real, sigma m (- u) = - (sigma m u).

(* the derivative of an odd function is even *)
Lemma even_slope u : dsigma m (- u) = dsigma m u.
Proof.
have D : deriv u (fun v => (- 1) * sigma m (-1 * v)) (dsigma m (- u)).
  have inner : deriv u (fun v : real => - 1 * v) (- 1).
    have := deriv_mul (deriv_const u (- 1)) (deriv_id u); rewrite mulr0 addr0 mulr1; exact.
  have outer : deriv (- 1 * u) (sigma m) (dsigma m (- u)) by rewrite mulN1r; exact: sigma_differentiable.
  have := deriv_mul (deriv_const u (- 1)) (deriv_comp outer inner).
  by rewrite mulr0 addr0 mulrN1 mulN1r opprK.
apply: (deriv_uniq (x := u) (f := sigma m)); last exact: sigma_differentiable.
by apply: deriv_ext D => v; rewrite !mulN1r h_the_activation_is_odd opprK.
Qed.

(* ------------------------------------------------ at one step ------------------------------------------------ *)
Record opposite (t : nat) : Prop := Tied {
  opposite_in : forall k, (1 <= k <= n (m - 1)%N)%N -> w t m p k = - w t m q k;
  opposite_bias : b t m p = - b t m q;
  opposite_out : forall j, (1 <= j <= n (m + 1)%N)%N -> w t (m + 1)%N j p = - w t (m + 1)%N j q }.

Section Step.
Variable t : nat.
Hypotheses (tT : (t <= T)%N) (opp : opposite t).
Let mL : (1 <= m <= L)%N. Proof. by lia. Qed.
Let m1L : (1 <= m + 1 <= L)%N. Proof. by lia. Qed.

Lemma step_z s : (1 <= s <= B)%N -> z t m s p = - z t m s q.
Proof.
move=> sB; rewrite !h_weighted_input // opposite_bias // opprD; congr (_ + _); rewrite -sumrN.
by apply: eq_sum => k kn; rewrite opposite_in // mulrN.
Qed.
Lemma step_a s : (1 <= s <= B)%N -> a t m s p = - a t m s q.
Proof. by move=> sB; rewrite !h_activation // step_z // h_the_activation_is_odd. Qed.
Lemma step_delta s : (1 <= s <= B)%N -> delta t m s p = - delta t m s q.
Proof.
move=> sB; rewrite !h_delta_of_a_hidden_layer // step_z // even_slope -mulrN -sumrN; congr (_ * _).
by apply: eq_sum => k kn; rewrite opposite_out // mulrN.
Qed.
Lemma step_grad_w_in k : (1 <= k <= n (m - 1)%N)%N -> grad_w t m p k = - grad_w t m q k.
Proof. by move=> kn; rewrite !h_gradient_of_the_weights // -sumrN; apply: eq_sum => s sB; rewrite step_delta // mulrN. Qed.
Lemma step_grad_w_out j : (1 <= j <= n (m + 1)%N)%N -> grad_w t (m + 1)%N j p = - grad_w t (m + 1)%N j q.
Proof.
move=> jn; rewrite !h_gradient_of_the_weights ?addnK // -sumrN.
by apply: eq_sum => s sB; rewrite step_a // mulNr.
Qed.
Lemma step_grad_b : grad_b t m p = - grad_b t m q.
Proof. by rewrite !h_gradient_of_the_biases // -sumrN; apply: eq_sum => s sB; rewrite step_delta. Qed.
End Step.

(* ------------------------------------------- every step, gradient descent ------------------------------------ *)
Variables (b_0 : nat -> nat -> real) (w_0 : nat -> nat -> nat -> real) (eta : nat -> real).
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> b 0 l j = b_0 l j.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w 0 l j k = w_0 l j k.
Hypothesis h_opposite_biases : b_0 m p = - b_0 m q.
Hypothesis h_opposite_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = - w_0 m q k.
Hypothesis h_opposite_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = - w_0 (m + 1)%N j q.

Theorem always_opposite t : (t <= T)%N -> opposite t.
Proof.
have mL : (1 <= m <= L)%N by lia.
have m1L : (1 <= m + 1 <= L)%N by lia.
elim: t => [|t IH] tT; first split.
- by move=> k kn; rewrite !h_start_of_the_weights // h_opposite_incoming_weights.
- by rewrite !h_start_of_the_biases.
- by move=> j jn; rewrite !h_start_of_the_weights ?addnK // h_opposite_outgoing_weights.
have tT' : (t <= T)%N by exact: ltnW.
have opp := IH tT'; split.
- move=> k kn; rewrite [w _ m p k]h_rule_of_the_weights // [w _ m q k]h_rule_of_the_weights // subn1.
  by rewrite step_grad_w_in // opposite_in //; ring.
- rewrite [b _ m p]h_rule_of_the_biases // [b _ m q]h_rule_of_the_biases // subn1.
  by rewrite step_grad_b // opposite_bias //; ring.
- move=> j jn; rewrite [w _ _ j p]h_rule_of_the_weights ?addnK // [w _ _ j q]h_rule_of_the_weights ?addnK // subn1.
  by rewrite step_grad_w_out // opposite_out //; ring.
Qed.

Section At.
Variable t : nat.
Hypothesis t_range : (t <= T)%N.
Let opp := always_opposite t_range.
Theorem T5c_opposite_incoming_weights k : (1 <= k <= n (m - 1)%N)%N -> w t m p k = - w t m q k.
Proof. exact: opposite_in. Qed.
Theorem T5c_opposite_biases : b t m p = - b t m q.
Proof. exact: opposite_bias. Qed.
Theorem T5c_opposite_outgoing_weights j : (1 <= j <= n (m + 1)%N)%N -> w t (m + 1)%N j p = - w t (m + 1)%N j q.
Proof. exact: opposite_out. Qed.
Theorem T5c_opposite_weighted_inputs s : (1 <= s <= B)%N -> z t m s p = - z t m s q.
Proof. exact: step_z. Qed.
Theorem T5c_opposite_activations s : (1 <= s <= B)%N -> a t m s p = - a t m s q.
Proof. exact: step_a. Qed.
Theorem T5c_opposite_deltas s : (1 <= s <= B)%N -> delta t m s p = - delta t m s q.
Proof. exact: step_delta. Qed.
Theorem T5c_opposite_gradients_of_the_incoming_weights k : (1 <= k <= n (m - 1)%N)%N ->
  grad_w t m p k = - grad_w t m q k.
Proof. exact: step_grad_w_in. Qed.
Theorem T5c_opposite_gradients_of_the_outgoing_weights j : (1 <= j <= n (m + 1)%N)%N ->
  grad_w t (m + 1)%N j p = - grad_w t (m + 1)%N j q.
Proof. exact: step_grad_w_out. Qed.
Theorem T5c_opposite_gradients_of_the_biases : grad_b t m p = - grad_b t m q.
Proof. exact: step_grad_b. Qed.
End At.
End Ties.
