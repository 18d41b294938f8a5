(* T10 (proofs/blocks.py, proofs/near_tie.py), counted from 1 as it is printed: along a direction that moves tied
   neurons apart their gradients change by [[P, Q], [Q^T, 0]], read off at the tie. So does the second differential of
   the cost, and a step of gradient descent with decay multiplies an eigenvector of these blocks by a number. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import EpsilonDelta Sums T11 Transverse.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------- sums over samples, as sums over what is moved -------------------------------- *)
Section Algebra.
Variables (real : comRingType) (S_ K I : nat) (beta : real) (aa dl : nat -> nat -> real).
Variables (cv sl rc e u h : nat -> real).
Let f s := beta + \sum_(1 <= k < K.+1) aa s k * u k.

Lemma of_samples N S' (F : nat -> nat -> real) (v : nat -> real) :
  \sum_(1 <= k < N.+1) v k * (\sum_(1 <= s < S'.+1) F s k)
    = \sum_(1 <= s < S'.+1) \sum_(1 <= k < N.+1) v k * F s k.
Proof. by under eq_bigr do rewrite mulr_sumr; rewrite exchange_big_nat. Qed.

Lemma in_blocks : \sum_(1 <= s < S_.+1) e s * (sl s * (\sum_(1 <= i < I.+1) dl s i * h i) + rc s * (cv s * f s))
  = beta * (\sum_(1 <= s < S_.+1) cv s * e s * rc s)
    + (\sum_(1 <= i < I.+1) h i * (\sum_(1 <= s < S_.+1) sl s * e s * dl s i))
    + (\sum_(1 <= p < K.+1) u p * (\sum_(1 <= s < S_.+1) cv s * e s * aa s p * rc s)).
Proof.
rewrite !of_samples mulr_sumr -!big_split /=; apply: eq_sum => s sS; rewrite /f.
have -> : \sum_(1 <= i < I.+1) h i * (sl s * e s * dl s i) = e s * sl s * (\sum_(1 <= i < I.+1) dl s i * h i).
  by rewrite mulr_sumr; apply: eq_sum => i iI; ring.
have -> : \sum_(1 <= p < K.+1) u p * (cv s * e s * aa s p * rc s)
    = e s * rc s * cv s * (\sum_(1 <= k < K.+1) aa s k * u k).
  by rewrite mulr_sumr; apply: eq_sum => k kK; ring.
by move: (\sum_(1 <= i < I.+1) _) (\sum_(1 <= k < K.+1) _) => s1 s2; ring.
Qed.

Lemma in_the_block_Q i : \sum_(1 <= s < S_.+1) dl s i * (sl s * f s)
  = beta * (\sum_(1 <= s < S_.+1) sl s * dl s i)
    + (\sum_(1 <= k < K.+1) u k * (\sum_(1 <= s < S_.+1) sl s * aa s k * dl s i)).
Proof.
rewrite of_samples mulr_sumr -!big_split /=; apply: eq_sum => s sS; rewrite /f.
have -> : \sum_(1 <= k < K.+1) u k * (sl s * aa s k * dl s i)
    = dl s i * sl s * (\sum_(1 <= k < K.+1) aa s k * u k).
  by rewrite mulr_sumr; apply: eq_sum => k kK; ring.
by move: (\sum_(1 <= k < K.+1) _) => s2; ring.
Qed.
End Algebra.

(* a step of gradient descent with decay, along a path on which the step size and the decay are fixed *)
Lemma step_moves (real : realFieldType) (tau0 : real) (after g lambda eta v : real -> real)
  (dg dlambda deta dv : real) :
  (forall tau, after tau = - ((lambda tau * v tau + g tau) * eta tau) + v tau) -> deriv tau0 lambda dlambda ->
  deriv tau0 eta deta -> deriv tau0 v dv -> deriv tau0 g dg -> dlambda = 0 -> deta = 0 ->
  deriv tau0 after (- ((lambda tau0 * dv + dg) * eta tau0) + dv).
Proof.
move=> after_is Dl De Dv Dg l0 e0; apply: deriv_ext (fun tau => esym (after_is tau)) _.
apply: deriv_as (deriv_add (deriv_opp (deriv_mul (deriv_add (deriv_mul Dl Dv) Dg) De)) Dv).
by rewrite l0 e0; ring.
Qed.

Section Direction.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (sigma dsigma d2sigma : nat -> real -> real).
Variables (cost_1 : nat -> seq real -> seq real -> real).
Variables (cost_1_1 cost_1_2 : nat -> nat -> seq real -> seq real -> real).
Variables (a delta z w grad_w : nat -> nat -> nat -> real -> real) (b grad_b x y : nat -> nat -> real -> real).
Variables (c h u : nat -> nat -> real -> real) (beta : real -> real).
Variables (db dx dy : nat -> nat -> real) (dw : nat -> nat -> nat -> real) (tau0 : real) (m M : nat).
Variables (P Q : nat -> nat -> nat -> real -> real) (R V : nat -> nat -> real -> real) (U : nat -> real -> real).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis sigma_differentiable : forall (i0 : nat) (u : real), deriv u (sigma i0) (dsigma i0 u).
Hypothesis dsigma_differentiable : forall (i0 : nat) (u : real), deriv u (dsigma i0) (d2sigma i0 u).
Hypothesis cost_1_differentiable : forall j : nat, (1 <= j < (n L).+1)%N ->
  partials (n L).+1 (n L).+1 (cost_1 j) (cost_1_1 j) (cost_1_2 j).
Hypothesis M_range : (1 <= M <= n m)%N.
Hypothesis b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> deriv tau0 (b l j) (db l j).
Hypothesis w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (w l j k) (dw l j k).
Hypothesis x_moves : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n 0%N)%N -> deriv tau0 (x s j) (dx s j).
Hypothesis y_moves : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n L)%N -> deriv tau0 (y s j) (dy s j).
Hypothesis h_activation : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N -> a l s j tau = sigma l (z l s j tau).
Hypothesis h_input_of_the_network : forall (s j : nat) (tau : real), (1 <= s <= S_)%N -> (1 <= j <= n 0%N)%N ->
  a 0%N s j tau = x s j tau.
Hypothesis h_weighted_input : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  z l s j tau = b l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k tau * w l j k tau).
Hypothesis h_delta_of_a_hidden_layer : forall (l s j : nat) (tau : real), (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N -> delta l s j tau
    = (dsigma l (z l s j tau)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k tau * w (l + 1)%N k j tau).
Hypothesis h_delta_of_the_last_layer : forall (s j : nat) (tau : real), (1 <= s <= S_)%N -> (1 <= j <= n L)%N ->
  delta L s j tau = (dsigma L (z L s j tau)) * (cost_1 j [seq a L s k tau | k <- index_iota 1%N (n L).+1]
    [seq y s k tau | k <- index_iota 1%N (n L).+1]) / S_%:R.
Hypothesis h_gradient_of_the_weights : forall (l j k : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k tau = \sum_(1 <= s < S_.+1) a (l - 1)%N s k tau * delta l s j tau.
Hypothesis h_gradient_of_the_biases : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j tau = \sum_(1 <= s < S_.+1) delta l s j tau.
Hypothesis h_biases_after_stay : forall l j : nat, (m + 1 <= l <= L)%N -> (1 <= j <= n l)%N -> db l j = 0.
Hypothesis h_biases_before_stay : forall l j : nat, (1 <= l <= m - 1)%N -> (1 <= j <= n l)%N -> db l j = 0.
Hypothesis h_biases_move : forall r : nat, (1 <= r <= M)%N -> db m r = beta tau0 * c m r tau0.
Hypothesis h_equal_biases : forall r : nat, (1 <= r <= M)%N -> b m r tau0 = b m 1%N tau0.
Hypothesis h_equal_incoming_weights : forall r k : nat, (1 <= r <= M)%N -> (1 <= k <= n (m - 1)%N)%N ->
  w m r k tau0 = w m 1%N k tau0.
Hypothesis h_equal_outgoing_weights : forall i r : nat, (1 <= i <= n (m + 1)%N)%N -> (1 <= r <= M)%N ->
  w (m + 1)%N i r tau0 = w (m + 1)%N i 1%N tau0.
Hypothesis h_incoming_weights_move : forall r k : nat, (1 <= r <= M)%N -> (1 <= k <= n (m - 1)%N)%N ->
  dw m r k = c m r tau0 * u (m - 1)%N k tau0.
Hypothesis h_inputs_are_fixed : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n 0%N)%N -> dx s j = 0.
Hypothesis h_other_biases_stay : forall j : nat, (M + 1 <= j <= n m)%N -> db m j = 0.
Hypothesis h_other_incoming_weights_stay : forall j k : nat, (M + 1 <= j <= n m)%N -> (1 <= k <= n (m - 1)%N)%N ->
  dw m j k = 0.
Hypothesis h_other_outgoing_weights_stay : forall i j : nat, (1 <= i <= n (m + 1)%N)%N -> (M + 1 <= j <= n m)%N ->
  dw (m + 1)%N i j = 0.
Hypothesis h_outgoing_weights_move : forall i r : nat, (1 <= i <= n (m + 1)%N)%N -> (1 <= r <= M)%N ->
  dw (m + 1)%N i r = c m r tau0 * h (m + 1)%N i tau0.
Hypothesis h_targets_are_fixed : forall s j : nat, (1 <= s <= S_)%N -> (1 <= j <= n L)%N -> dy s j = 0.
Hypothesis h_the_direction_sums_to_0 : c m 1%N tau0 = - (\sum_(2 <= j < M.+1) c m j tau0).
Hypothesis h_weights_after_stay : forall l j k : nat, (m + 2 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> dw l j k = 0.
Hypothesis h_weights_before_stay : forall l j k : nat, (1 <= l <= m - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> dw l j k = 0.
Hypothesis h_block_P : forall (l k p : nat) (tau : real), (1 <= l <= L - 1)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (1 <= p <= n (l - 1)%N)%N -> P l k p tau
    = \sum_(1 <= s < S_.+1) (d2sigma l (z l s 1%N tau)) * a (l - 1)%N s k tau * a (l - 1)%N s p tau
      * (\sum_(1 <= j < (n (l + 1)%N).+1) delta (l + 1)%N s j tau * w (l + 1)%N j 1%N tau).
Hypothesis h_block_P_weight_and_bias : forall (l k : nat) (tau : real), (1 <= l <= L - 1)%N ->
  (1 <= k <= n (l - 1)%N)%N -> R l k tau
    = \sum_(1 <= s < S_.+1) (d2sigma l (z l s 1%N tau)) * a (l - 1)%N s k tau
      * (\sum_(1 <= j < (n (l + 1)%N).+1) delta (l + 1)%N s j tau * w (l + 1)%N j 1%N tau).
Hypothesis h_block_P_bias : forall (l : nat) (tau : real), (1 <= l <= L - 1)%N -> U l tau
    = \sum_(1 <= s < S_.+1) (d2sigma l (z l s 1%N tau))
      * (\sum_(1 <= j < (n (l + 1)%N).+1) delta (l + 1)%N s j tau * w (l + 1)%N j 1%N tau).
Hypothesis h_block_Q : forall (l k i : nat) (tau : real), (1 <= l <= L - 1)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (1 <= i <= n (l + 1)%N)%N -> Q l k i tau
    = \sum_(1 <= s < S_.+1) (dsigma l (z l s 1%N tau)) * a (l - 1)%N s k tau * delta (l + 1)%N s i tau.
Hypothesis h_block_Q_bias : forall (l i : nat) (tau : real), (1 <= l <= L - 1)%N -> (1 <= i <= n (l + 1)%N)%N ->
  V l i tau = \sum_(1 <= s < S_.+1) (dsigma l (z l s 1%N tau)) * delta (l + 1)%N s i tau.

(* ------------------------------------------------- the blocks ------------------------------------------------- *)
Lemma delta_turns s r : (1 <= s <= S_)%N -> (1 <= r <= M)%N ->
  deriv tau0 (delta m s r) (c m r tau0 * turn n dsigma d2sigma a delta z w h u beta tau0 m s).
Proof. by_library delta_tied. Qed.
Lemma layer_before_stays s k : (1 <= s <= S_)%N -> (1 <= k <= n (m - 1)%N)%N -> deriv tau0 (a (m - 1)%N s k) 0.
Proof. by move=> sS kn; have mm : (m - 1 <= m - 1)%N by []; by_library a_before. Qed.
Lemma layer_moves s k : (1 <= s <= S_)%N -> (1 <= k <= n m)%N ->
  deriv tau0 (a m s k) (da_m n dsigma a z c u beta tau0 m M s k).
Proof. by_library a_of_the_layer. Qed.
Lemma next_delta_stays s k : (1 <= s <= S_)%N -> (1 <= k <= n (m + 1)%N)%N -> deriv tau0 (delta (m + 1)%N s k) 0.
Proof. by_library delta_next. Qed.
Let mL : (1 <= m <= L)%N. Proof. by move: m_range; lia. Qed.
Let m1L : (1 <= m + 1 <= L)%N. Proof. by move: m_range; lia. Qed.
Let tied r : (1 <= r <= M)%N -> (1 <= r <= n m)%N. Proof. by move: M_range; lia. Qed.

Theorem T10_gradients_of_the_incoming_weights r k : (1 <= r <= M)%N -> (1 <= k <= n (m - 1)%N)%N ->
  deriv tau0 (grad_w m r k) ((beta tau0 * R m k tau0
    + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i tau0 * Q m k i tau0)
    + (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p tau0 * P m k p tau0)) * c m r tau0).
Proof.
move=> rM kn; apply: deriv_as (grad_w_moves_by h_gradient_of_the_weights mL (tied rM) kn
  (fun s sS => layer_before_stays sS kn) (fun s sS => delta_turns sS rM)).
under eq_bigr do rewrite mulr0 addr0 mulrCA; rewrite -mulr_sumr mulrC; congr (_ * _).
rewrite in_blocks h_block_P_weight_and_bias //; congr (_ + _ + _).
  by apply: eq_sum => i im; rewrite h_block_Q.
by apply: eq_sum => p pn; rewrite h_block_P.
Qed.

Theorem T10_gradients_of_the_biases r : (1 <= r <= M)%N ->
  deriv tau0 (grad_b m r) ((beta tau0 * U m tau0 + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0)) * c m r tau0).
Proof.
move=> rM; apply: deriv_as (grad_b_moves_by h_gradient_of_the_biases mL (tied rM) (fun s sS => delta_turns sS rM)).
rewrite -mulr_sumr mulrC; congr (_ * _); under eq_bigr do rewrite -[turn _ _ _ _ _ _ _ _ _ _ _ _ _]mul1r.
rewrite (in_blocks _ _ _ _ _ _ _ _ _ (fun=> 1)) h_block_P_bias // addrAC; congr (_ * _ + _ + _).
- by apply: eq_sum => s sS; rewrite mulr1.
- apply: eq_sum => k kn; rewrite h_block_P_weight_and_bias // mulrC; congr (_ * _).
  by apply: eq_sum => s sS; rewrite mulr1.
- by apply: eq_sum => i im; rewrite h_block_Q_bias // mulrC; congr (_ * _); apply: eq_sum => s sS; rewrite mulr1.
Qed.

Theorem T10_gradients_of_the_outgoing_weights i r : (1 <= i <= n (m + 1)%N)%N -> (1 <= r <= M)%N ->
  deriv tau0 (grad_w (m + 1)%N i r) ((beta tau0 * V m i tau0
    + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k tau0 * Q m k i tau0)) * c m r tau0).
Proof.
move=> im rM; have rn : (1 <= r <= n (m + 1 - 1)%N)%N by rewrite addnK; exact: tied.
have Da s : (1 <= s <= S_)%N ->
    deriv tau0 (a (m + 1 - 1)%N s r) (dsigma m (z m s 1%N tau0) * (c m r tau0 * felt n a u beta tau0 m s)).
  by move=> sS; rewrite addnK; have := layer_moves sS (tied rM); rewrite /da_m; case: ifP => //; lia.
apply: deriv_as (grad_w_moves_by h_gradient_of_the_weights m1L im rn Da (fun s sS => next_delta_stays sS im)).
transitivity (\sum_(1 <= s < S_.+1) c m r tau0
    * (delta (m + 1)%N s i tau0 * (dsigma m (z m s 1%N tau0) * felt n a u beta tau0 m s))).
  by apply: eq_sum => s sS; move: (felt _ _ _ _ _ _ _) => f; ring.
rewrite -mulr_sumr mulrC; congr (_ * _).
apply: etrans (@in_the_block_Q _ S_ (n (m - 1)%N) (beta tau0) (fun s k => a (m - 1)%N s k tau0)
  (fun s i => delta (m + 1)%N s i tau0) (fun s => dsigma m (z m s 1%N tau0)) (fun k => u (m - 1)%N k tau0) i) _.
rewrite h_block_Q_bias //; congr (_ + _).
by apply: eq_sum => k kn; rewrite h_block_Q.
Qed.

(* -------------------------------------------------- the form -------------------------------------------------- *)
Section Form.
Variables (dgrad_w : nat -> nat -> nat -> real) (dgrad_b : nat -> nat -> real).
Hypothesis grad_b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (grad_b l j) (dgrad_b l j).
Hypothesis grad_w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (grad_w l j k) (dgrad_w l j k).

Theorem T10_the_form : \sum_(1 <= j < M.+1) (db m j * dgrad_b m j
    + (\sum_(1 <= k < (n (m - 1)%N).+1) dgrad_w m j k * dw m j k)
    + (\sum_(1 <= k < (n (m + 1)%N).+1) dgrad_w (m + 1)%N k j * dw (m + 1)%N k j))
  = ((beta tau0 * U m tau0 + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0)) * beta tau0
  + (\sum_(1 <= i < (n (m + 1)%N).+1) (beta tau0 * V m i tau0
    + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k tau0 * Q m k i tau0)) * h (m + 1)%N i tau0)
  + (\sum_(1 <= k < (n (m - 1)%N).+1) (beta tau0 * R m k tau0
    + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i tau0 * Q m k i tau0)
    + (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p tau0 * P m k p tau0)) * u (m - 1)%N k tau0))
  * (\sum_(1 <= j < M.+1) (c m j tau0 ^+ 2)).
Proof.
rewrite [RHS]mulr_sumr; apply: eq_sum => j jM; rewrite h_biases_move //.
rewrite (deriv_uniq (grad_b_moves mL (tied jM)) (T10_gradients_of_the_biases jM)).
set X := _ + _ + \sum_(1 <= i < _) V m i tau0 * _; rewrite !mulrDl addrAC; congr (_ + _ + _).
- by ring.
- rewrite mulr_suml; apply: eq_sum => i im; rewrite h_outgoing_weights_move //.
  have D : deriv tau0 (grad_w (m + 1)%N i j) (dgrad_w (m + 1)%N i j).
    by apply: grad_w_moves; rewrite ?addnK ?tied.
  by rewrite (deriv_uniq D (T10_gradients_of_the_outgoing_weights im jM)); move: (_ + _) => y'; ring.
- rewrite mulr_suml; apply: eq_sum => k kn; rewrite h_incoming_weights_move //.
  rewrite (deriv_uniq (grad_w_moves mL (tied jM) kn) (T10_gradients_of_the_incoming_weights jM kn)).
  by move: (_ + _ + _) => y'; ring.
Qed.
End Form.

(* -------------------------------------------------- one step -------------------------------------------------- *)
Section Step.
Variables (eta lambda mu : real -> real) (deta dlambda : real).
Hypothesis eta_moves : deriv tau0 eta deta.
Hypothesis lambda_moves : deriv tau0 lambda dlambda.
Hypothesis h_the_step_size_is_fixed : deta = 0.
Hypothesis h_the_decay_is_fixed : dlambda = 0.

Section Weights.
Variables (w_next : nat -> nat -> nat -> real -> real).
Hypothesis h_step_of_the_weights_with_decay : forall (l j k : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N ->
  w_next l j k tau = - ((lambda tau * w l j k tau + grad_w l j k tau) * eta tau) + w l j k tau.

Theorem T10_one_step_incoming_weights r k :
  (forall k : nat, (1 <= k <= n (m - 1)%N)%N -> beta tau0 * R m k tau0
    + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i tau0 * Q m k i tau0)
    + (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p tau0 * P m k p tau0) = mu tau0 * u (m - 1)%N k tau0) ->
  (1 <= r <= M)%N -> (1 <= k <= n (m - 1)%N)%N ->
  deriv tau0 (w_next m r k) ((- ((lambda tau0 + mu tau0) * eta tau0) + 1) * c m r tau0 * u (m - 1)%N k tau0).
Proof.
move=> eigen rM kn; have law tau := h_step_of_the_weights_with_decay tau mL (tied rM) kn.
apply: deriv_as (step_moves law lambda_moves eta_moves (w_moves mL (tied rM) kn)
  (T10_gradients_of_the_incoming_weights rM kn) h_the_decay_is_fixed h_the_step_size_is_fixed).
by rewrite eigen // h_incoming_weights_move //; ring.
Qed.

Theorem T10_one_step_outgoing_weights i r :
  (forall i : nat, (1 <= i <= n (m + 1)%N)%N -> beta tau0 * V m i tau0
    + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k tau0 * Q m k i tau0) = mu tau0 * h (m + 1)%N i tau0) ->
  (1 <= i <= n (m + 1)%N)%N -> (1 <= r <= M)%N ->
  deriv tau0 (w_next (m + 1)%N i r) ((- ((lambda tau0 + mu tau0) * eta tau0) + 1) * c m r tau0 * h (m + 1)%N i tau0).
Proof.
move=> eigen im rM; have rn : (1 <= r <= n (m + 1 - 1)%N)%N by rewrite addnK; exact: tied.
have law tau := h_step_of_the_weights_with_decay tau m1L im rn.
apply: deriv_as (step_moves law lambda_moves eta_moves (w_moves m1L im rn)
  (T10_gradients_of_the_outgoing_weights im rM) h_the_decay_is_fixed h_the_step_size_is_fixed).
by rewrite eigen // h_outgoing_weights_move //; ring.
Qed.
End Weights.

Theorem T10_one_step_biases (b_next : nat -> nat -> real -> real) r :
  (forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
    b_next l j tau = - ((lambda tau * b l j tau + grad_b l j tau) * eta tau) + b l j tau) ->
  beta tau0 * U m tau0 + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0) = beta tau0 * mu tau0 -> (1 <= r <= M)%N ->
  deriv tau0 (b_next m r) ((- ((lambda tau0 + mu tau0) * eta tau0) + 1) * beta tau0 * c m r tau0).
Proof.
move=> rule eigen rM; have law tau := rule m r tau mL (tied rM).
apply: deriv_as (step_moves law lambda_moves eta_moves (b_moves mL (tied rM)) (T10_gradients_of_the_biases rM)
  h_the_decay_is_fixed h_the_step_size_is_fixed).
by rewrite eigen h_biases_move //; ring.
Qed.
End Step.
End Direction.
