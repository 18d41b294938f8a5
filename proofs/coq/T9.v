(* T9 (proofs/t9_never_merge.py), counted from 1 as it is printed: two points that differ do not meet by a step of
   gradient descent below the Lipschitz bound, nor by a step of heavy ball with any step size. The bound is an
   equation with a slack, rho = r^2. Of the flow only the last step is here: the mean value theorem is a hypothesis of
   that statement, and neither it nor the growth of the weighted gap is proved. NeverMerge.v and HeavyBall.v hold the
   same for runs, in terms of their own. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
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
have slack_is := h_slack_of_the_Lipschitz_bound; set G := \sum_(1 <= i < N.+1) ((grad_theta i - grad_theta_tilde i) ^+ 2) in slack_is.
have D : \sum_(1 <= i < N.+1) ((theta i - theta_tilde i) ^+ 2) = eta ^+ 2 * G.
  by rewrite mulr_sumr; apply: eq_sum => k kN; rewrite gap // exprMn.
have zero : G + (r * u) ^+ 2 = 0.
  rewrite exprMn -slack slack_is D.
  have -> : G = G * ((- ((K ^+ 2) * (eta ^+ 2)) + 1) * (u ^+ 2)) by rewrite below mulr1.
  have -> : G * ((- (K ^+ 2 * eta ^+ 2) + 1) * u ^+ 2) + (K ^+ 2 * (eta ^+ 2 * (G * ((- (K ^+ 2 * eta ^+ 2) + 1) * u ^+ 2))) - G * ((- (K ^+ 2 * eta ^+ 2) + 1) * u ^+ 2)) * u ^+ 2
    = G * ((- (K ^+ 2 * eta ^+ 2) + 1) * u ^+ 2) * (1 - (- (K ^+ 2 * eta ^+ 2) + 1) * u ^+ 2) by ring.
  by rewrite below subrr mulr0.
have G0 : G = 0.
  by move/eqP: zero; rewrite paddr_eq0 ?sqr_ge0 ?sum_squares_ge0 // => /andP[/eqP ].
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
