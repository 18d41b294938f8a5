(* T9 (proofs/t9_never_merge.py), two neurons p < q of a layer and a step of gradient descent: the other point of T9.v is
   the network with the two exchanged, whose gradients are the exchanged ones (T4, for each sample), so that the Lipschitz
   bound speaks of the two neurons alone. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums T3 T9.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

Section Exchange.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (pi : nat -> nat -> nat).
Variables (dsigma sigma : nat -> real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (K rho : real) (a a_tilde delta delta_tilde z z_tilde : nat -> nat -> nat -> real).
Variables (b b_tilde grad_b grad_b_tilde : nat -> nat -> real) (x y : nat -> nat -> real).
Variables (grad_w grad_w_tilde w w_tilde : nat -> nat -> nat -> real) (m p q : nat).
Hypothesis h_slack_of_the_Lipschitz_bound_exchanged_neurons : rho =
  ((\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) ((b l j - b_tilde l j) ^+ 2)))
  + (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (\sum_(1 <= k < (n (l - 1)%N).+1)
    ((w l j k - w_tilde l j k) ^+ 2))))) * (K ^+ 2)
  - (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) ((grad_b l j - grad_b_tilde l j) ^+ 2)))
  - (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (\sum_(1 <= k < (n (l - 1)%N).+1)
    ((grad_w l j k - grad_w_tilde l j k) ^+ 2)))).
Hypothesis L_positive : (0 < L)%N.
Hypothesis h_permuted_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w_tilde l j k = w l (pi l j) (pi (l - 1)%N k).
Hypothesis h_permuted_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b_tilde l j = b l (pi l j).
Hypothesis h_p_becomes_q : pi m p = q.
Hypothesis h_q_becomes_p : pi m q = p.
Hypothesis pi_permutes : forall l : nat, (l <= L)%N ->
  perm_eq [seq pi l j | j <- index_iota 1%N (n l).+1] (index_iota 1%N (n l).+1).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis p_range : (1 <= p <= (n m) - 1)%N.
Hypothesis q_range : (p + 1 <= q <= n m)%N.
Hypothesis h_inputs_stay_in_place : forall j : nat, (1 <= j <= n 0%N)%N -> pi 0%N j = j.
Hypothesis h_outputs_stay_in_place : forall j : nat, (1 <= j <= n L)%N -> pi L j = j.
Hypothesis h_layers_after_m_stay : forall l j : nat, (m + 1 <= l <= L)%N -> (1 <= j <= n l)%N -> pi l j = j.
Hypothesis h_layers_before_m_stay : forall l j : nat, (l <= m - 1)%N -> (1 <= j <= n l)%N -> pi l j = j.
Hypothesis h_neurons_after_q_stay : forall j : nat, (q + 1 <= j <= n m)%N -> pi m j = j.
Hypothesis h_neurons_before_p_stay : forall j : nat, (1 <= j <= p - 1)%N -> pi m j = j.
Hypothesis h_neurons_between_p_and_q_stay : forall j : nat, (p + 1 <= j <= q - 1)%N -> pi m j = j.
Hypothesis h_weighted_input : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  z l s j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k * w l j k).
Hypothesis h_weighted_input_permuted_network : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  z_tilde l s j = b_tilde l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a_tilde (l - 1)%N s k * w_tilde l j k).
Hypothesis h_activation : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  a l s j = sigma l (z l s j).
Hypothesis h_activation_permuted_network : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N -> a_tilde l s j = sigma l (z_tilde l s j).
Hypothesis h_input_of_the_network : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n 0%N)%N -> a 0%N s j = x s j.
Hypothesis h_input_of_the_network_permuted_network : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n 0%N)%N ->
  a_tilde 0%N s j = x s j.
Hypothesis h_gradient_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k = \sum_(1 <= s < S_.+1) a (l - 1)%N s k * delta l s j.
Hypothesis h_gradient_of_the_weights_permuted_network : forall l j k : nat, (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w_tilde l j k = \sum_(1 <= s < S_.+1) a_tilde (l - 1)%N s k * delta_tilde l s j.
Hypothesis h_gradient_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j = \sum_(1 <= s < S_.+1) delta l s j.
Hypothesis h_gradient_of_the_biases_permuted_network : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b_tilde l j = \sum_(1 <= s < S_.+1) delta_tilde l s j.
Hypothesis h_delta_of_a_hidden_layer : forall l s j : nat, (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  delta l s j = (dsigma l (z l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k * w (l + 1)%N k j).
Hypothesis h_delta_of_a_hidden_layer_permuted_network : forall l s j : nat, (1 <= l <= L - 1)%N ->
  (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> delta_tilde l s j = (dsigma l (z_tilde l s j))
  * (\sum_(1 <= k < (n (l + 1)%N).+1) delta_tilde (l + 1)%N s k * w_tilde (l + 1)%N k j).
Hypothesis h_delta_of_the_last_layer : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n L)%N ->
  delta L s j = (dsigma L (z L s j)) * (cost_1 j [seq a L s k | k <- index_iota 1%N (n L).+1]
    [seq y s k | k <- index_iota 1%N (n L).+1]) / S_%:R.
Hypothesis h_delta_of_the_last_layer_permuted_network : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n L)%N ->
  delta_tilde L s j = (dsigma L (z_tilde L s j)) * (cost_1 j [seq a_tilde L s k | k <- index_iota 1%N (n L).+1]
    [seq y s k | k <- index_iota 1%N (n L).+1]) / S_%:R.
Let p1 : (1 <= p)%N. Proof. by lia. Qed.
Let pq : (p < q)%N. Proof. by lia. Qed.
Let qn : (q <= n m)%N. Proof. by lia. Qed.
Let pn : (1 <= p <= n m)%N. Proof. by lia. Qed.
Let qn' : (1 <= q <= n m)%N. Proof. by lia. Qed.

(* T4 for each sample: the exchanged network has exchanged gradients *)
Let average j u v := cost_1 j u v / S_%:R.
Lemma exchanged_activations l s j : (l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  a_tilde l s j = a l s (pi l j).
Proof.
move=> lL sS; apply: (@T3_activations real L n pi sigma L_positive pi_permutes h_inputs_stay_in_place
  (fun l => a l s) (fun l => a_tilde l s) b b_tilde (fun l => z l s) (fun l => z_tilde l s)
  w w_tilde (x s)) => // *; auto.
Qed.
Lemma exchanged_deltas l s j : (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  delta_tilde l s j = delta l s (pi l j).
Proof.
move=> lL sS; apply: (@T4_deltas real L n pi sigma dsigma average L_positive pi_permutes h_inputs_stay_in_place
  h_outputs_stay_in_place (fun l => a l s) (fun l => a_tilde l s) b b_tilde (fun l => z l s) (fun l => z_tilde l s)
  (fun l => delta l s) (fun l => delta_tilde l s) w w_tilde (x s) (y s)) => //; intros; rewrite /average ?mulrA; auto.
Qed.
Lemma exchanged_gradients_of_the_weights l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w_tilde l j k = grad_w l (pi l j) (pi (l - 1)%N k).
Proof.
move=> lL jn kn; have l1 : (l - 1 <= L)%N by lia.
have pj : (1 <= pi l j <= n l)%N by apply: (permuted_range (pi_permutes _) jn); lia.
have pk : (1 <= pi (l - 1)%N k <= n (l - 1)%N)%N by exact: (permuted_range (pi_permutes l1) kn).
rewrite h_gradient_of_the_weights_permuted_network // h_gradient_of_the_weights //.
by apply: eq_sum => s sS; rewrite exchanged_deltas // exchanged_activations.
Qed.
Lemma exchanged_gradients_of_the_biases l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b_tilde l j = grad_b l (pi l j).
Proof.
move=> lL jn; have pj : (1 <= pi l j <= n l)%N by apply: (permuted_range (pi_permutes _) jn); lia.
rewrite h_gradient_of_the_biases_permuted_network // h_gradient_of_the_biases //.
by apply: eq_sum => s sS; rewrite exchanged_deltas.
Qed.

(* what moves under the exchange: p and q of layer m, and nothing else *)
Lemma others_stay l j : (l <= L)%N -> (1 <= j <= n l)%N -> (l = m -> j != p /\ j != q) -> pi l j = j.
Proof.
move=> lL jn E; case: (ltngtP l m) => lm; first by apply: h_layers_before_m_stay => //; lia.
  by apply: h_layers_after_m_stay => //; lia.
have [jp jq] := E lm; rewrite lm in jn *.
case: (ltngtP j p) jp => // jp _; first by apply: h_neurons_before_p_stay; lia.
case: (ltngtP j q) jq => // jq _; first by apply: h_neurons_between_p_and_q_stay; lia.
by apply: h_neurons_after_q_stay; lia.
Qed.

Lemma squares_of_the_biases (f : nat -> nat -> real) :
  \sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (f l j - f l (pi l j)) ^+ 2) = 2%:R * (f m p - f m q) ^+ 2.
Proof.
rewrite (@sum_at_two _ _ m m.+1) //; try lia; last first.
  move=> l lL lm _; rewrite big1_seq // => j /andP[_]; rewrite mem_index_iota ltnS => jn.
  by rewrite others_stay ?subrr ?expr0n //; [lia | move=> E; rewrite E eqxx in lm].
rewrite (@sum_at_two _ _ p q) // => [|j jn jp jq]; last by rewrite others_stay ?subrr ?expr0n //; lia.
rewrite [X in _ + X]big1_seq => [|j /andP[_]]; last first.
  by rewrite mem_index_iota ltnS => jn; rewrite others_stay ?subrr ?expr0n //; lia.
by rewrite h_p_becomes_q h_q_becomes_p; ring.
Qed.

Lemma squares_of_the_weights (f : nat -> nat -> nat -> real) :
  \sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (\sum_(1 <= k < (n (l - 1)%N).+1)
    (f l j k - f l (pi l j) (pi (l - 1)%N k)) ^+ 2)) =
  2%:R * (\sum_(1 <= k < (n (m - 1)%N).+1) (f m p k - f m q k) ^+ 2)
  + 2%:R * (\sum_(1 <= j < (n (m + 1)%N).+1) (f (m + 1)%N j p - f (m + 1)%N j q) ^+ 2).
Proof.
rewrite (@sum_at_two _ _ m (m + 1)) //; try lia; last first.
  move=> l lL lm lm1; rewrite big1_seq // => j /andP[_]; rewrite mem_index_iota ltnS => jn.
  rewrite big1_seq // => k /andP[_]; rewrite mem_index_iota ltnS => kn.
  by rewrite !others_stay ?subrr ?expr0n //; lia.
congr (_ + _).
- rewrite (@sum_at_two _ _ p q) // => [|j jn jp jq]; last first.
    rewrite big1_seq // => k /andP[_]; rewrite mem_index_iota ltnS => kn.
    by rewrite !others_stay ?subrr ?expr0n //; lia.
  rewrite h_p_becomes_q h_q_becomes_p mulr_sumr -big_split /=; apply: eq_sum => k kn.
  by rewrite others_stay //; [ring | lia | lia].
- rewrite mulr_sumr; apply: eq_sum => j jn; rewrite addnK.
  rewrite (@sum_at_two _ _ p q) // => [|k kn kp kq]; last first.
    by rewrite !others_stay ?subrr ?expr0n //; lia.
  by rewrite others_stay //; [rewrite h_p_becomes_q h_q_becomes_p; ring | lia | lia].
Qed.

Theorem T9_the_bound_for_two_neurons : rho = - (2%:R * ((grad_b m p - grad_b m q) ^+ 2))
  + 2%:R * (((b m p - b m q) ^+ 2) + (\sum_(1 <= k < (n (m - 1)%N).+1) ((w m p k - w m q k) ^+ 2))
    + (\sum_(1 <= j < (n (m + 1)%N).+1) ((w (m + 1)%N j p - w (m + 1)%N j q) ^+ 2))) * (K ^+ 2)
  - (2%:R * (\sum_(1 <= k < (n (m - 1)%N).+1) ((grad_w m p k - grad_w m q k) ^+ 2)))
  - (2%:R * (\sum_(1 <= j < (n (m + 1)%N).+1) ((grad_w (m + 1)%N j p - grad_w (m + 1)%N j q) ^+ 2))).
Proof.
have same_b (f g : nat -> nat -> real) : (forall l j, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> g l j = f l (pi l j)) ->
  \sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (f l j - g l j) ^+ 2) = 2%:R * (f m p - f m q) ^+ 2.
  by move=> E; rewrite -squares_of_the_biases; do 2!apply: eq_sum => ? ?; rewrite E.
have same_w (f g : nat -> nat -> nat -> real) : (forall l j k, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
    (1 <= k <= n (l - 1)%N)%N -> g l j k = f l (pi l j) (pi (l - 1)%N k)) ->
  \sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (\sum_(1 <= k < (n (l - 1)%N).+1) (f l j k - g l j k) ^+ 2)) =
  2%:R * (\sum_(1 <= k < (n (m - 1)%N).+1) (f m p k - f m q k) ^+ 2)
  + 2%:R * (\sum_(1 <= j < (n (m + 1)%N).+1) (f (m + 1)%N j p - f (m + 1)%N j q) ^+ 2).
  by move=> E; rewrite -squares_of_the_weights; do 3!apply: eq_sum => ? ?; rewrite E.
rewrite h_slack_of_the_Lipschitz_bound_exchanged_neurons.
rewrite (same_b _ _ h_permuted_biases) (same_b _ _ exchanged_gradients_of_the_biases).
rewrite (same_w _ _ h_permuted_weights) (same_w _ _ exchanged_gradients_of_the_weights).
ring.
Qed.

Variables (b_next : nat -> nat -> real) (w_next : nat -> nat -> nat -> real) (eta r u : real).
Hypothesis h_step_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b_next l j = - (eta * grad_b l j) + b l j.
Hypothesis h_step_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w_next l j k = - (eta * grad_w l j k) + w l j k.
Hypothesis h_Lipschitz_gradient : rho = r ^+ 2.
Hypothesis h_step_size_below_1_K : (- ((K ^+ 2) * (eta ^+ 2)) + 1) * (u ^+ 2) = 1.
Hypothesis h_equal_biases_after_the_step : b_next m p = b_next m q.
Hypothesis h_equal_incoming_weights_after_the_step : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  w_next m p k = w_next m q k.
Hypothesis h_equal_outgoing_weights_after_the_step : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  w_next (m + 1)%N i p = w_next (m + 1)%N i q.

Lemma gap_of_a_step (c d g h : real) : - (eta * g) + c = - (eta * h) + d -> c - d = eta * (g - h).
Proof. by move/eqP; rewrite -subr_eq0 => /eqP E; apply/eqP; rewrite -subr_eq0 -E; apply/eqP; ring. Qed.

Lemma no_gap_of_two_neurons : [/\ b m p - b m q = 0,
  forall k, (1 <= k <= n (m - 1)%N)%N -> w m p k - w m q k = 0 &
  forall i, (1 <= i <= n (m + 1)%N)%N -> w (m + 1)%N i p - w (m + 1)%N i q = 0].
Proof.
have mL : (1 <= m <= L)%N by lia. have m1L : (1 <= m + 1 <= L)%N by lia.
have gap_b : b m p - b m q = eta * (grad_b m p - grad_b m q).
  by apply: gap_of_a_step; rewrite -!h_step_of_the_biases.
have gap_in k : (1 <= k <= n (m - 1)%N)%N -> w m p k - w m q k = eta * (grad_w m p k - grad_w m q k).
  move=> kn; apply: gap_of_a_step; rewrite -!h_step_of_the_weights //.
  exact: h_equal_incoming_weights_after_the_step.
have gap_out i : (1 <= i <= n (m + 1)%N)%N ->
  w (m + 1)%N i p - w (m + 1)%N i q = eta * (grad_w (m + 1)%N i p - grad_w (m + 1)%N i q).
  move=> im; apply: gap_of_a_step; rewrite -!h_step_of_the_weights ?addnK //.
  exact: h_equal_outgoing_weights_after_the_step.
pose G := (grad_b m p - grad_b m q) ^+ 2 + (\sum_(1 <= k < (n (m - 1)%N).+1) (grad_w m p k - grad_w m q k) ^+ 2)
  + (\sum_(1 <= j < (n (m + 1)%N).+1) (grad_w (m + 1)%N j p - grad_w (m + 1)%N j q) ^+ 2).
pose D := (b m p - b m q) ^+ 2 + (\sum_(1 <= k < (n (m - 1)%N).+1) (w m p k - w m q k) ^+ 2)
  + (\sum_(1 <= j < (n (m + 1)%N).+1) (w (m + 1)%N j p - w (m + 1)%N j q) ^+ 2).
have DG : D = eta ^+ 2 * G.
  rewrite /D /G gap_b exprMn !mulrDr !mulr_sumr; congr (_ + _ + _); apply: eq_sum => k kn.
  - by rewrite gap_in // exprMn.
  - by rewrite gap_out // exprMn.
have G0 : G = 0.
  apply: (@no_gap _ eta K r u 2%:R G); rewrite ?ltr0Sn //.
    by rewrite /G !addr_ge0 ?sqr_ge0 ?sum_squares_ge0.
  by rewrite -DG -h_Lipschitz_gradient T9_the_bound_for_two_neurons -/D /G; ring.
by apply: squares_0; rewrite -/D DG G0 mulr0.
Qed.

Theorem T9_neurons_do_not_merge_incoming_weights k : (1 <= k <= n (m - 1)%N)%N -> w m p k = w m q k.
Proof. by move=> kn; have [_ E _] := no_gap_of_two_neurons; apply/eqP; rewrite -subr_eq0 E. Qed.
Theorem T9_neurons_do_not_merge_biases : b m p = b m q.
Proof. by have [E _ _] := no_gap_of_two_neurons; apply/eqP; rewrite -subr_eq0 E. Qed.
Theorem T9_neurons_do_not_merge_outgoing_weights i : (1 <= i <= n (m + 1)%N)%N ->
  w (m + 1)%N i p = w (m + 1)%N i q.
Proof. by move=> im; have [_ _ E] := no_gap_of_two_neurons; apply/eqP; rewrite -subr_eq0 E. Qed.
End Exchange.
