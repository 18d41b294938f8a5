(* T9 (proofs/t9_never_merge.py), counted from 1 as it is printed: two points that differ do not meet by a step of
   gradient descent below the Lipschitz bound, nor by a step of heavy ball with any step size; and so for two neurons and
   heavy ball, while TwoNeurons.v has them under gradient descent. The bound is an equation with a slack, rho = r^2. Of
   the flow the end is here, with the mean value theorem as a hypothesis, as it is printed; that the weighted gap grows
   is in Flow.v. NeverMerge.v and HeavyBall.v hold the same for runs, in terms of their own. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

Section Squares.
Variable real : realFieldType.
Implicit Types (f u v : nat -> real) (c d : real).

(* the square of a combination, summed *)
Lemma sum_square_of m f u v c d : (forall k, (1 <= k <= m)%N -> f k = c * u k + d * v k) ->
  \sum_(1 <= k < m.+1) f k ^+ 2 = c ^+ 2 * (\sum_(1 <= k < m.+1) u k ^+ 2)
    + 2%:R * c * d * (\sum_(1 <= k < m.+1) u k * v k) + d ^+ 2 * (\sum_(1 <= k < m.+1) v k ^+ 2).
Proof.
move=> E; rewrite !mulr_sumr -!big_split /=; apply: eq_sum => k km.
by rewrite E //; ring.
Qed.

Lemma sum_squares_ge0 m f : 0 <= \sum_(1 <= k < m.+1) f k ^+ 2.
Proof. by apply: sumr_ge0 => k _; exact: sqr_ge0. Qed.

Lemma sum_squares_0 m f : \sum_(1 <= k < m.+1) f k ^+ 2 = 0 -> forall k, (1 <= k <= m)%N -> f k = 0.
Proof.
move=> E k km; have /eqP := E; rewrite psumr_eq0 => [|i _]; last exact: sqr_ge0.
by move/allP => /(_ k); rewrite mem_index_iota ltnS => /(_ km); rewrite /= sqrf_eq0 => /eqP.
Qed.

(* a sum all of whose terms but two are 0 *)
Lemma sum_at_two m p q f : (1 <= p)%N -> (p < q)%N -> (q <= m)%N ->
  (forall k, (1 <= k <= m)%N -> k != p -> k != q -> f k = 0) -> \sum_(1 <= k < m.+1) f k = f p + f q.
Proof.
move=> p1 pq qm E; rewrite (bigD1_seq p) ?iota_uniq ?mem_index_iota //=; last by lia.
rewrite -big_filter (bigD1_seq q) ?filter_uniq ?iota_uniq ?mem_filter ?mem_index_iota //=; last by lia.
rewrite big1_seq ?addr0 // => k /andP[kq]; rewrite mem_filter mem_index_iota => /andP[kp km].
by apply: E => //; lia.
Qed.

(* what a square and two sums of squares add up to is 0 only if all of them are *)
Lemma squares_0 m1 m2 c u v :
  c ^+ 2 + (\sum_(1 <= k < m1.+1) u k ^+ 2) + (\sum_(1 <= k < m2.+1) v k ^+ 2) = 0 ->
  [/\ c = 0, forall k, (1 <= k <= m1)%N -> u k = 0 & forall k, (1 <= k <= m2)%N -> v k = 0].
Proof.
move/eqP; rewrite paddr_eq0 ?addr_ge0 ?sqr_ge0 ?sum_squares_ge0 // => /andP[].
rewrite paddr_eq0 ?sqr_ge0 ?sum_squares_ge0 // sqrf_eq0 => /andP[/eqP c0 /eqP u0] /eqP v0.
by split=> //; exact: sum_squares_0.
Qed.

(* The gap X = eta^2 G of two points that a step leads to one: below the Lipschitz step the gap of the gradients is 0,
   where the slack c (K^2 X - G) of the bound is a square. *)
Lemma no_gap (eta K r s c G : real) : 0 < c -> 0 <= G -> r ^+ 2 = c * (K ^+ 2 * (eta ^+ 2 * G) - G) ->
  (- ((K ^+ 2) * (eta ^+ 2)) + 1) * (s ^+ 2) = 1 -> G = 0.
Proof.
move=> c0 G0 slack below.
have : c * G + (r * s) ^+ 2 = 0.
  by rewrite exprMn slack -[in c * G](mulr1 G) -below; ring.
have cG : 0 <= c * G by apply: mulr_ge0 => //; exact: ltW.
by move/eqP; rewrite paddr_eq0 ?sqr_ge0 // mulf_eq0 gt_eqF //= => /andP[/eqP].
Qed.
End Squares.

Section TwoPoints.
Variables (real : realFieldType) (N : nat) (eta : real).
Variables (grad_theta grad_theta_tilde theta theta_next theta_tilde theta_tilde_next : nat -> real).

(* --------------------------------------------- gradient descent --------------------------------------------- *)
Section Descent.
Variables (K rho : real).
Hypothesis h_slack_of_the_Lipschitz_bound : rho =
  (K ^+ 2) * (\sum_(1 <= i < N.+1) ((theta i - theta_tilde i) ^+ 2))
  - (\sum_(1 <= i < N.+1) ((grad_theta i - grad_theta_tilde i) ^+ 2)).
Hypothesis h_step : forall i : nat, (1 <= i <= N)%N -> theta_next i = - (eta * grad_theta i) + theta i.
Hypothesis h_step_other_point : forall i : nat, (1 <= i <= N)%N ->
  theta_tilde_next i = - (eta * grad_theta_tilde i) + theta_tilde i.

Theorem T9_distance_after_a_step :
  K * (\sum_(1 <= i < N.+1) ((theta_next i - theta_tilde_next i) ^+ 2)) =
  ((- (K * eta) + 1) ^+ 2) * K * (\sum_(1 <= i < N.+1) ((theta i - theta_tilde i) ^+ 2))
  + (- (K * eta) + 1) * eta * rho
  + eta * (\sum_(1 <= i < N.+1) (((theta i - theta_tilde i) * K - grad_theta i + grad_theta_tilde i) ^+ 2)).
Proof.
pose x i := theta i - theta_tilde i; pose g i := grad_theta i - grad_theta_tilde i.
rewrite (@sum_square_of _ N _ x g 1 (- eta)); last first.
  by move=> k kN; rewrite h_step // h_step_other_point // /x /g; ring.
rewrite [X in eta * X](@sum_square_of _ N _ x g K (- 1)); last by move=> k kN; rewrite /x /g; ring.
rewrite h_slack_of_the_Lipschitz_bound -/(x _) -/(g _).
by rewrite /x /g /=; ring.
Qed.

Theorem T9_two_points_do_not_meet (r u : real) i : (1 <= i <= N)%N -> rho = r ^+ 2 ->
  (forall i : nat, (1 <= i <= N)%N -> theta_next i = theta_tilde_next i) ->
  (- ((K ^+ 2) * (eta ^+ 2)) + 1) * (u ^+ 2) = 1 -> theta i = theta_tilde i.
Proof.
move=> iN slack meet below.
have gap k : (1 <= k <= N)%N -> theta k - theta_tilde k = eta * (grad_theta k - grad_theta_tilde k).
  move=> kN; have := meet k kN; rewrite h_step // h_step_other_point // => /eqP.
  by rewrite -subr_eq0 => /eqP E; apply/eqP; rewrite -subr_eq0 -E; apply/eqP; ring.
have slack_is := h_slack_of_the_Lipschitz_bound.
set G := \sum_(1 <= i < N.+1) ((grad_theta i - grad_theta_tilde i) ^+ 2) in slack_is.
have D : \sum_(1 <= i < N.+1) ((theta i - theta_tilde i) ^+ 2) = eta ^+ 2 * G.
  by rewrite mulr_sumr; apply: eq_sum => k kN; rewrite gap // exprMn.
have G0 : G = 0.
  apply: (@no_gap _ eta K r u 1 G); rewrite ?ltr01 //; first by rewrite /G sum_squares_ge0.
  by rewrite mul1r -D -slack slack_is.
have := sum_squares_0 G0 iN => g0.
by apply/eqP; rewrite -subr_eq0 gap // g0 mulr0.
Qed.
End Descent.

(* ------------------------------------------------ heavy ball ------------------------------------------------ *)
Section Momentum.
Variables (v_next v_tilde_next : nat -> real).
Hypothesis h_rule_of_the_parameters : forall i : nat, (1 <= i <= N)%N ->
  theta_next i = - (eta * v_next i) + theta i.
Hypothesis h_rule_of_the_parameters_other_point : forall i : nat, (1 <= i <= N)%N ->
  theta_tilde_next i = - (eta * v_tilde_next i) + theta_tilde i.
Hypothesis h_equal_parameters_after_the_step : forall i : nat, (1 <= i <= N)%N -> theta_next i = theta_tilde_next i.
Hypothesis h_equal_velocities_after_the_step : forall i : nat, (1 <= i <= N)%N -> v_next i = v_tilde_next i.

Theorem T9_momentum_the_parameters i : (1 <= i <= N)%N -> theta i = theta_tilde i.
Proof.
move=> iN; have := h_equal_parameters_after_the_step iN.
by rewrite h_rule_of_the_parameters // h_rule_of_the_parameters_other_point // h_equal_velocities_after_the_step // => /addrI.
Qed.

Variables (cost_1 : nat -> seq real -> real) (mu u : real) (v v_tilde : nat -> real).
Hypothesis h_gradient : forall i : nat, (1 <= i <= N)%N ->
  grad_theta i = cost_1 i [seq theta j | j <- index_iota 1%N N.+1].
Hypothesis h_gradient_other_point : forall i : nat, (1 <= i <= N)%N ->
  grad_theta_tilde i = cost_1 i [seq theta_tilde j | j <- index_iota 1%N N.+1].
Hypothesis h_rule_of_the_velocity : forall i : nat, (1 <= i <= N)%N -> v_next i = mu * v i + grad_theta i.
Hypothesis h_rule_of_the_velocity_other_point : forall i : nat, (1 <= i <= N)%N ->
  v_tilde_next i = mu * v_tilde i + grad_theta_tilde i.
Hypothesis h_momentum_is_not_0 : mu * u = 1.

Theorem T9_momentum_the_velocities i : (1 <= i <= N)%N -> v i = v_tilde i.
Proof.
move=> iN.
have same : [seq theta j | j <- index_iota 1%N N.+1] = [seq theta_tilde j | j <- index_iota 1%N N.+1].
  apply/eq_in_map => j; rewrite mem_index_iota ltnS => jN; exact: T9_momentum_the_parameters.
have := h_equal_velocities_after_the_step iN.
rewrite h_rule_of_the_velocity // h_rule_of_the_velocity_other_point // h_gradient // h_gradient_other_point // same.
move/addIr => E; have : u * (mu * v i) = u * (mu * v_tilde i) by rewrite E.
by rewrite !mulrA [u * mu]mulrC h_momentum_is_not_0 !mul1r.
Qed.
End Momentum.
End TwoPoints.

(* -------------------------- the flow: the end, where the mean value theorem is assumed ------------------------- *)
Section Flow.
Variables (real : realFieldType) (E_0 E_T h kappa : real).
Hypothesis h_mean_value_theorem : E_T = E_0 + (h ^+ 2).

Lemma no_gap_before (start_gap end_gap : real) : E_0 = start_gap -> 0 <= start_gap -> E_T = kappa * end_gap ->
  end_gap = 0 -> start_gap = 0.
Proof.
move=> E0 start E1 zero; move: h_mean_value_theorem; rewrite E1 zero mulr0 E0 => /esym/eqP.
by rewrite paddr_eq0 ?sqr_ge0 // => /andP[/eqP].
Qed.

Theorem T9_the_flow_does_not_merge (N : nat) (theta_end theta_start theta_tilde_end theta_tilde_start : nat -> real) i :
  (1 <= i <= N)%N -> E_0 = \sum_(1 <= i < N.+1) ((theta_start i - theta_tilde_start i) ^+ 2) ->
  E_T = kappa * (\sum_(1 <= i < N.+1) ((theta_end i - theta_tilde_end i) ^+ 2)) ->
  (forall i : nat, (1 <= i <= N)%N -> theta_end i = theta_tilde_end i) -> theta_start i = theta_tilde_start i.
Proof.
move=> iN E0 E1 meet; apply/eqP; rewrite -subr_eq0; apply/eqP; move: i iN; apply: sum_squares_0.
apply: (no_gap_before E0 _ E1); first exact: sum_squares_ge0.
by rewrite big1_seq // => k /andP[_]; rewrite mem_index_iota ltnS => kN; rewrite meet // subrr expr0n.
Qed.

Section Neurons.
Variables (n : nat -> nat) (b_end b_start : nat -> nat -> real) (w_end w_start : nat -> nat -> nat -> real).
Variables (m p q : nat).
Hypothesis h_weighted_gap_of_two_neurons_at_time_0 : E_0 = ((b_start m p - b_start m q) ^+ 2)
  + (\sum_(1 <= k < (n (m - 1)%N).+1) ((w_start m p k - w_start m q k) ^+ 2))
  + (\sum_(1 <= j < (n (m + 1)%N).+1) ((w_start (m + 1)%N j p - w_start (m + 1)%N j q) ^+ 2)).
Hypothesis h_weighted_gap_of_two_neurons_at_time_T : E_T = (((b_end m p - b_end m q) ^+ 2)
  + (\sum_(1 <= k < (n (m - 1)%N).+1) ((w_end m p k - w_end m q k) ^+ 2))
  + (\sum_(1 <= j < (n (m + 1)%N).+1) ((w_end (m + 1)%N j p - w_end (m + 1)%N j q) ^+ 2))) * kappa.
Hypothesis h_equal_biases_at_time_T : b_end m p = b_end m q.
Hypothesis h_equal_incoming_weights_at_time_T : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  w_end m p k = w_end m q k.
Hypothesis h_equal_outgoing_weights_at_time_T : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  w_end (m + 1)%N i p = w_end (m + 1)%N i q.

Lemma no_gap_of_neurons : [/\ b_start m p - b_start m q = 0,
  forall k, (1 <= k <= n (m - 1)%N)%N -> w_start m p k - w_start m q k = 0 &
  forall i, (1 <= i <= n (m + 1)%N)%N -> w_start (m + 1)%N i p - w_start (m + 1)%N i q = 0].
Proof.
apply: squares_0; have E1 := h_weighted_gap_of_two_neurons_at_time_T; rewrite mulrC in E1.
apply: (no_gap_before h_weighted_gap_of_two_neurons_at_time_0 _ E1).
  by rewrite !addr_ge0 ?sqr_ge0 ?sum_squares_ge0.
rewrite h_equal_biases_at_time_T subrr expr0n add0r !big1_seq ?addr0 // => k /andP[_].
all: rewrite mem_index_iota ltnS => kn.
- by rewrite h_equal_outgoing_weights_at_time_T // subrr expr0n.
- by rewrite h_equal_incoming_weights_at_time_T // subrr expr0n.
Qed.

Theorem T9_the_flow_does_not_merge_neurons_incoming_weights k : (1 <= k <= n (m - 1)%N)%N ->
  w_start m p k = w_start m q k.
Proof. by move=> kn; have [_ E _] := no_gap_of_neurons; apply/eqP; rewrite -subr_eq0 E. Qed.
Theorem T9_the_flow_does_not_merge_neurons_biases : b_start m p = b_start m q.
Proof. by have [E _ _] := no_gap_of_neurons; apply/eqP; rewrite -subr_eq0 E. Qed.
Theorem T9_the_flow_does_not_merge_neurons_outgoing_weights i : (1 <= i <= n (m + 1)%N)%N ->
  w_start (m + 1)%N i p = w_start (m + 1)%N i q.
Proof. by move=> im; have [_ _ E] := no_gap_of_neurons; apply/eqP; rewrite -subr_eq0 E. Qed.
End Neurons.
End Flow.

(* --------------------------- heavy ball, two neurons of a layer: an exchange of p and q ------------------------ *)
Section TwoNeurons.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (a delta z : nat -> nat -> nat -> real) (b b_next grad_b v_b v_b_next : nat -> nat -> real).
Variables (grad_w v_w v_w_next w w_next : nat -> nat -> nat -> real) (eta mu u : real).
Variables (m p q : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis p_range : (1 <= p <= (n m) - 1)%N.
Hypothesis q_range : (p + 1 <= q <= n m)%N.
Hypothesis h_rule_of_the_biases_with_momentum : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b_next l j = - (eta * v_b_next l j) + b l j.
Hypothesis h_rule_of_the_weights_with_momentum : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w_next l j k = - (eta * v_w_next l j k) + w l j k.
Hypothesis h_equal_biases_after_the_step : b_next m p = b_next m q.
Hypothesis h_equal_incoming_weights_after_the_step : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  w_next m p k = w_next m q k.
Hypothesis h_equal_outgoing_weights_after_the_step : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  w_next (m + 1)%N i p = w_next (m + 1)%N i q.
Hypothesis h_equal_velocities_of_the_biases_after_the_step : v_b_next m p = v_b_next m q.
Hypothesis h_equal_velocities_of_the_incoming_weights_after_the_step : forall k : nat,
  (1 <= k <= n (m - 1)%N)%N -> v_w_next m p k = v_w_next m q k.
Hypothesis h_equal_velocities_of_the_outgoing_weights_after_the_step : forall i : nat,
  (1 <= i <= n (m + 1)%N)%N -> v_w_next (m + 1)%N i p = v_w_next (m + 1)%N i q.
Let mL : (1 <= m <= L)%N. Proof. by move: m_range; lia. Qed.
Let m1L : (1 <= m + 1 <= L)%N. Proof. by move: m_range; lia. Qed.
Let pn : (1 <= p <= n m)%N. Proof. by move: p_range; lia. Qed.
Let qn : (1 <= q <= n m)%N. Proof. by move: p_range q_range; lia. Qed.

Theorem T9_momentum_incoming_weights k : (1 <= k <= n (m - 1)%N)%N -> w m p k = w m q k.
Proof.
move=> kn; have := h_equal_incoming_weights_after_the_step kn.
by rewrite !h_rule_of_the_weights_with_momentum // h_equal_velocities_of_the_incoming_weights_after_the_step // => /addrI.
Qed.
Theorem T9_momentum_biases : b m p = b m q.
Proof.
have := h_equal_biases_after_the_step.
by rewrite !h_rule_of_the_biases_with_momentum // h_equal_velocities_of_the_biases_after_the_step // => /addrI.
Qed.
Theorem T9_momentum_outgoing_weights i : (1 <= i <= n (m + 1)%N)%N -> w (m + 1)%N i p = w (m + 1)%N i q.
Proof.
move=> jn; have := h_equal_outgoing_weights_after_the_step jn.
rewrite !h_rule_of_the_weights_with_momentum ?addnK //.
by rewrite h_equal_velocities_of_the_outgoing_weights_after_the_step // => /addrI.
Qed.

Hypothesis h_activation : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  a l s j = sigma l (z l s j).
Hypothesis h_delta_of_a_hidden_layer : forall l s j : nat, (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  delta l s j = (dsigma l (z l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k * w (l + 1)%N k j).
Hypothesis h_gradient_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j = \sum_(1 <= s < S_.+1) delta l s j.
Hypothesis h_gradient_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k = \sum_(1 <= s < S_.+1) a (l - 1)%N s k * delta l s j.
Hypothesis h_weighted_input : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  z l s j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k * w l j k).
Hypothesis h_rule_of_the_velocities_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  v_b_next l j = mu * v_b l j + grad_b l j.
Hypothesis h_rule_of_the_velocities_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> v_w_next l j k = mu * v_w l j k + grad_w l j k.
Hypothesis h_momentum_is_not_0 : mu * u = 1.

Lemma same_z s : (1 <= s <= S_)%N -> z m s p = z m s q.
Proof.
move=> sS; rewrite !h_weighted_input // T9_momentum_biases; congr (_ + _).
by apply: eq_sum => k kn; rewrite T9_momentum_incoming_weights.
Qed.
Lemma same_delta s : (1 <= s <= S_)%N -> delta m s p = delta m s q.
Proof.
move=> sS; rewrite !h_delta_of_a_hidden_layer // same_z //; congr (_ * _).
by apply: eq_sum => k kn; rewrite T9_momentum_outgoing_weights.
Qed.
Lemma divided (x y g : real) : mu * x + g = mu * y + g -> x = y.
Proof.
move/addIr => E; have : u * (mu * x) = u * (mu * y) by rewrite E.
by rewrite !mulrA [u * mu]mulrC h_momentum_is_not_0 !mul1r.
Qed.

Theorem T9_momentum_velocities_of_the_incoming_weights k : (1 <= k <= n (m - 1)%N)%N -> v_w m p k = v_w m q k.
Proof.
move=> kn; apply: (@divided _ _ (grad_w m q k)).
rewrite -h_rule_of_the_velocities_of_the_weights // -h_equal_velocities_of_the_incoming_weights_after_the_step //.
rewrite h_rule_of_the_velocities_of_the_weights //; congr (_ + _).
by rewrite !h_gradient_of_the_weights //; apply: eq_sum => s sS; rewrite same_delta.
Qed.
Theorem T9_momentum_velocities_of_the_biases : v_b m p = v_b m q.
Proof.
apply: (@divided _ _ (grad_b m q)).
rewrite -h_rule_of_the_velocities_of_the_biases // -h_equal_velocities_of_the_biases_after_the_step //.
rewrite h_rule_of_the_velocities_of_the_biases //; congr (_ + _).
by rewrite !h_gradient_of_the_biases //; apply: eq_sum => s sS; rewrite same_delta.
Qed.
Theorem T9_momentum_velocities_of_the_outgoing_weights i : (1 <= i <= n (m + 1)%N)%N ->
  v_w (m + 1)%N i p = v_w (m + 1)%N i q.
Proof.
move=> jn; apply: (@divided _ _ (grad_w (m + 1)%N i q)).
rewrite -h_rule_of_the_velocities_of_the_weights ?addnK //.
rewrite -h_equal_velocities_of_the_outgoing_weights_after_the_step //.
rewrite h_rule_of_the_velocities_of_the_weights ?addnK //; congr (_ + _).
by rewrite !h_gradient_of_the_weights ?addnK //; apply: eq_sum => s sS; rewrite !h_activation // same_z.
Qed.
End TwoNeurons.
