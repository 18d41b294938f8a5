(* T8b (proofs/t8_narrower_network.py): a group of M tied neurons is one neuron with summed outgoing weights, which
   gradient descent trains with eta/M on the incoming weights and the bias, and eta M on the outgoing weights. All six
   propositions; the quotient network is the narrower one, and its rule is a hypothesis of the last two as well. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums Balanced.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Narrower.
Variables (real : realFieldType) (B L T : nat) (n K : nat -> nat) (M c : nat -> nat -> nat).
Variables (dsigma sigma : nat -> real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (x y : nat -> nat -> nat -> real).
Variables (a delta z w grad_w : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real).
Variables (a_bar delta_bar z_bar w_bar grad_w_bar : nat -> nat -> nat -> nat -> real).
Variables (b_bar grad_b_bar : nat -> nat -> nat -> real).
Variable eta : nat -> real.
Hypothesis M_positive : forall l g : nat, (l <= L)%N -> (1 <= g <= K l)%N -> (0 < M l g)%N.
Hypothesis h_as_many_colours_as_outputs : K L = n L.
Hypothesis h_colours_begin_at_1 : forall l j : nat, (l <= L)%N -> (1 <= j <= n l)%N -> (1 <= c l j)%N%:R = 1 :> real.
Hypothesis h_colours_end_at_K : forall l j : nat, (l <= L)%N -> (1 <= j <= n l)%N -> (c l j <= K l)%N%:R = 1 :> real.
Hypothesis h_every_colour_has_members : forall l g : nat, (l <= L)%N -> (1 <= g <= K l)%N ->
  (M l g)%:R = \sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) :> real.
Hypothesis h_inputs_have_colours_of_their_own : forall j : nat, (1 <= j <= n 0%N)%N -> c 0%N j = j.
Hypothesis h_outputs_have_colours_of_their_own : forall j : nat, (1 <= j <= n L)%N -> c L j = j.
Hypothesis h_input_of_the_network : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n 0%N)%N -> a t 0%N s j = x t s j.
Hypothesis h_weighted_input : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N ->
  z t l s j = b t l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a t (l - 1)%N s k * w t l j k).
Hypothesis h_activation : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> a t l s j = sigma l (z t l s j).
Hypothesis h_delta_of_the_last_layer : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n L)%N -> delta t L s j = (dsigma L (z t L s j)) * (cost_1 j
  [seq a t L s k | k <- index_iota 1%N (n L).+1] [seq y t s k | k <- index_iota 1%N (n L).+1]) / B%:R.
Hypothesis h_delta_of_a_hidden_layer : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= s <= B)%N -> (1 <= j <= n l)%N -> delta t l s j = (dsigma l (z t l s j)) *
  (\sum_(1 <= k < (n (l + 1)%N).+1) delta t (l + 1)%N s k * w t (l + 1)%N k j).
Hypothesis h_gradient_of_the_weights : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = \sum_(1 <= s < B.+1) a t (l - 1)%N s k * delta t l s j.
Hypothesis h_gradient_of_the_biases : forall t l j : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N ->
  grad_b t l j = \sum_(1 <= s < B.+1) delta t l s j.
Hypothesis h_input_of_the_network_quotient_network : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  (1 <= j <= K 0%N)%N -> a_bar t 0%N s j = x t s j.
Hypothesis h_weighted_input_quotient_network : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= K l)%N ->
  z_bar t l s j = b_bar t l j + (\sum_(1 <= k < (K (l - 1)%N).+1) a_bar t (l - 1)%N s k * w_bar t l j k).
Hypothesis h_activation_quotient_network : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= K l)%N -> a_bar t l s j = sigma l (z_bar t l s j).
Hypothesis h_delta_of_the_last_layer_quotient_network : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  (1 <= j <= K L)%N -> delta_bar t L s j = (dsigma L (z_bar t L s j)) * (cost_1 j
  [seq a_bar t L s k | k <- index_iota 1%N (K L).+1] [seq y t s k | k <- index_iota 1%N (K L).+1]) / B%:R.
Hypothesis h_delta_of_a_hidden_layer_quotient_network : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= s <= B)%N -> (1 <= j <= K l)%N -> delta_bar t l s j = (dsigma l (z_bar t l s j)) *
  (\sum_(1 <= k < (K (l + 1)%N).+1) delta_bar t (l + 1)%N s k * w_bar t (l + 1)%N k j).
Hypothesis h_gradient_of_the_weights_quotient_network : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= K l)%N -> (1 <= k <= K (l - 1)%N)%N ->
  grad_w_bar t l j k = \sum_(1 <= s < B.+1) a_bar t (l - 1)%N s k * delta_bar t l s j.
Hypothesis h_gradient_of_the_biases_quotient_network : forall t l j : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= K l)%N ->
  grad_b_bar t l j = \sum_(1 <= s < B.+1) delta_bar t l s j.
Hypothesis h_gradient_descent_on_the_biases : forall t l j : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> b (t + 1)%N l j = - (eta t * grad_b t l j) + b t l j.
Hypothesis h_gradient_descent_on_the_biases_quotient_network : forall t l g : nat, (t <= T - 1)%N ->
  (1 <= l <= L)%N -> (1 <= g <= K l)%N ->
  b_bar (t + 1)%N l g = - (eta t * grad_b_bar t l g / ((M l g)%:R)) + b_bar t l g.
Hypothesis h_gradient_descent_on_the_weights : forall t l j k : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w (t + 1)%N l j k = - (eta t * grad_w t l j k) + w t l j k.
Hypothesis h_gradient_descent_on_the_weights_quotient_network : forall t l g h : nat, (t <= T - 1)%N ->
  (1 <= l <= L)%N -> (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N -> w_bar (t + 1)%N l g h =
  - (eta t * ((M (l - 1)%N h)%:R) * grad_w_bar t l g h / ((M l g)%:R)) + w_bar t l g h.
Variable omega : nat -> nat -> nat -> real.
Hypothesis h_weights_of_the_quotient_network : forall l g h : nat, (1 <= l <= L)%N -> (1 <= g <= K l)%N ->
  (1 <= h <= K (l - 1)%N)%N -> w_bar 0%N l g h = ((M (l - 1)%N h)%:R) * omega l g h.
Hypothesis h_equal_biases_in_a_colour : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_bar 0%N l (c l j).
Hypothesis h_equal_weights_between_colours : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w 0%N l j k = omega l (c l j) (c (l - 1)%N k).

Let col : colouring real L n K M c.
Proof. by split. Qed.
Let fine : run B L T dsigma sigma cost_1 x y n a delta z w grad_w b grad_b.
Proof. by split. Qed.
Let coarse : run B L T dsigma sigma cost_1 x y K a_bar delta_bar z_bar w_bar grad_w_bar b_bar grad_b_bar.
Proof. by split. Qed.
Let balanced := (balanced L n K M c w b w_bar b_bar).
Let shared := (shared L n M c w w_bar).

Section Step.
Variable t : nat.
Hypotheses (t1 : (t <= T - 1)%N) (bal : balanced t).
Let tT : (t <= T)%N. Proof. by lia. Qed.
Let change_w l j k := - (eta t * grad_w t l j k).
Let change_w_bar l g h := - (eta t * (grad_w_bar t l g h / ((M l g)%:R))).
Let rule_w l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w (t + 1)%N l j k = 1 * w t l j k + change_w l j k.
Proof. by move=> lL jn kn; rewrite h_gradient_descent_on_the_weights // mul1r addrC. Qed.
Let rule_w_bar l g h : (1 <= l <= L)%N -> (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N ->
  w_bar (t + 1)%N l g h = 1 * w_bar t l g h + ((M (l - 1)%N h)%:R) * change_w_bar l g h.
Proof.
move=> lL gK hK; rewrite h_gradient_descent_on_the_weights_quotient_network // mul1r addrC /change_w_bar.
by rewrite mulrN mulrCA !mulrA.
Qed.
Let alike_w l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  change_w l j k = change_w_bar l (c l j) (c (l - 1)%N k).
Proof. by move=> lL jn kn; rewrite /change_w (step_grad_w col fine coarse tT bal). Qed.

Lemma next_tied : shared t -> shared (t + 1)%N.
Proof. exact: (next_shared col rule_w rule_w_bar alike_w). Qed.
Lemma next_balance : balanced (t + 1)%N.
Proof.
apply: (next_balanced col rule_w rule_w_bar alike_w (beta := 1) (change_b := fun l j => - (eta t * grad_b t l j))
  (change_b_bar := fun l g => - (eta t * (grad_b_bar t l g / ((M l g)%:R))))) => //.
- by move=> l j lL jn; rewrite h_gradient_descent_on_the_biases // mul1r addrC.
- by move=> l g lL gK; rewrite h_gradient_descent_on_the_biases_quotient_network // mul1r addrC mulrA.
- by move=> l j lL jn; rewrite (step_grad_b col fine coarse tT bal).
Qed.
End Step.

Lemma always t : (t <= T)%N -> balanced t /\ shared t.
Proof.
elim: t => [|t IH] tT; first split.
- by apply: (start_from_ties col) h_weights_of_the_quotient_network.
- by apply: (start_shared col) h_weights_of_the_quotient_network.
have t1 : (t <= T - 1)%N by lia.
have [bal same] : balanced t /\ shared t by apply: IH; lia.
by rewrite -addn1; split; [exact: next_balance | exact: next_tied].
Qed.

Section At.
Variable t : nat.
Hypothesis t_range : (t <= T)%N.
Let bal := (always t_range).1.
Theorem T8b_weights l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = w_bar t l (c l j) (c (l - 1)%N k) / ((M (l - 1)%N (c (l - 1)%N k))%:R).
Proof. exact: (always t_range).2. Qed.
Theorem T8b_biases l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> b t l j = b_bar t l (c l j).
Proof. exact: (balanced_bias bal). Qed.
Theorem T8b_activations l s j : (l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  a t l s j = a_bar t l s (c l j).
Proof. exact: (step_a col fine coarse t_range bal). Qed.

Variables (cost : seq real -> seq real -> real) (C C_bar : nat -> real).
Hypothesis h_cost : forall t : nat, (t <= T)%N -> C t = (\sum_(1 <= s < B.+1)
  (cost [seq a t L s j | j <- index_iota 1%N (n L).+1] [seq y t s j | j <- index_iota 1%N (n L).+1])) / B%:R.
Hypothesis h_cost_quotient_network : forall t : nat, (t <= T)%N -> C_bar t = (\sum_(1 <= s < B.+1)
  (cost [seq a_bar t L s j | j <- index_iota 1%N (K L).+1] [seq y t s j | j <- index_iota 1%N (K L).+1])) / B%:R.
Theorem T8b_cost : C t = C_bar t.
Proof.
rewrite h_cost // h_cost_quotient_network //; congr (_ / _); apply: eq_sum => s sB.
by rewrite (step_outputs col fine coarse t_range bal) // (as_many col).
Qed.
End At.
End Narrower.

(* ------------------------------------- step sizes around a single group -------------------------------------- *)
Section StepSizes.
Variables (real : realFieldType) (L T : nat) (K : nat -> nat) (M : nat -> nat -> nat) (eta : nat -> real).
Variables (w_bar grad_w_bar : nat -> nat -> nat -> nat -> real) (m : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis h_gradient_descent_on_the_weights_quotient_network : forall t l g h : nat, (t <= T - 1)%N ->
  (1 <= l <= L)%N -> (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N -> w_bar (t + 1)%N l g h =
  - (eta t * ((M (l - 1)%N h)%:R) * grad_w_bar t l g h / ((M l g)%:R)) + w_bar t l g h.

Theorem T8b_step_sizes_into_a_group t g h :
  (forall h : nat, (1 <= h <= K (m - 1)%N)%N -> M (m - 1)%N h = 1%N) ->
  (t <= T - 1)%N -> (1 <= g <= K m)%N -> (1 <= h <= K (m - 1)%N)%N ->
  w_bar (t + 1)%N m g h = - (eta t * grad_w_bar t m g h / ((M m g)%:R)) + w_bar t m g h.
Proof.
move=> before tT gK hK; have mL : (1 <= m <= L)%N by lia.
by rewrite h_gradient_descent_on_the_weights_quotient_network // before // mulr1.
Qed.

Theorem T8b_step_sizes_out_of_a_group t g h :
  (forall g : nat, (1 <= g <= K (m + 1)%N)%N -> M (m + 1)%N g = 1%N) ->
  (t <= T - 1)%N -> (1 <= g <= K (m + 1)%N)%N -> (1 <= h <= K m)%N ->
  w_bar (t + 1)%N (m + 1)%N g h =
  - (eta t * ((M m h)%:R) * grad_w_bar t (m + 1)%N g h) + w_bar t (m + 1)%N g h.
Proof.
move=> after tT gK hK; have mL : (1 <= m + 1 <= L)%N by lia.
by rewrite h_gradient_descent_on_the_weights_quotient_network ?addnK // after // divr1.
Qed.
End StepSizes.
