(* T10 (proofs/t10_attracting_or_repelling.py), counted from 1 as it is printed: at a tie the Hessian is
   [[P, Q], [Q^T, 0]] on differences; where the gradient of the tied neuron is not 0, a direction descends. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import EpsilonDelta Sums T9 T11.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------- the form along a direction ------------------------------------------- *)
Section Form.
Variables (real : realFieldType) (K I : nat).
Implicit Types (beta : real) (u h : nat -> real).
Variables (U : real) (R V : nat -> real) (P Q : nat -> nat -> real).

(* what the block P sees of an incoming direction, and what the transposed block Q does *)
Definition of_P beta u := (beta * U + (\sum_(1 <= k < K.+1) R k * u k)) * beta
  + (\sum_(1 <= k < K.+1) (beta * R k + (\sum_(1 <= p < K.+1) u p * P k p)) * u k).
Definition of_Q beta u i := beta * V i + (\sum_(1 <= k < K.+1) u k * Q k i).

Lemma form_is beta u h :
  (beta * U + (\sum_(1 <= k < K.+1) R k * u k) + (\sum_(1 <= i < I.+1) V i * h i)) * beta
  + (\sum_(1 <= i < I.+1) (beta * V i + (\sum_(1 <= k < K.+1) u k * Q k i)) * h i)
  + (\sum_(1 <= k < K.+1) (beta * R k + (\sum_(1 <= i < I.+1) h i * Q k i) + (\sum_(1 <= p < K.+1) u p * P k p)) * u k)
  = of_P beta u + 2%:R * (\sum_(1 <= i < I.+1) of_Q beta u i * h i).
Proof.
have cross : \sum_(1 <= k < K.+1) (\sum_(1 <= i < I.+1) h i * Q k i) * u k
    = \sum_(1 <= i < I.+1) (\sum_(1 <= k < K.+1) u k * Q k i) * h i.
  under eq_bigr do rewrite mulr_suml; rewrite exchange_big /=; apply: eq_sum => i iI.
  by rewrite mulr_suml; apply: eq_sum => k kK; ring.
have -> : \sum_(1 <= k < K.+1) (beta * R k + (\sum_(1 <= i < I.+1) h i * Q k i)
      + (\sum_(1 <= p < K.+1) u p * P k p)) * u k
    = (\sum_(1 <= k < K.+1) (beta * R k + (\sum_(1 <= p < K.+1) u p * P k p)) * u k)
      + (\sum_(1 <= i < I.+1) (\sum_(1 <= k < K.+1) u k * Q k i) * h i).
  by rewrite -cross -big_split; apply: eq_sum => k kK /=; rewrite -mulrDl; congr (_ * _); rewrite addrAC.
have Q_is : \sum_(1 <= i < I.+1) of_Q beta u i * h i
    = beta * (\sum_(1 <= i < I.+1) V i * h i) + (\sum_(1 <= i < I.+1) (\sum_(1 <= k < K.+1) u k * Q k i) * h i).
  by rewrite mulr_sumr -big_split; apply: eq_sum => i iI /=; rewrite mulrDl mulrA.
rewrite -/(of_Q beta u _) Q_is /of_P.
move: (\sum_(1 <= i < I.+1) V i * h i) (\sum_(1 <= i < I.+1) _ * h i) => S1 S2.
move: (\sum_(1 <= k < K.+1) R k * u k) (\sum_(1 <= k < K.+1) _ * u k) => S3 S4.
by ring.
Qed.
End Form.

(* ------------------------------------- the gradient of a tied neuron ------------------------------------- *)
Section Tied.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (dsigma : nat -> real -> real).
Variables (Q : nat -> nat -> nat -> real) (V : nat -> nat -> real) (a delta z : nat -> nat -> nat -> real).
Variables (b grad_b : nat -> nat -> real) (grad_w w : nat -> nat -> nat -> real) (m M : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis M_range : (1 <= M <= n m)%N.
Hypothesis h_delta_of_a_hidden_layer : forall l s j : nat, (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  delta l s j = (dsigma l (z l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k * w (l + 1)%N k j).
Hypothesis h_weighted_input : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  z l s j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k * w l j k).
Hypothesis h_equal_biases : forall r : nat, (1 <= r <= M)%N -> b m r = b m 1%N.
Hypothesis h_equal_incoming_weights : forall r k : nat, (1 <= r <= M)%N -> (1 <= k <= n (m - 1)%N)%N ->
  w m r k = w m 1%N k.
Hypothesis h_equal_outgoing_weights : forall i r : nat, (1 <= i <= n (m + 1)%N)%N -> (1 <= r <= M)%N ->
  w (m + 1)%N i r = w (m + 1)%N i 1%N.

Lemma delta_of_a_tied_neuron s r : (1 <= s <= S_)%N -> (1 <= r <= M)%N ->
  delta m s r = \sum_(1 <= i < (n (m + 1)%N).+1) (dsigma m (z m s 1%N)) * delta (m + 1)%N s i * w (m + 1)%N i 1%N.
Proof.
move=> sS rM; have [rn n1 mL] : [/\ (1 <= r <= n m)%N, (1 <= 1 <= n m)%N & (1 <= m <= L)%N].
  by move: M_range m_range rM; split; lia.
have -> : delta m s r = dsigma m (z m s 1%N)
    * (\sum_(1 <= k < (n (m + 1)%N).+1) delta (m + 1)%N s k * w (m + 1)%N k r).
  rewrite h_delta_of_a_hidden_layer //; congr (dsigma m _ * _); rewrite !h_weighted_input // h_equal_biases //.
  by congr (_ + _); apply: eq_sum => k kn; rewrite h_equal_incoming_weights.
by rewrite mulr_sumr; apply: eq_sum => i ii; rewrite h_equal_outgoing_weights // mulrA.
Qed.

Section Weights.
Hypothesis h_block_Q : forall l k i : nat, (1 <= l <= L - 1)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (1 <= i <= n (l + 1)%N)%N ->
  Q l k i = \sum_(1 <= s < S_.+1) (dsigma l (z l s 1%N)) * a (l - 1)%N s k * delta (l + 1)%N s i.
Hypothesis h_gradient_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k = \sum_(1 <= s < S_.+1) a (l - 1)%N s k * delta l s j.

Theorem T10_incoming_gradient_gradients_of_the_incoming_weights r k : (1 <= r <= M)%N ->
  (1 <= k <= n (m - 1)%N)%N -> grad_w m r k = \sum_(1 <= i < (n (m + 1)%N).+1) Q m k i * w (m + 1)%N i 1%N.
Proof.
move=> rM kn; rewrite h_gradient_of_the_weights //; [|by move: m_range; lia|by move: M_range rM; lia].
transitivity (\sum_(1 <= i < (n (m + 1)%N).+1) \sum_(1 <= s < S_.+1)
    (dsigma m (z m s 1%N)) * a (m - 1)%N s k * delta (m + 1)%N s i * w (m + 1)%N i 1%N).
  rewrite exchange_big /=; apply: eq_sum => s sS.
  by rewrite delta_of_a_tied_neuron // mulr_sumr; apply: eq_sum => i ii; ring.
by apply: eq_sum => i ii; rewrite h_block_Q // mulr_suml.
Qed.
End Weights.

Section Biases.
Hypothesis h_block_Q_bias : forall l i : nat, (1 <= l <= L - 1)%N -> (1 <= i <= n (l + 1)%N)%N ->
  V l i = \sum_(1 <= s < S_.+1) (dsigma l (z l s 1%N)) * delta (l + 1)%N s i.
Hypothesis h_gradient_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j = \sum_(1 <= s < S_.+1) delta l s j.

Theorem T10_incoming_gradient_gradients_of_the_biases r : (1 <= r <= M)%N ->
  grad_b m r = \sum_(1 <= i < (n (m + 1)%N).+1) V m i * w (m + 1)%N i 1%N.
Proof.
move=> rM; rewrite h_gradient_of_the_biases //; [|by move: m_range; lia|by move: M_range rM; lia].
transitivity (\sum_(1 <= i < (n (m + 1)%N).+1) \sum_(1 <= s < S_.+1)
    (dsigma m (z m s 1%N)) * delta (m + 1)%N s i * w (m + 1)%N i 1%N).
  by rewrite exchange_big /=; apply: eq_sum => s sS; rewrite delta_of_a_tied_neuron.
by apply: eq_sum => i ii; rewrite h_block_Q_bias // mulr_suml.
Qed.
End Biases.
End Tied.

(* --------------------------------------- a direction that descends --------------------------------------- *)
Section Descends.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (G : nat -> real) (H : nat -> nat -> real).
Variables (N : nat -> real) (P Q : nat -> nat -> nat -> real) (R : nat -> nat -> real) (U : nat -> real).
Variables (V : nat -> nat -> real) (beta : real) (grad_b : nat -> nat -> real) (grad_w : nat -> nat -> nat -> real).
Variables (h : nat -> nat -> real) (kappa : real) (u : nat -> nat -> real) (m M : nat).
Hypothesis h_curvature : kappa = (beta * U m + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k * u (m - 1)%N k)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i * h (m + 1)%N i)) * beta
  + (\sum_(1 <= i < (n (m + 1)%N).+1) (beta * V m i + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k * Q m k i))
    * h (m + 1)%N i)
  + (\sum_(1 <= k < (n (m - 1)%N).+1) (beta * R m k + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i * Q m k i)
    + (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p * P m k p)) * u (m - 1)%N k).
Hypothesis h_curvature_along_the_gradient : G m = (U m * grad_b m 1%N
    + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k * grad_w m 1%N k)) * grad_b m 1%N
  + (\sum_(1 <= k < (n (m - 1)%N).+1) (R m k * grad_b m 1%N
    + (\sum_(1 <= p < (n (m - 1)%N).+1) P m k p * grad_w m 1%N p)) * grad_w m 1%N k).
Hypothesis h_direction_of_the_biases : beta = 2%:R * N m * grad_b m 1%N.
Hypothesis h_direction_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  u (m - 1)%N k = 2%:R * N m * grad_w m 1%N k.
Hypothesis h_direction_of_the_outgoing_weights : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  h (m + 1)%N i = (- G m - 1) * H m i.
Hypothesis h_square_of_that : N m = \sum_(1 <= i < (n (m + 1)%N).+1) (H m i ^+ 2).
Hypothesis h_transposed_Q_times_the_gradient : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  H m i = V m i * grad_b m 1%N + (\sum_(1 <= k < (n (m - 1)%N).+1) Q m k i * grad_w m 1%N k).

Theorem T10_a_direction_that_descends : kappa = - (4%:R * (N m ^+ 2)).
Proof.
rewrite h_curvature form_is; pose c := 2%:R * N m; have beta_is : beta = c * grad_b m 1%N by [].
have u_is k : (1 <= k <= n (m - 1)%N)%N -> u (m - 1)%N k = c * grad_w m 1%N k.
  by move=> kn; rewrite h_direction_of_the_incoming_weights.
have Ru : \sum_(1 <= k < (n (m - 1)%N).+1) R m k * u (m - 1)%N k
    = c * (\sum_(1 <= k < (n (m - 1)%N).+1) R m k * grad_w m 1%N k).
  by rewrite mulr_sumr; apply: eq_sum => k kn; rewrite u_is //; ring.
have of_P_is : of_P (n (m - 1)%N) (U m) (R m) (P m) beta (u (m - 1)%N) = c ^+ 2 * G m.
  rewrite /of_P Ru h_curvature_along_the_gradient beta_is [RHS]mulrDr; congr (_ + _); first by ring.
  rewrite [RHS]mulr_sumr; apply: eq_sum => k kn; rewrite u_is //.
  have -> : \sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p * P m k p
      = c * (\sum_(1 <= p < (n (m - 1)%N).+1) P m k p * grad_w m 1%N p).
    by rewrite mulr_sumr; apply: eq_sum => p pn; rewrite u_is //; ring.
  by move: (\sum_(1 <= p < _) _) => s; ring.
have of_Q_is i : (1 <= i <= n (m + 1)%N)%N ->
    of_Q (n (m - 1)%N) (V m) (Q m) beta (u (m - 1)%N) i = c * H m i.
  move=> ii; rewrite /of_Q h_transposed_Q_times_the_gradient // beta_is mulrDr; congr (_ + _).
    by ring.
  by rewrite mulr_sumr; apply: eq_sum => k kn; rewrite u_is //; ring.
rewrite of_P_is.
have -> : \sum_(1 <= i < (n (m + 1)%N).+1)
    of_Q (n (m - 1)%N) (V m) (Q m) beta (u (m - 1)%N) i * h (m + 1)%N i = c * (- G m - 1) * N m.
  rewrite h_square_of_that mulr_sumr; apply: eq_sum => i ii.
  by rewrite of_Q_is // h_direction_of_the_outgoing_weights //; ring.
by rewrite /c; ring.
Qed.

(* where the curvature is 0, the transposed Q takes the gradient to 0, and so this is 0, which is Q times something *)
Section Strict.
Variables (w : nat -> nat -> nat -> real).
Hypothesis gradient_w : forall k, (1 <= k <= n (m - 1)%N)%N ->
  grad_w m 1%N k = \sum_(1 <= i < (n (m + 1)%N).+1) Q m k i * w (m + 1)%N i 1%N.
Hypothesis gradient_b : grad_b m 1%N = \sum_(1 <= i < (n (m + 1)%N).+1) V m i * w (m + 1)%N i 1%N.
Hypothesis h_the_curvature_is_0 : kappa = 0.

Lemma no_gradient : grad_b m 1%N = 0 /\ forall k, (1 <= k <= n (m - 1)%N)%N -> grad_w m 1%N k = 0.
Proof.
have N0 : N m = 0.
  have /eqP := T10_a_direction_that_descends; rewrite h_the_curvature_is_0 eq_sym oppr_eq0 mulf_eq0 sqrf_eq0.
  by rewrite pnatr_eq0 => /eqP.
have H0 i : (1 <= i <= n (m + 1)%N)%N -> H m i = 0.
  by move: i; apply: sum_squares_0; rewrite -h_square_of_that.
have sum0 : grad_b m 1%N ^+ 2 + (\sum_(1 <= k < (n (m - 1)%N).+1) grad_w m 1%N k ^+ 2)
    = \sum_(1 <= i < (n (m + 1)%N).+1) H m i * w (m + 1)%N i 1%N.
  transitivity (\sum_(1 <= i < (n (m + 1)%N).+1) (grad_b m 1%N * (V m i * w (m + 1)%N i 1%N)
      + \sum_(1 <= k < (n (m - 1)%N).+1) grad_w m 1%N k * (Q m k i * w (m + 1)%N i 1%N))).
    rewrite big_split /= -mulr_sumr -gradient_b expr2; congr (_ + _); rewrite exchange_big /=.
    by apply: eq_sum => k kn; rewrite -mulr_sumr -gradient_w // expr2.
  apply: eq_sum => i ii; rewrite h_transposed_Q_times_the_gradient // mulrDl mulr_suml; congr (_ + _); first by ring.
  by apply: eq_sum => k kn; ring.
have nothing : \sum_(1 <= i < (n (m + 1)%N).+1) H m i * w (m + 1)%N i 1%N = 0.
  by rewrite big_nat big1 // => i; rewrite ltnS => ii; rewrite H0 // mul0r.
move/eqP: sum0; rewrite nothing paddr_eq0 ?sqr_ge0 ?sum_squares_ge0 // sqrf_eq0 => /andP[/eqP -> /eqP squares].
by split=> //; exact: sum_squares_0.
Qed.
End Strict.
End Descends.

Section AtATie.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (dsigma : nat -> real -> real) (G : nat -> real).
Variables (H : nat -> nat -> real) (N : nat -> real) (P Q : nat -> nat -> nat -> real) (R V : nat -> nat -> real).
Variables (U : nat -> real) (a delta z w grad_w : nat -> nat -> nat -> real) (b grad_b h u : nat -> nat -> real).
Variables (beta kappa : real) (m M : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis M_range : (1 <= M <= n m)%N.
Hypothesis h_delta_of_a_hidden_layer : forall l s j : nat, (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  delta l s j = (dsigma l (z l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k * w (l + 1)%N k j).
Hypothesis h_weighted_input : forall l s j : nat, (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  z l s j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k * w l j k).
Hypothesis h_equal_biases : forall r : nat, (1 <= r <= M)%N -> b m r = b m 1%N.
Hypothesis h_equal_incoming_weights : forall r k : nat, (1 <= r <= M)%N -> (1 <= k <= n (m - 1)%N)%N ->
  w m r k = w m 1%N k.
Hypothesis h_equal_outgoing_weights : forall i r : nat, (1 <= i <= n (m + 1)%N)%N -> (1 <= r <= M)%N ->
  w (m + 1)%N i r = w (m + 1)%N i 1%N.
Hypothesis h_block_Q : forall l k i : nat, (1 <= l <= L - 1)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (1 <= i <= n (l + 1)%N)%N ->
  Q l k i = \sum_(1 <= s < S_.+1) (dsigma l (z l s 1%N)) * a (l - 1)%N s k * delta (l + 1)%N s i.
Hypothesis h_gradient_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k = \sum_(1 <= s < S_.+1) a (l - 1)%N s k * delta l s j.
Hypothesis h_block_Q_bias : forall l i : nat, (1 <= l <= L - 1)%N -> (1 <= i <= n (l + 1)%N)%N ->
  V l i = \sum_(1 <= s < S_.+1) (dsigma l (z l s 1%N)) * delta (l + 1)%N s i.
Hypothesis h_gradient_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j = \sum_(1 <= s < S_.+1) delta l s j.
Hypothesis h_curvature : kappa = (beta * U m + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k * u (m - 1)%N k)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i * h (m + 1)%N i)) * beta
  + (\sum_(1 <= i < (n (m + 1)%N).+1) (beta * V m i + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k * Q m k i))
    * h (m + 1)%N i)
  + (\sum_(1 <= k < (n (m - 1)%N).+1) (beta * R m k + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i * Q m k i)
    + (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p * P m k p)) * u (m - 1)%N k).
Hypothesis h_curvature_along_the_gradient : G m = (U m * grad_b m 1%N
    + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k * grad_w m 1%N k)) * grad_b m 1%N
  + (\sum_(1 <= k < (n (m - 1)%N).+1) (R m k * grad_b m 1%N
    + (\sum_(1 <= p < (n (m - 1)%N).+1) P m k p * grad_w m 1%N p)) * grad_w m 1%N k).
Hypothesis h_direction_of_the_biases : beta = 2%:R * N m * grad_b m 1%N.
Hypothesis h_direction_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  u (m - 1)%N k = 2%:R * N m * grad_w m 1%N k.
Hypothesis h_direction_of_the_outgoing_weights : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  h (m + 1)%N i = (- G m - 1) * H m i.
Hypothesis h_square_of_that : N m = \sum_(1 <= i < (n (m + 1)%N).+1) (H m i ^+ 2).
Hypothesis h_transposed_Q_times_the_gradient : forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
  H m i = V m i * grad_b m 1%N + (\sum_(1 <= k < (n (m - 1)%N).+1) Q m k i * grad_w m 1%N k).
Hypothesis h_the_curvature_is_0 : kappa = 0.

Lemma no_gradient_at_a_tie : grad_b m 1%N = 0 /\ forall k, (1 <= k <= n (m - 1)%N)%N -> grad_w m 1%N k = 0.
Proof.
have M1 : (1 <= 1 <= M)%N by move: M_range; lia.
apply: (no_gradient h_curvature h_curvature_along_the_gradient h_direction_of_the_biases
  h_direction_of_the_incoming_weights h_direction_of_the_outgoing_weights h_square_of_that
  h_transposed_Q_times_the_gradient (w := w)) => // [k kn|].
  exact: (T10_incoming_gradient_gradients_of_the_incoming_weights m_range M_range h_delta_of_a_hidden_layer
    h_weighted_input h_equal_biases h_equal_incoming_weights h_equal_outgoing_weights h_block_Q
    h_gradient_of_the_weights).
exact: (T10_incoming_gradient_gradients_of_the_biases m_range M_range h_delta_of_a_hidden_layer h_weighted_input
  h_equal_biases h_equal_incoming_weights h_equal_outgoing_weights h_block_Q_bias h_gradient_of_the_biases).
Qed.
Theorem T10_it_is_strict k : (1 <= k <= n (m - 1)%N)%N -> grad_w m 1%N k = 0.
Proof. by move=> kn; have [_] := no_gradient_at_a_tie; exact. Qed.
Theorem T10_it_is_strict_bias : grad_b m 1%N = 0.
Proof. by have [] := no_gradient_at_a_tie. Qed.
End AtATie.

(* ----------------------------------- weight decay, and a factor at each step ----------------------------------- *)
Theorem T10_weight_decay_attracts (real : realFieldType) (L : nat) (n : nat -> nat) (E : real -> real)
  (P Q : nat -> nat -> nat -> real -> real) (R V h u : nat -> nat -> real -> real) (U : nat -> real -> real)
  (beta f lambda mu : real -> real) (dbeta : real) (dh du : nat -> nat -> real) (tau0 : real) m :
  (1 <= m <= L - 1)%N -> deriv tau0 beta dbeta ->
  (forall l i : nat, (l <= L)%N -> (1 <= i <= n l)%N -> deriv tau0 (h l i) (dh l i)) ->
  (forall l k : nat, (l <= L)%N -> (1 <= k <= n l)%N -> deriv tau0 (u l k) (du l k)) ->
  dbeta = - (beta tau0 * lambda tau0) - (beta tau0 * U m tau0)
    - (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
    - (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0) ->
  (forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
    du (m - 1)%N k = - (beta tau0 * R m k tau0) - (lambda tau0 * u (m - 1)%N k tau0)
      - (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i tau0 * Q m k i tau0)
      - (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p tau0 * P m k p tau0)) ->
  (forall i : nat, (1 <= i <= n (m + 1)%N)%N ->
    dh (m + 1)%N i = - (beta tau0 * V m i tau0) - (lambda tau0 * h (m + 1)%N i tau0)
      - (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k tau0 * Q m k i tau0)) ->
  (forall tau : real, E tau = (beta tau ^+ 2) + (\sum_(1 <= i < (n (m + 1)%N).+1) (h (m + 1)%N i tau ^+ 2))
    + (\sum_(1 <= k < (n (m - 1)%N).+1) (u (m - 1)%N k tau ^+ 2))) ->
  ((beta tau0 * U m tau0 + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
      + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0)) * beta tau0
    + (\sum_(1 <= i < (n (m + 1)%N).+1) (beta tau0 * V m i tau0
      + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k tau0 * Q m k i tau0)) * h (m + 1)%N i tau0)
    + (\sum_(1 <= k < (n (m - 1)%N).+1) (beta tau0 * R m k tau0
      + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i tau0 * Q m k i tau0)
      + (\sum_(1 <= p < (n (m - 1)%N).+1) u (m - 1)%N p tau0 * P m k p tau0)) * u (m - 1)%N k tau0)
    = ((beta tau0 ^+ 2) + (\sum_(1 <= i < (n (m + 1)%N).+1) (h (m + 1)%N i tau0 ^+ 2))
      + (\sum_(1 <= k < (n (m - 1)%N).+1) (u (m - 1)%N k tau0 ^+ 2))) * mu tau0 + (f tau0 ^+ 2)) ->
  deriv tau0 E ((- (2%:R * lambda tau0) - (2%:R * mu tau0)) * E tau0 - (2%:R * (f tau0 ^+ 2))).
Proof.
move=> mL Db Dh Du flow_b flow_u flow_h E_is bound.
have [m1 m2] : (m - 1 <= L)%N /\ (m + 1 <= L)%N by move: mL; lia.
have D := deriv_add (deriv_add (deriv_mul Db Db)
  (deriv_sum (fun i ii => deriv_mul (Dh _ i m2 ii) (Dh _ i m2 ii))))
  (deriv_sum (fun k kn => deriv_mul (Du _ k m1 kn) (Du _ k m1 kn))).
have E_products tau : beta tau * beta tau
    + (\sum_(1 <= i < (n (m + 1)%N).+1) h (m + 1)%N i tau * h (m + 1)%N i tau)
    + (\sum_(1 <= k < (n (m - 1)%N).+1) u (m - 1)%N k tau * u (m - 1)%N k tau) = E tau.
  by rewrite E_is expr2; congr (_ + _ + _); apply: eq_bigr => i _; rewrite expr2.
have := bound; set S_h := \sum_(1 <= i < _) (_ + _) * _; set S_u := \sum_(1 <= k < _) (_ + _) * _ => bound0.
have -> : f tau0 ^+ 2 = (beta tau0 * U m tau0 + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0)) * beta tau0 + S_h + S_u - E tau0 * mu tau0.
  by rewrite bound0 -E_is addrAC subrr add0r.
suff <- : beta tau0 * dbeta + beta tau0 * dbeta
    + (\sum_(1 <= i < (n (m + 1)%N).+1) (h (m + 1)%N i tau0 * dh (m + 1)%N i + h (m + 1)%N i tau0 * dh (m + 1)%N i))
    + (\sum_(1 <= k < (n (m - 1)%N).+1) (u (m - 1)%N k tau0 * du (m - 1)%N k + u (m - 1)%N k tau0 * du (m - 1)%N k))
  = (- (2%:R * lambda tau0) - (2%:R * mu tau0)) * E tau0 - (2%:R * ((beta tau0 * U m tau0
    + (\sum_(1 <= k < (n (m - 1)%N).+1) R m k tau0 * u (m - 1)%N k tau0)
    + (\sum_(1 <= i < (n (m + 1)%N).+1) V m i tau0 * h (m + 1)%N i tau0)) * beta tau0 + S_h + S_u - E tau0 * mu tau0)).
  exact: deriv_ext E_products D.
have -> : \sum_(1 <= i < (n (m + 1)%N).+1) (h (m + 1)%N i tau0 * dh (m + 1)%N i + h (m + 1)%N i tau0 * dh (m + 1)%N i)
    = - 2%:R * lambda tau0 * (\sum_(1 <= i < (n (m + 1)%N).+1) (h (m + 1)%N i tau0 ^+ 2)) - 2%:R * S_h.
  rewrite /S_h !mulr_sumr -sumrB; apply: eq_sum => i ii; rewrite flow_h //.
  by move: (\sum_(1 <= k < _) _) => s; ring.
have -> : \sum_(1 <= k < (n (m - 1)%N).+1) (u (m - 1)%N k tau0 * du (m - 1)%N k + u (m - 1)%N k tau0 * du (m - 1)%N k)
    = - 2%:R * lambda tau0 * (\sum_(1 <= k < (n (m - 1)%N).+1) (u (m - 1)%N k tau0 ^+ 2)) - 2%:R * S_u.
  rewrite /S_u !mulr_sumr -sumrB; apply: eq_sum => k kn; rewrite flow_u //.
  by move: (\sum_(1 <= i < _) _) (\sum_(1 <= p < _) _) => s s'; ring.
rewrite flow_b E_is; move: S_h S_u {bound0} => S_h S_u.
move: (\sum_(1 <= i < _) h _ _ _ ^+ 2) (\sum_(1 <= k < _) u _ _ _ ^+ 2) => h2 u2.
by move: (\sum_(1 <= k < _) _) (\sum_(1 <= i < _) _) => s s'; ring.
Qed.

Theorem T10_a_product_of_factors (real : realFieldType) (T : nat) (exp : real -> real) (ell g : nat -> real)
  (g_0 : real) t : exp 0 = 1 -> (forall u v : real, exp (u + v) = exp u * exp v) -> (t <= T)%N ->
  (forall t : nat, (t <= T - 1)%N -> g (t + 1)%N = (exp (ell t)) * g t) -> g 0%N = g_0 ->
  g t = (exp (\sum_(0 <= r < t) ell r)) * g_0.
Proof.
move=> e0 e_sum tT step <-; elim: t tT => [|t IH] tT; first by rewrite big_geq // e0 mul1r.
by rewrite -addn1 step ?IH ?addn1 ?big_nat_recr //= 1?e_sum; [ring|lia|lia].
Qed.
