(* T14 (proofs/t14_critical_lines.py), counted from 1 as it is printed: the last of H neurons is split in two, whose
   outgoing weights are the parts lambda and 1 - lambda of the old ones. Here: outputs, cost and gradients. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* a sum over neurons with the last one, or the last two, apart *)
Lemma sum_last (R : ringType) H (f : nat -> R) : (0 < H)%N ->
  \sum_(1 <= i < H.+1) f i = \sum_(1 <= i < (H - 1)%N.+1) f i + f H.
Proof. by case: H => // H _; rewrite subn1 /= big_nat_recr. Qed.

Lemma sum_last_two (R : ringType) H (f : nat -> R) : (0 < H)%N ->
  \sum_(1 <= i < (H + 1)%N.+1) f i = \sum_(1 <= i < (H - 1)%N.+1) f i + f H + f (H + 1)%N.
Proof. by move=> H0; rewrite addn1 big_nat_recr //= sum_last. Qed.

Lemma eq_values (T : Type) m (f g : nat -> T) : (forall k, (1 <= k <= m)%N -> f k = g k) ->
  [seq f k | k <- index_iota 1%N m.+1] = [seq g k | k <- index_iota 1%N m.+1].
Proof. by move=> E; apply/eq_in_map => k; rewrite mem_index_iota ltnS; exact: E. Qed.

Section Split.
Variables (real : realFieldType) (B H K N : nat) (sigma dsigma : real -> real).
Variables (cost : seq real -> seq real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (C C_tilde lambda : real).
Variables (a a_tilde bar_a bar_a_tilde bar_o bar_o_tilde bar_z bar_z_tilde : nat -> nat -> real).
Variables (grad_v grad_v_tilde grad_w grad_w_tilde o o_tilde v v_tilde w w_tilde x y z z_tilde : nat -> nat -> real).
Hypothesis H_positive : (0 < H)%N.
Hypothesis h_weighted_input : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  z s i = \sum_(1 <= k < K.+1) w i k * x s k.
Hypothesis h_weighted_input_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  z_tilde s i = \sum_(1 <= k < K.+1) w_tilde i k * x s k.
Hypothesis h_activation : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> a s i = sigma (z s i).
Hypothesis h_activation_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  a_tilde s i = sigma (z_tilde s i).
Hypothesis h_output : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  o s r = \sum_(1 <= i < H.+1) a s i * v r i.
Hypothesis h_output_one_neuron_more : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  o_tilde s r = \sum_(1 <= i < (H + 1)%N.+1) a_tilde s i * v_tilde r i.
Hypothesis h_neurons_are_kept : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N -> w_tilde i k = w i k.
Hypothesis h_the_last_neuron_is_doubled : forall k : nat, (1 <= k <= K)%N -> w_tilde (H + 1)%N k = w H k.
Hypothesis h_outgoing_weights_are_kept : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H - 1)%N ->
  v_tilde r i = v r i.
Hypothesis h_the_first_takes_the_part_lambda : forall r : nat, (1 <= r <= N)%N -> v_tilde r H = lambda * v r H.
Hypothesis h_the_second_takes_the_rest : forall r : nat, (1 <= r <= N)%N ->
  v_tilde r (H + 1)%N = (1 - lambda) * v r H.
Let last_one : (1 <= H <= H)%N. Proof. by rewrite H_positive leqnn. Qed.
Let last_two : (1 <= H + 1 <= H + 1)%N. Proof. by lia. Qed.
Let kept i : (1 <= i <= H)%N -> (1 <= i <= H + 1)%N. Proof. by lia. Qed.
Let alike i : (1 <= i <= H - 1)%N -> (1 <= i <= H)%N. Proof. by lia. Qed.

(* ------------------------------------------ what the network computes ------------------------------------------ *)
Lemma same_inputs s i : (1 <= s <= B)%N -> (1 <= i <= H)%N -> z_tilde s i = z s i.
Proof.
move=> sB iH; rewrite h_weighted_input_one_neuron_more //; last exact: kept.
by rewrite h_weighted_input //; apply: eq_sum => k kK; rewrite h_neurons_are_kept.
Qed.

Lemma second_input s : (1 <= s <= B)%N -> z_tilde s (H + 1)%N = z s H.
Proof.
move=> sB; rewrite h_weighted_input_one_neuron_more // h_weighted_input //.
by apply: eq_sum => k kK; rewrite h_the_last_neuron_is_doubled.
Qed.

Lemma same_activations s i : (1 <= s <= B)%N -> (1 <= i <= H)%N -> a_tilde s i = a s i.
Proof.
move=> sB iH; rewrite h_activation_one_neuron_more //; last exact: kept.
by rewrite h_activation // same_inputs.
Qed.

Lemma second_activation s : (1 <= s <= B)%N -> a_tilde s (H + 1)%N = a s H.
Proof. by move=> sB; rewrite h_activation_one_neuron_more // h_activation // second_input. Qed.

Theorem T14_outputs s r : (1 <= s <= B)%N -> (1 <= r <= N)%N -> o_tilde s r = o s r.
Proof.
move=> sB rN; rewrite h_output_one_neuron_more // h_output // sum_last_two // [RHS]sum_last // -addrA.
rewrite h_the_first_takes_the_part_lambda // h_the_second_takes_the_rest // second_activation // same_activations //.
congr (_ + _); last by ring.
by apply: eq_sum => i iH; rewrite h_outgoing_weights_are_kept // same_activations //; exact: alike.
Qed.

Theorem T14_cost :
  C = \sum_(1 <= s < B.+1) (cost [seq o s r | r <- index_iota 1%N N.+1] [seq y s r | r <- index_iota 1%N N.+1]) ->
  C_tilde = \sum_(1 <= s < B.+1)
    (cost [seq o_tilde s r | r <- index_iota 1%N N.+1] [seq y s r | r <- index_iota 1%N N.+1]) ->
  C_tilde = C.
Proof.
move=> -> ->; apply: eq_sum => s sB; congr (cost _ _).
by apply: eq_values => r rN; exact: T14_outputs.
Qed.

(* ------------------------------------------------ its gradients ------------------------------------------------ *)
Hypothesis h_derivative_by_an_output : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  bar_o s r = cost_1 r [seq o s i | i <- index_iota 1%N N.+1] [seq y s i | i <- index_iota 1%N N.+1].
Hypothesis h_derivative_by_an_output_one_neuron_more : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  bar_o_tilde s r = cost_1 r [seq o_tilde s i | i <- index_iota 1%N N.+1] [seq y s i | i <- index_iota 1%N N.+1].

Lemma same_errors s r : (1 <= s <= B)%N -> (1 <= r <= N)%N -> bar_o_tilde s r = bar_o s r.
Proof.
move=> sB rN; rewrite h_derivative_by_an_output_one_neuron_more // h_derivative_by_an_output //.
by congr (cost_1 r _ _); apply: eq_values => i iN; exact: T14_outputs.
Qed.

Section Outgoing.
Hypothesis h_gradient_of_the_outgoing_weights : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H)%N ->
  grad_v r i = \sum_(1 <= s < B.+1) a s i * bar_o s r.
Hypothesis h_gradient_of_the_outgoing_weights_one_neuron_more : forall r i : nat, (1 <= r <= N)%N ->
  (1 <= i <= H + 1)%N -> grad_v_tilde r i = \sum_(1 <= s < B.+1) a_tilde s i * bar_o_tilde s r.

Lemma outgoing r i : (1 <= r <= N)%N -> (1 <= i <= H)%N -> grad_v_tilde r i = grad_v r i.
Proof.
move=> rN iH; rewrite h_gradient_of_the_outgoing_weights_one_neuron_more //; last exact: kept.
rewrite h_gradient_of_the_outgoing_weights //.
by apply: eq_sum => s sB; rewrite same_activations // same_errors.
Qed.

Theorem T14_outgoing_weights r i : (1 <= r <= N)%N -> (1 <= i <= H - 1)%N -> grad_v_tilde r i = grad_v r i.
Proof. by move=> rN iH; apply: outgoing => //; exact: alike. Qed.

Theorem T14_outgoing_weights_first_of_the_two r : (1 <= r <= N)%N -> grad_v_tilde r H = grad_v r H.
Proof. by move=> rN; exact: outgoing. Qed.

Theorem T14_outgoing_weights_second_of_the_two r : (1 <= r <= N)%N -> grad_v_tilde r (H + 1)%N = grad_v r H.
Proof.
move=> rN; rewrite h_gradient_of_the_outgoing_weights_one_neuron_more // h_gradient_of_the_outgoing_weights //.
by apply: eq_sum => s sB; rewrite second_activation // same_errors.
Qed.

Hypothesis h_critical_outgoing_weights : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H)%N -> grad_v r i = 0.

Theorem T14_critical_line_outgoing_weights r i : (1 <= r <= N)%N -> (1 <= i <= H - 1)%N -> grad_v_tilde r i = 0.
Proof.
by move=> rN iH; rewrite T14_outgoing_weights // h_critical_outgoing_weights //; exact: alike.
Qed.

Theorem T14_critical_line_outgoing_weights_first_of_the_two r : (1 <= r <= N)%N -> grad_v_tilde r H = 0.
Proof. by move=> rN; rewrite T14_outgoing_weights_first_of_the_two // h_critical_outgoing_weights. Qed.

Theorem T14_critical_line_outgoing_weights_second_of_the_two r : (1 <= r <= N)%N -> grad_v_tilde r (H + 1)%N = 0.
Proof. by move=> rN; rewrite T14_outgoing_weights_second_of_the_two // h_critical_outgoing_weights. Qed.
End Outgoing.

Hypothesis h_derivative_by_an_activation : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  bar_a s i = \sum_(1 <= r < N.+1) bar_o s r * v r i.
Hypothesis h_derivative_by_an_activation_one_neuron_more : forall s i : nat, (1 <= s <= B)%N ->
  (1 <= i <= H + 1)%N -> bar_a_tilde s i = \sum_(1 <= r < N.+1) bar_o_tilde s r * v_tilde r i.

Lemma same_slopes s i : (1 <= s <= B)%N -> (1 <= i <= H - 1)%N -> bar_a_tilde s i = bar_a s i.
Proof.
move=> sB iH; rewrite h_derivative_by_an_activation_one_neuron_more //; last exact/kept/alike.
rewrite h_derivative_by_an_activation //; last exact: alike.
by apply: eq_sum => r rN; rewrite same_errors // h_outgoing_weights_are_kept.
Qed.

Lemma first_slope s : (1 <= s <= B)%N -> bar_a_tilde s H = lambda * bar_a s H.
Proof.
move=> sB; rewrite h_derivative_by_an_activation_one_neuron_more //; last exact: kept.
rewrite h_derivative_by_an_activation // mulr_sumr.
by apply: eq_sum => r rN; rewrite same_errors // h_the_first_takes_the_part_lambda // mulrCA.
Qed.

Lemma second_slope s : (1 <= s <= B)%N -> bar_a_tilde s (H + 1)%N = (1 - lambda) * bar_a s H.
Proof.
move=> sB; rewrite h_derivative_by_an_activation_one_neuron_more // h_derivative_by_an_activation // mulr_sumr.
by apply: eq_sum => r rN; rewrite same_errors // h_the_second_takes_the_rest // mulrCA.
Qed.

Hypothesis h_delta : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  bar_z s i = (dsigma (z s i)) * bar_a s i.
Hypothesis h_delta_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  bar_z_tilde s i = (dsigma (z_tilde s i)) * bar_a_tilde s i.
Hypothesis h_gradient_of_the_incoming_weights : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N ->
  grad_w i k = \sum_(1 <= s < B.+1) bar_z s i * x s k.
Hypothesis h_gradient_of_the_incoming_weights_one_neuron_more : forall i k : nat, (1 <= i <= H + 1)%N ->
  (1 <= k <= K)%N -> grad_w_tilde i k = \sum_(1 <= s < B.+1) bar_z_tilde s i * x s k.

Theorem T14_incoming_weights i k : (1 <= i <= H - 1)%N -> (1 <= k <= K)%N -> grad_w_tilde i k = grad_w i k.
Proof.
move=> iH kK; have iH' := alike iH; have iH1 := kept iH'.
rewrite h_gradient_of_the_incoming_weights_one_neuron_more // h_gradient_of_the_incoming_weights //.
by apply: eq_sum => s sB; rewrite h_delta_one_neuron_more // h_delta // same_inputs // same_slopes.
Qed.

Theorem T14_incoming_weights_first_of_the_two k : (1 <= k <= K)%N -> grad_w_tilde H k = lambda * grad_w H k.
Proof.
move=> kK; have H1 := kept last_one.
rewrite h_gradient_of_the_incoming_weights_one_neuron_more // h_gradient_of_the_incoming_weights // mulr_sumr.
by apply: eq_sum => s sB; rewrite h_delta_one_neuron_more // h_delta // same_inputs // first_slope //; ring.
Qed.

Theorem T14_incoming_weights_second_of_the_two k : (1 <= k <= K)%N ->
  grad_w_tilde (H + 1)%N k = (1 - lambda) * grad_w H k.
Proof.
move=> kK; rewrite h_gradient_of_the_incoming_weights_one_neuron_more // h_gradient_of_the_incoming_weights //.
rewrite mulr_sumr; apply: eq_sum => s sB.
by rewrite h_delta_one_neuron_more // h_delta // second_input // second_slope //; ring.
Qed.

Hypothesis h_critical_incoming_weights : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N -> grad_w i k = 0.

Theorem T14_critical_line_incoming_weights i k : (1 <= i <= H - 1)%N -> (1 <= k <= K)%N -> grad_w_tilde i k = 0.
Proof.
by move=> iH kK; rewrite T14_incoming_weights // h_critical_incoming_weights //; exact: alike.
Qed.

Theorem T14_critical_line_incoming_weights_first_of_the_two k : (1 <= k <= K)%N -> grad_w_tilde H k = 0.
Proof.
by move=> kK; rewrite T14_incoming_weights_first_of_the_two // h_critical_incoming_weights // mulr0.
Qed.

Theorem T14_critical_line_incoming_weights_second_of_the_two k : (1 <= k <= K)%N -> grad_w_tilde (H + 1)%N k = 0.
Proof.
by move=> kK; rewrite T14_incoming_weights_second_of_the_two // h_critical_incoming_weights // mulr0.
Qed.
End Split.
