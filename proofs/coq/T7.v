(* T7 (proofs/t7_balanced_colourings.py): a balanced colouring stays balanced under every elementwise optimiser, and
   neurons of one colour compute the same. All eight propositions, by induction on the steps. The hypotheses on the
   start come before those on the rule: an exported statement is matched in this order, and they fix the states. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums Balanced.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Elementwise.
Variables (real : realFieldType) (B D L T : nat) (n K : nat -> nat) (M c : nat -> nat -> nat).
Variables (dsigma sigma : nat -> real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (x y : nat -> nat -> nat -> real).
Variables (a delta z w grad_w : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real).
Variables (a_bar delta_bar z_bar w_bar grad_w_bar : nat -> nat -> nat -> nat -> real).
Variables (b_bar grad_b_bar : nat -> nat -> nat -> real).
Variables (psi : real -> seq real -> real -> real) (rho : real -> real -> seq real -> real -> real).
Variables (S_ S_bar : nat -> nat -> nat -> nat -> nat -> real) (R R_bar : nat -> nat -> nat -> nat -> real).
Variables (alpha beta : nat -> real).
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
Hypothesis h_equal_biases_in_a_colour : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_bar 0%N l (c l j).
Hypothesis h_equal_states_of_the_biases : forall l j v : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= v <= D)%N -> R 0%N l j v = R_bar 0%N l (c l j) v.
Hypothesis h_equal_states_of_the_weights : forall l j k v : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> (1 <= v <= D)%N -> S_ 0%N l j k v = S_bar 0%N l (c l j) (c (l - 1)%N k) v.
Hypothesis h_states_of_the_biases : forall t l j v : nat, (t <= T - 1)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= v <= D)%N ->
  R (t + 1)%N l j v = rho t%:R v%:R [seq R t l j i | i <- index_iota 1%N D.+1] (grad_b t l j).
Hypothesis h_states_of_the_biases_quotient_network : forall t l g v : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= g <= K l)%N -> (1 <= v <= D)%N -> R_bar (t + 1)%N l g v =
  rho t%:R v%:R [seq R_bar t l g i | i <- index_iota 1%N D.+1] (grad_b_bar t l g / ((M l g)%:R)).
Hypothesis h_states_of_the_weights : forall t l j k v : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= v <= D)%N ->
  S_ (t + 1)%N l j k v = rho t%:R v%:R [seq S_ t l j k i | i <- index_iota 1%N D.+1] (grad_w t l j k).
Hypothesis h_states_of_the_weights_quotient_network : forall t l g h v : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N -> (1 <= v <= D)%N -> S_bar (t + 1)%N l g h v =
  rho t%:R v%:R [seq S_bar t l g h i | i <- index_iota 1%N D.+1] (grad_w_bar t l g h / ((M l g)%:R)).
Hypothesis h_elementwise_rule_on_the_biases : forall t l j : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> b (t + 1)%N l j =
  beta t * b t l j + (psi t%:R [seq R (t + 1)%N l j v | v <- index_iota 1%N D.+1] (grad_b t l j)).
Hypothesis h_elementwise_rule_on_the_biases_quotient_network : forall t l g : nat, (t <= T - 1)%N ->
  (1 <= l <= L)%N -> (1 <= g <= K l)%N -> b_bar (t + 1)%N l g = beta t * b_bar t l g +
  (psi t%:R [seq R_bar (t + 1)%N l g v | v <- index_iota 1%N D.+1] (grad_b_bar t l g / ((M l g)%:R))).
Hypothesis h_elementwise_rule_on_the_weights : forall t l j k : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w (t + 1)%N l j k =
  alpha t * w t l j k + (psi t%:R [seq S_ (t + 1)%N l j k v | v <- index_iota 1%N D.+1] (grad_w t l j k)).
Hypothesis h_elementwise_rule_on_the_weights_quotient_network : forall t l g h : nat, (t <= T - 1)%N ->
  (1 <= l <= L)%N -> (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N -> w_bar (t + 1)%N l g h =
  alpha t * w_bar t l g h + ((M (l - 1)%N h)%:R) *
  (psi t%:R [seq S_bar (t + 1)%N l g h v | v <- index_iota 1%N D.+1] (grad_w_bar t l g h / ((M l g)%:R))).

Let col : colouring real L n K M c.
Proof. by split. Qed.
Let fine : run B L T dsigma sigma cost_1 x y n a delta z w grad_w b grad_b.
Proof. by split. Qed.
Let coarse : run B L T dsigma sigma cost_1 x y K a_bar delta_bar z_bar w_bar grad_w_bar b_bar grad_b_bar.
Proof. by split. Qed.
Let balanced := (balanced L n K M c w b w_bar b_bar).
Let shared := (shared L n M c w w_bar).

(* ------------------------------------------------ every step ------------------------------------------------ *)
Record kept (t : nat) : Prop := Kept {
  kept_balance : balanced t;
  kept_b : forall l j v : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= v <= D)%N ->
    R t l j v = R_bar t l (c l j) v;
  kept_w : forall l j k v : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
    (1 <= v <= D)%N -> S_ t l j k v = S_bar t l (c l j) (c (l - 1)%N k) v }.

Section Step.
Variable t : nat.
Hypotheses (t1 : (t <= T - 1)%N) (now : kept t).
Let tT : (t <= T)%N. Proof. by lia. Qed.
Let bal := kept_balance now.

Let same_components (F G : nat -> real) : (forall v, (1 <= v <= D)%N -> F v = G v) ->
  [seq F v | v <- index_iota 1%N D.+1] = [seq G v | v <- index_iota 1%N D.+1].
Proof. by move=> E; apply/eq_in_map => v; rewrite mem_index_iota ltnS; exact: E. Qed.

Lemma next_states_b l j v : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= v <= D)%N ->
  R (t + 1)%N l j v = R_bar (t + 1)%N l (c l j) v.
Proof.
move=> lL jn vD; have l0 : (l <= L)%N by lia.
have jK := colour_range col l0 jn.
rewrite h_states_of_the_biases // h_states_of_the_biases_quotient_network //.
rewrite (step_grad_b col fine coarse tT bal) //; congr (rho _ _ _ _).
by apply: same_components => i iD; apply: (kept_b now).
Qed.
Lemma next_states_w l j k v : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (1 <= v <= D)%N -> S_ (t + 1)%N l j k v = S_bar (t + 1)%N l (c l j) (c (l - 1)%N k) v.
Proof.
move=> lL jn kn vD; have l0 : (l <= L)%N by lia.
have l1 : (l - 1 <= L)%N by lia.
have jK := colour_range col l0 jn; have kK := colour_range col l1 kn.
rewrite h_states_of_the_weights // h_states_of_the_weights_quotient_network //.
rewrite (step_grad_w col fine coarse tT bal) //; congr (rho _ _ _ _).
by apply: same_components => i iD; apply: (kept_w now).
Qed.

Let change_w l j k := psi t%:R [seq S_ (t + 1)%N l j k v | v <- index_iota 1%N D.+1] (grad_w t l j k).
Let change_w_bar l g h :=
  psi t%:R [seq S_bar (t + 1)%N l g h v | v <- index_iota 1%N D.+1] (grad_w_bar t l g h / ((M l g)%:R)).
Lemma alike_w l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  change_w l j k = change_w_bar l (c l j) (c (l - 1)%N k).
Proof.
move=> lL jn kn; rewrite /change_w (step_grad_w col fine coarse tT bal) //; congr (psi _ _ _).
by apply: same_components => v vD; apply: next_states_w.
Qed.
Let change_b l j := psi t%:R [seq R (t + 1)%N l j v | v <- index_iota 1%N D.+1] (grad_b t l j).
Let change_b_bar l g :=
  psi t%:R [seq R_bar (t + 1)%N l g v | v <- index_iota 1%N D.+1] (grad_b_bar t l g / ((M l g)%:R)).
Lemma alike_b l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> change_b l j = change_b_bar l (c l j).
Proof.
move=> lL jn; rewrite /change_b (step_grad_b col fine coarse tT bal) //; congr (psi _ _ _).
by apply: same_components => v vD; apply: next_states_b.
Qed.

Lemma next_kept : kept (t + 1)%N.
Proof.
split; [|exact: next_states_b|exact: next_states_w].
apply: (next_balanced col (alpha := alpha t) (beta := beta t) (change_w := change_w)
  (change_w_bar := change_w_bar) (change_b := change_b) (change_b_bar := change_b_bar)) => //.
- by move=> l j k lL jn kn; exact: h_elementwise_rule_on_the_weights.
- by move=> l g h lL gK hK; exact: h_elementwise_rule_on_the_weights_quotient_network.
- exact: alike_w.
- by move=> l j lL jn; exact: h_elementwise_rule_on_the_biases.
- by move=> l g lL gK; exact: h_elementwise_rule_on_the_biases_quotient_network.
- exact: alike_b.
Qed.

Lemma next_tied : shared t -> shared (t + 1)%N.
Proof.
apply: (next_shared col (alpha := alpha t) (change_w := change_w) (change_w_bar := change_w_bar)).
- by move=> l j k lL jn kn; exact: h_elementwise_rule_on_the_weights.
- by move=> l g h lL gK hK; exact: h_elementwise_rule_on_the_weights_quotient_network.
- exact: alike_w.
Qed.
End Step.

Lemma always_kept t : balanced 0%N -> (t <= T)%N -> kept t.
Proof.
move=> start; elim: t => [|t IH] tT; first by split.
by rewrite -addn1; apply: next_kept; [lia | apply: IH; lia].
Qed.

(* ------------------------------------------- from a balanced colouring --------------------------------------- *)
Section Balanced.
Variable V : nat -> nat -> nat -> real.
Hypothesis h_equal_incoming_sums_in_a_colour : forall l j g : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= g <= K (l - 1)%N)%N ->
  \sum_(1 <= k < (n (l - 1)%N).+1) ((g == c (l - 1)%N k)%N%:R) * w 0%N l j k = w_bar 0%N l (c l j) g.
Hypothesis h_equal_outgoing_sums_in_a_colour : forall l k g : nat, (1 <= l <= L)%N -> (1 <= k <= n (l - 1)%N)%N ->
  (1 <= g <= K l)%N ->
  \sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) * w 0%N l j k = V l g (c (l - 1)%N k).
Variable t : nat.
Hypothesis t_range : (t <= T)%N.
Let now : kept t.
Proof. by apply: always_kept => //; apply: (start_from_sums col) (h_equal_outgoing_sums_in_a_colour). Qed.
Let bal := kept_balance now.

Theorem T7_incoming_sums l j g : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= g <= K (l - 1)%N)%N ->
  \sum_(1 <= k < (n (l - 1)%N).+1) ((g == c (l - 1)%N k)%N%:R) * w t l j k = w_bar t l (c l j) g.
Proof. exact: (balanced_in bal). Qed.
Theorem T7_outgoing_sums l k g : (1 <= l <= L)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= g <= K l)%N ->
  \sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) * w t l j k =
  ((M l g)%:R) * w_bar t l g (c (l - 1)%N k) / ((M (l - 1)%N (c (l - 1)%N k))%:R).
Proof. exact: (balanced_out bal). Qed.
Theorem T7_biases l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> b t l j = b_bar t l (c l j).
Proof. exact: (balanced_bias bal). Qed.
Theorem T7_states l j k v : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= v <= D)%N ->
  S_ t l j k v = S_bar t l (c l j) (c (l - 1)%N k) v.
Proof. exact: (kept_w now). Qed.
Theorem T7_activations l s j : (l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  a t l s j = a_bar t l s (c l j).
Proof. exact: (step_a col fine coarse t_range bal). Qed.
Theorem T7_deltas l s j : (1 <= l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  delta t l s j = delta_bar t l s (c l j) / ((M l (c l j))%:R).
Proof. exact: (step_delta col fine coarse t_range bal). Qed.
Theorem T7_gradients l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = grad_w_bar t l (c l j) (c (l - 1)%N k) / ((M l (c l j))%:R).
Proof. exact: (step_grad_w col fine coarse t_range bal). Qed.
End Balanced.

(* ------------------------------------------------- from equal weights ---------------------------------------- *)
Section Tied.
Variable omega : nat -> nat -> nat -> real.
Hypothesis h_weights_of_the_quotient_network : forall l g h : nat, (1 <= l <= L)%N -> (1 <= g <= K l)%N ->
  (1 <= h <= K (l - 1)%N)%N -> w_bar 0%N l g h = ((M (l - 1)%N h)%:R) * omega l g h.
Hypothesis h_equal_weights_between_colours : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w 0%N l j k = omega l (c l j) (c (l - 1)%N k).

Theorem T7_permutation_ties t l j k : (t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = w_bar t l (c l j) (c (l - 1)%N k) / ((M (l - 1)%N (c (l - 1)%N k))%:R).
Proof.
have start : balanced 0%N by apply: (start_from_ties col) h_weights_of_the_quotient_network.
suff always u : (u <= T)%N -> shared u by move=> tT; exact: always.
elim: u => [|u IH] uT; first by apply: (start_shared col) h_weights_of_the_quotient_network.
by rewrite -addn1; apply: next_tied; [lia | apply: always_kept => //; lia | apply: IH; lia].
Qed.
End Tied.
End Elementwise.
