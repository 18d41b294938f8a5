(* T10 (proofs/transverse.py), counted from 1 as it is printed: what a direction does that moves tied neurons apart.
   The neurons are tied at one place of the path, tau0, and the direction is the derivative of the parameters there:
   no activation after them moves, no gradient but their own, and these in blocks. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import EpsilonDelta Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma deriv_as (real : realFieldType) (x d d' : real) f : d = d' -> deriv x f d -> deriv x f d'.
Proof. by move=> ->. Qed.

(* a sum whose first M terms have a factor in common, by coefficients that sum to 0, and whose other terms are 0 *)
Lemma sum_cancels (R : comRingType) (M N : nat) (c F : nat -> R) (K : R) : (1 <= M <= N)%N ->
  c 1%N = - (\sum_(2 <= j < M.+1) c j) -> (forall k, (1 <= k <= N)%N -> F k = if (k <= M)%N then c k * K else 0) ->
  \sum_(1 <= k < N.+1) F k = 0.
Proof.
move=> MN c1 FE; have [M1 M2 M3] : [/\ (1 < M.+1)%N, (1 <= M.+1)%N & (M.+1 <= N.+1)%N] by split; lia.
rewrite (big_cat_nat _ _ _ M2 M3) /=.
have -> : \sum_(M.+1 <= k < N.+1) F k = 0.
  rewrite big_nat_cond big1 // => k /andP[kN _]; rewrite FE; last by lia.
  by case: ifP => // kM; lia.
rewrite addr0 (eq_big_nat _ _ (F2 := fun k => c k * K)) => [|k kM].
  by rewrite -mulr_suml big_ltn // c1 addNr mul0r.
by rewrite FE; [case: ifP => //; lia|lia].
Qed.

Section Direction.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (sigma dsigma d2sigma : nat -> real -> real).
Variables (cost_1 : nat -> seq real -> seq real -> real).
Variables (cost_1_1 cost_1_2 : nat -> nat -> seq real -> seq real -> real).
Variables (a delta z w grad_w : nat -> nat -> nat -> real -> real) (b grad_b x y : nat -> nat -> real -> real).
Variables (c h u : nat -> nat -> real -> real) (beta : real -> real).
Variables (db dx dy : nat -> nat -> real) (dw : nat -> nat -> nat -> real) (tau0 : real) (m M : nat).
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

(* -------------------------------------------- one step of each law -------------------------------------------- *)
Lemma z_moves l s j (da : nat -> real) : (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  (forall k, (1 <= k <= n (l - 1)%N)%N -> deriv tau0 (a (l - 1)%N s k) (da k)) ->
  deriv tau0 (z l s j) (db l j + \sum_(1 <= k < (n (l - 1)%N).+1)
    (a (l - 1)%N s k tau0 * dw l j k + w l j k tau0 * da k)).
Proof.
move=> lL sS jn Da; apply: deriv_ext (fun tau => esym (h_weighted_input tau lL sS jn)) _.
by apply: deriv_add (b_moves lL jn) _; apply: deriv_sum => k kn; apply: deriv_mul (Da k kn) (w_moves lL jn kn).
Qed.

Lemma a_moves l s j dz : (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> deriv tau0 (z l s j) dz ->
  deriv tau0 (a l s j) (dsigma l (z l s j tau0) * dz).
Proof.
move=> lL sS jn Dz; apply: deriv_ext (fun tau => esym (h_activation tau lL sS jn)) _.
exact: deriv_comp (sigma_differentiable _ _) Dz.
Qed.

Lemma delta_moves l s j dz (dd : nat -> real) : (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (z l s j) dz -> (forall k, (1 <= k <= n (l + 1)%N)%N -> deriv tau0 (delta (l + 1)%N s k) (dd k)) ->
  deriv tau0 (delta l s j) (dsigma l (z l s j tau0)
      * (\sum_(1 <= k < (n (l + 1)%N).+1) (delta (l + 1)%N s k tau0 * dw (l + 1)%N k j + w (l + 1)%N k j tau0 * dd k))
    + (\sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k tau0 * w (l + 1)%N k j tau0)
      * (d2sigma l (z l s j tau0) * dz)).
Proof.
move=> lL sS jn Dz Dd; apply: deriv_ext (fun tau => esym (h_delta_of_a_hidden_layer tau lL sS jn)) _.
apply: (deriv_mul (f := fun t => dsigma l (z l s j t))
  (g := fun t => \sum_(1 <= k < (n (l + 1)%N).+1) delta (l + 1)%N s k t * w (l + 1)%N k j t)).
  exact: deriv_comp (dsigma_differentiable _ _) Dz.
apply: deriv_sum => k kn; apply: deriv_mul (Dd k kn) _.
by apply: w_moves; rewrite ?addnK //; lia.
Qed.

Lemma grad_w_moves_by l j k (da dd : nat -> real) : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> (forall s, (1 <= s <= S_)%N -> deriv tau0 (a (l - 1)%N s k) (da s)) ->
  (forall s, (1 <= s <= S_)%N -> deriv tau0 (delta l s j) (dd s)) ->
  deriv tau0 (grad_w l j k) (\sum_(1 <= s < S_.+1) (a (l - 1)%N s k tau0 * dd s + delta l s j tau0 * da s)).
Proof.
move=> lL jn kn Da Dd; apply: deriv_ext (fun tau => esym (h_gradient_of_the_weights tau lL jn kn)) _.
by apply: deriv_sum => s sS; apply: deriv_mul; [exact: Da|exact: Dd].
Qed.

Lemma grad_b_moves_by l j (dd : nat -> real) : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (forall s, (1 <= s <= S_)%N -> deriv tau0 (delta l s j) (dd s)) ->
  deriv tau0 (grad_b l j) (\sum_(1 <= s < S_.+1) dd s).
Proof.
move=> lL jn Dd; apply: deriv_ext (fun tau => esym (h_gradient_of_the_biases tau lL jn)) _.
by apply: deriv_sum => s sS; exact: Dd.
Qed.

Lemma sum_0 N (F : nat -> real) : (forall k, (1 <= k <= N)%N -> F k = 0) -> \sum_(1 <= k < N.+1) F k = 0.
Proof. by move=> E; rewrite (eq_sum (G := fun=> 0)) // big1. Qed.

Lemma grad_w_stays l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (forall s, (1 <= s <= S_)%N -> deriv tau0 (a (l - 1)%N s k) 0) ->
  (forall s, (1 <= s <= S_)%N -> deriv tau0 (delta l s j) 0) -> deriv tau0 (grad_w l j k) 0.
Proof.
move=> lL jn kn Da Dd; apply: deriv_as (grad_w_moves_by lL jn kn Da Dd).
by apply: sum_0 => s sS; rewrite !mulr0 addr0.
Qed.

Lemma grad_b_stays l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (forall s, (1 <= s <= S_)%N -> deriv tau0 (delta l s j) 0) -> deriv tau0 (grad_b l j) 0.
Proof. by move=> lL jn Dd; apply: deriv_as (grad_b_moves_by lL jn Dd); apply: sum_0. Qed.

(* -------------------------------------------------- forward --------------------------------------------------- *)
Section Hidden.
Hypothesis m_range : (1 <= m <= L - 1)%N.

Lemma z_before l s j : (1 <= l <= m - 1)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  (forall k, (1 <= k <= n (l - 1)%N)%N -> deriv tau0 (a (l - 1)%N s k) 0) -> deriv tau0 (z l s j) 0.
Proof.
move=> lm sS jn Da; have lL : (1 <= l <= L)%N by move: m_range lm; lia.
apply: deriv_as (z_moves lL sS jn Da); rewrite h_biases_before_stay // add0r; apply: sum_0 => k kn.
by rewrite h_weights_before_stay // !mulr0 addr0.
Qed.

Lemma a_before l s j : (l <= m - 1)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> deriv tau0 (a l s j) 0.
Proof.
elim: l j => [|l IH] j lm sS jn.
  rewrite -(h_inputs_are_fixed sS jn); apply: deriv_ext (x_moves sS jn) => tau.
  by rewrite h_input_of_the_network.
have lL : (1 <= l.+1 <= L)%N by move: m_range lm; lia.
have Dz : deriv tau0 (z l.+1 s j) 0.
  by apply: z_before => // k; rewrite subn1 /= => kn; apply: IH => //; lia.
by apply: deriv_as (a_moves lL sS jn Dz); rewrite mulr0.
Qed.

Definition felt s := beta tau0 + \sum_(1 <= k < (n (m - 1)%N).+1) a (m - 1)%N s k tau0 * u (m - 1)%N k tau0.
Let mL : (1 <= m <= L)%N. Proof. by move: m_range; lia. Qed.
Let m1L : (1 <= m + 1 <= L)%N. Proof. by move: m_range; lia. Qed.
Let tied r : (1 <= r <= M)%N -> (1 <= r <= n m)%N. Proof. by move: M_range; lia. Qed.
Let rest j : (M + 1 <= j <= n m)%N -> (1 <= j <= n m)%N. Proof. by move: M_range; lia. Qed.

Lemma z_tied s r : (1 <= s <= S_)%N -> (1 <= r <= M)%N -> deriv tau0 (z m s r) (c m r tau0 * felt s).
Proof.
move=> sS rM; have Da k : (1 <= k <= n (m - 1)%N)%N -> deriv tau0 (a (m - 1)%N s k) 0 by apply: a_before.
apply: deriv_as (z_moves mL sS (tied rM) Da); rewrite h_biases_move // mulrDr; congr (_ + _); first exact: mulrC.
by rewrite mulr_sumr; apply: eq_sum => k kn; rewrite h_incoming_weights_move //; ring.
Qed.

Lemma z_rest s j : (1 <= s <= S_)%N -> (M + 1 <= j <= n m)%N -> deriv tau0 (z m s j) 0.
Proof.
move=> sS jM; have Da k : (1 <= k <= n (m - 1)%N)%N -> deriv tau0 (a (m - 1)%N s k) 0 by apply: a_before.
apply: deriv_as (z_moves mL sS (rest jM) Da); rewrite h_other_biases_stay // add0r; apply: sum_0 => k kn.
by rewrite h_other_incoming_weights_stay // !mulr0 addr0.
Qed.

Lemma z_same s r : (1 <= s <= S_)%N -> (1 <= r <= M)%N -> z m s r tau0 = z m s 1%N tau0.
Proof.
move=> sS rM; have M1 : (1 <= 1 <= M)%N by move: M_range; lia.
rewrite !h_weighted_input ?tied // h_equal_biases //; congr (_ + _); apply: eq_sum => k kn.
by rewrite h_equal_incoming_weights.
Qed.

Definition da_m s k := if (k <= M)%N then dsigma m (z m s 1%N tau0) * (c m k tau0 * felt s) else 0.
Lemma a_of_the_layer s k : (1 <= s <= S_)%N -> (1 <= k <= n m)%N -> deriv tau0 (a m s k) (da_m s k).
Proof.
move=> sS kn; rewrite /da_m; case: ifP => kM.
  have k1 : (1 <= k <= M)%N by lia.
  by rewrite -(z_same sS k1); apply: a_moves => //; exact: z_tied.
by apply: deriv_as (a_moves mL sS kn (z_rest sS _)); [rewrite mulr0|lia].
Qed.

Theorem T10_the_next_layer_feels_nothing s i : (1 <= s <= S_)%N -> (1 <= i <= n (m + 1)%N)%N ->
  deriv tau0 (z (m + 1)%N s i) 0.
Proof.
move=> sS im; have Da k : (1 <= k <= n (m + 1 - 1)%N)%N -> deriv tau0 (a (m + 1 - 1)%N s k) (da_m s k).
  by rewrite addnK; exact: a_of_the_layer.
apply: deriv_as (z_moves m1L sS im Da); rewrite addnK h_biases_after_stay ?add0r //; last by move: m_range; lia.
apply: (@sum_cancels _ M _ (fun k => c m k tau0) _ (a m s 1%N tau0 * h (m + 1)%N i tau0
  + w (m + 1)%N i 1%N tau0 * (dsigma m (z m s 1%N tau0) * felt s))) => // k kn; rewrite /da_m; case: ifP => kM.
  have [k1 M1] : (1 <= k <= M)%N /\ (1 <= 1 <= M)%N by move: M_range; lia.
  rewrite h_outgoing_weights_move // h_equal_outgoing_weights // !h_activation ?tied // z_same //; ring.
by rewrite h_other_outgoing_weights_stay // ?mulr0 ?addr0 //; lia.
Qed.

Lemma z_after l s j : (m + 1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> deriv tau0 (z l s j) 0.
Proof.
case/andP=> ml lL sS; elim: l ml j lL => [|l IH] ml j lL jn; first by lia.
case: (ltnP m l) => [ml'|lm]; last first.
  have -> : l.+1 = (m + 1)%N by lia.
  by apply: T10_the_next_layer_feels_nothing => //; rewrite (_ : (m + 1)%N = l.+1) //; lia.
have [l1 l2] : (1 <= l.+1 <= L)%N /\ (1 <= l <= L)%N by lia.
have Da k : (1 <= k <= n (l.+1 - 1)%N)%N -> deriv tau0 (a (l.+1 - 1)%N s k) 0.
  rewrite subn1 /= => kn; have Dz : deriv tau0 (z l s k) 0 by apply: IH => //; lia.
  by apply: deriv_as (a_moves l2 sS kn Dz); rewrite mulr0.
apply: deriv_as (z_moves l1 sS jn Da); rewrite h_biases_after_stay ?add0r //; last by lia.
by apply: sum_0 => k kn; rewrite h_weights_after_stay ?mulr0 ?addr0 //; lia.
Qed.

Theorem T10_activations_after l s j : (m + 1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (a l s j) 0.
Proof.
move=> lm sS jn; have lL : (1 <= l <= L)%N by lia.
by apply: deriv_as (a_moves lL sS jn (z_after lm sS jn)); rewrite mulr0.
Qed.

(* -------------------------------------------------- backward -------------------------------------------------- *)
Lemma delta_last s j : (1 <= s <= S_)%N -> (1 <= j <= n L)%N -> deriv tau0 (delta L s j) 0.
Proof.
move=> sS jn; have LL : (m + 1 <= L <= L)%N by move: m_range; lia.
have Dz := z_after LL sS jn.
have D1 := deriv_comp (dsigma_differentiable L (z L s j tau0)) Dz.
have := cost_1_differentiable (j := j) _ (tau := tau0) (u := a L s) (v := y s) (du := fun=> 0) (dv := fun=> 0).
rewrite ltnS => /(_ jn) D2.
have {D2} := D2 (fun k kn => T10_activations_after LL sS kn) _.
have Dy k : (1 <= k < (n L).+1)%N -> deriv tau0 (y s k) 0.
  by rewrite ltnS => kn; rewrite -(h_targets_are_fixed sS kn); exact: y_moves.
move=> /(_ Dy); rewrite !sum_0 => [D2||]; try by move=> k kn; rewrite mulr0.
have := deriv_mul (deriv_mul D1 D2) (deriv_const tau0 (S_%:R^-1)).
rewrite !mulr0 !addr0 !mulr0 addr0; apply: deriv_ext => tau; by rewrite h_delta_of_the_last_layer.
Qed.

Lemma delta_after l s j : (m + 1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> deriv tau0 (delta l s j) 0.
Proof.
move=> lm sS; move: {2}(L - l)%N (erefl (L - l)%N) => d; elim: d l lm j => [|d IH] l lm j E jn.
  by move: jn; rewrite (_ : l = L); [exact: delta_last|lia].
have ll : (1 <= l <= L - 1)%N by lia.
have Dd k : (1 <= k <= n (l + 1)%N)%N -> deriv tau0 (delta (l + 1)%N s k) 0 by apply: IH; lia.
apply: deriv_as (delta_moves ll sS jn (z_after lm sS jn) Dd); rewrite !mulr0 addr0 sum_0 ?mulr0 // => k kn.
by rewrite h_weights_after_stay ?addnK ?mulr0 ?addr0 //; lia.
Qed.

Lemma delta_next s k : (1 <= s <= S_)%N -> (1 <= k <= n (m + 1)%N)%N -> deriv tau0 (delta (m + 1)%N s k) 0.
Proof. by move=> sS kn; apply: delta_after => //; move: m_range; lia. Qed.

Definition reached s := \sum_(1 <= i < (n (m + 1)%N).+1) delta (m + 1)%N s i tau0 * w (m + 1)%N i 1%N tau0.
Definition turn s := dsigma m (z m s 1%N tau0)
    * (\sum_(1 <= i < (n (m + 1)%N).+1) delta (m + 1)%N s i tau0 * h (m + 1)%N i tau0)
  + reached s * (d2sigma m (z m s 1%N tau0) * felt s).

Lemma reached_same s r : (1 <= r <= M)%N ->
  \sum_(1 <= i < (n (m + 1)%N).+1) delta (m + 1)%N s i tau0 * w (m + 1)%N i r tau0 = reached s.
Proof. by move=> rM; apply: eq_sum => i im; rewrite h_equal_outgoing_weights. Qed.

Lemma delta_same s r : (1 <= s <= S_)%N -> (1 <= r <= M)%N -> delta m s r tau0 = delta m s 1%N tau0.
Proof.
move=> sS rM; have M1 : (1 <= 1 <= M)%N by move: M_range; lia.
by rewrite !h_delta_of_a_hidden_layer ?tied // !reached_same // z_same.
Qed.

Lemma delta_tied s r : (1 <= s <= S_)%N -> (1 <= r <= M)%N -> deriv tau0 (delta m s r) (c m r tau0 * turn s).
Proof.
move=> sS rM; apply: deriv_as (delta_moves m_range sS (tied rM) (z_tied sS rM) (fun k => @delta_next s k sS)).
rewrite reached_same // z_same // (eq_sum (G := fun i => c m r tau0 * (delta (m + 1)%N s i tau0 * h (m + 1)%N i tau0))).
  by rewrite -mulr_sumr /turn; move: (\sum_(1 <= i < _) _) (reached s) => s1 s2; ring.
by move=> i im; rewrite h_outgoing_weights_move //; ring.
Qed.

Lemma delta_rest s j : (1 <= s <= S_)%N -> (M + 1 <= j <= n m)%N -> deriv tau0 (delta m s j) 0.
Proof.
move=> sS jM; apply: deriv_as (delta_moves m_range sS (rest jM) (z_rest sS jM) (fun k => @delta_next s k sS)).
rewrite !mulr0 addr0 sum_0 ?mulr0 // => i im.
by rewrite h_other_outgoing_weights_stay // !mulr0 addr0.
Qed.

(* -------------------------------------------- gradients that stay --------------------------------------------- *)
Theorem T10_gradients_of_other_incoming_weights j k : (M + 1 <= j <= n m)%N -> (1 <= k <= n (m - 1)%N)%N ->
  deriv tau0 (grad_w m j k) 0.
Proof.
move=> jM kn; apply: grad_w_stays; rewrite ?rest // => s sS; first exact: a_before.
exact: delta_rest.
Qed.

Theorem T10_gradients_of_other_biases j : (M + 1 <= j <= n m)%N -> deriv tau0 (grad_b m j) 0.
Proof. by move=> jM; apply: grad_b_stays; rewrite ?rest // => s sS; exact: delta_rest. Qed.

Theorem T10_gradients_of_other_outgoing_weights i j : (1 <= i <= n (m + 1)%N)%N -> (M + 1 <= j <= n m)%N ->
  deriv tau0 (grad_w (m + 1)%N i j) 0.
Proof.
move=> im jM; apply: grad_w_stays; rewrite ?addnK ?rest // => s sS; last exact: delta_next.
have := a_of_the_layer sS (rest jM); rewrite /da_m; case: ifP => //; lia.
Qed.

Theorem T10_gradients_of_the_weights_after l j k : (m + 2 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> deriv tau0 (grad_w l j k) 0.
Proof.
move=> lm jn kn; apply: grad_w_stays => // [|s sS|s sS]; first by lia.
  by apply: T10_activations_after => //; lia.
by apply: delta_after => //; lia.
Qed.

Theorem T10_gradients_of_the_biases_after l j : (m + 1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (grad_b l j) 0.
Proof.
move=> lm jn; apply: grad_b_stays => // [|s sS]; first by lia.
exact: delta_after.
Qed.
End Hidden.

(* -------------------------- the layers before, where there are any: m is at least 2 --------------------------- *)
Section Before.
Hypothesis m_range : (2 <= m <= L - 1)%N.
Let hidden : (1 <= m <= L - 1)%N. Proof. by move: m_range; lia. Qed.

Lemma z_stays_before l s j : (1 <= l <= m - 1)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> deriv tau0 (z l s j) 0.
Proof. by move=> lm sS jn; apply: z_before => // k kn; apply: a_before => //; lia. Qed.

Lemma delta_just_before s j : (1 <= s <= S_)%N -> (1 <= j <= n (m - 1)%N)%N -> deriv tau0 (delta (m - 1)%N s j) 0.
Proof.
move=> sS jn; have [l1 l2] : (1 <= m - 1 <= L - 1)%N /\ (1 <= m - 1 <= m - 1)%N by move: m_range; lia.
have m1 : (m - 1 + 1)%N = m by move: m_range; lia.
pose dd k := if (k <= M)%N then c m k tau0 * turn s else 0.
have Dd k : (1 <= k <= n (m - 1 + 1)%N)%N -> deriv tau0 (delta (m - 1 + 1)%N s k) (dd k).
  rewrite m1 /dd => kn; case: ifP => kM; first by apply: delta_tied => //; lia.
  by apply: delta_rest => //; lia.
apply: deriv_as (delta_moves l1 sS jn (z_stays_before l2 sS jn) Dd); rewrite !mulr0 addr0 m1.
rewrite [X in _ * X](_ : _ = 0) ?mulr0 //.
apply: (@sum_cancels _ M _ (fun k => c m k tau0) _
  (delta m s 1%N tau0 * u (m - 1)%N j tau0 + w m 1%N j tau0 * turn s)) => // k kn; rewrite /dd; case: ifP => kM.
  have k1 : (1 <= k <= M)%N by lia.
  by rewrite delta_same // h_incoming_weights_move // h_equal_incoming_weights //; ring.
by rewrite h_other_incoming_weights_stay // ?mulr0 ?addr0 //; lia.
Qed.

Lemma delta_before l s j : (1 <= l <= m - 1)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> deriv tau0 (delta l s j) 0.
Proof.
move=> lm sS; move: {2}(m - 1 - l)%N (erefl (m - 1 - l)%N) => d; elim: d l lm j => [|d IH] l lm j E jn.
  by move: jn; rewrite (_ : l = (m - 1)%N); [exact: delta_just_before|lia].
have ll : (1 <= l <= L - 1)%N by move: m_range lm; lia.
have Dd k : (1 <= k <= n (l + 1)%N)%N -> deriv tau0 (delta (l + 1)%N s k) 0 by apply: IH; lia.
apply: deriv_as (delta_moves ll sS jn (z_stays_before lm sS jn) Dd); rewrite !mulr0 addr0 sum_0 ?mulr0 // => k kn.
by rewrite h_weights_before_stay ?addnK ?mulr0 ?addr0 //; lia.
Qed.

Theorem T10_gradients_of_the_weights_before l j k : (1 <= l <= m - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> deriv tau0 (grad_w l j k) 0.
Proof.
move=> lm jn kn; apply: grad_w_stays => // [|s sS|s sS]; first by move: m_range lm; lia.
  by apply: a_before => //; lia.
exact: delta_before.
Qed.

Theorem T10_gradients_of_the_biases_before l j : (1 <= l <= m - 1)%N -> (1 <= j <= n l)%N ->
  deriv tau0 (grad_b l j) 0.
Proof.
move=> lm jn; apply: grad_b_stays => // [|s sS]; first by move: m_range lm; lia.
exact: delta_before.
Qed.
End Before.
End Direction.
