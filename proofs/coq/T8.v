(* T8 (proofs/t8_collapse.py): initialisations that collapse. Constant weights in each layer tie all neurons of a hidden
   layer for ever, and every matrix into or out of one has rank one; zero weights with sigma(0) = 0 stay zero. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums T5.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Collapse.
Variables (real : realFieldType) (B L T : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (a delta z : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real).
Variables (grad_w w : nat -> nat -> nat -> nat -> real) (eta : nat -> real).
Hypothesis T_positive : (0 < T)%N.
Hypothesis h_activation : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> a t l s j = sigma l (z t l s j).
Hypothesis h_delta_of_a_hidden_layer : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= s <= B)%N -> (1 <= j <= n l)%N -> delta t l s j =
  (dsigma l (z t l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta t (l + 1)%N s k * w t (l + 1)%N k j).
Hypothesis h_gradient_descent_on_the_biases : forall t l j : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> b (t + 1)%N l j = - (eta t * grad_b t l j) + b t l j.
Hypothesis h_gradient_descent_on_the_weights : forall t l j k : nat, (t <= T - 1)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w (t + 1)%N l j k = - (eta t * grad_w t l j k) + w t l j k.
Hypothesis h_gradient_of_the_biases : forall t l j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b t l j = \sum_(1 <= s < B.+1) delta t l s j.
Hypothesis h_gradient_of_the_weights : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = \sum_(1 <= s < B.+1) a t (l - 1)%N s k * delta t l s j.
Hypothesis h_weighted_input : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> z t l s j = b t l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a t (l - 1)%N s k * w t l j k).

(* ------------------------------------------------ constant weights ------------------------------------------- *)
Section Constant.
Variables (beta kappa : nat -> real).
Hypothesis h_constant_biases : forall l j : nat, (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> b 0%N l j = beta l.
Hypothesis h_constant_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w 0%N l j k = kappa l.

Lemma all_tied t l j i : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> (1 <= i <= n l)%N ->
  tied n b w l j i t.
Proof.
move=> tT lL jn i_n; have l1 : (1 <= l <= L)%N by lia.
have l2 : (1 <= l + 1 <= L)%N by lia.
elim: t tT => [|t IH] tT; first split.
- by move=> k kn; rewrite !h_constant_weights.
- by rewrite !h_constant_biases.
- by move=> r rn; rewrite !h_constant_weights ?addnK.
have tT' : (t <= T)%N by lia.
have tT1 : (t <= T - 1)%N by lia.
have tie := IH tT'; rewrite -addn1; split.
- move=> k kn; rewrite [w _ _ j k]h_gradient_descent_on_the_weights //.
  rewrite [w _ _ i k]h_gradient_descent_on_the_weights // (tied_in tie) //; congr (- (_ * _) + _).
  by apply: (step_grad_w_in (B := B) (L := L) (T := T) (n := n) (a := a) (z := z) (b := b) (w := w)
    (delta := delta) (dsigma := dsigma)).
- rewrite [b _ _ j]h_gradient_descent_on_the_biases // [b _ _ i]h_gradient_descent_on_the_biases //.
  rewrite (tied_bias tie); congr (- (_ * _) + _).
  by apply: (step_grad_b (B := B) (L := L) (T := T) (n := n) (a := a) (z := z) (b := b) (w := w)
    (delta := delta) (dsigma := dsigma)).
- move=> r rn; rewrite [w _ _ r j]h_gradient_descent_on_the_weights ?addnK //.
  rewrite [w _ _ r i]h_gradient_descent_on_the_weights ?addnK // (tied_out tie) //; congr (- (_ * _) + _).
  by apply: (step_grad_w_out (B := B) (L := L) (T := T) (n := n) (a := a) (z := z) (b := b) (w := w)
    (delta := delta) (sigma := sigma)).
Qed.

Theorem T8_constant_weights_rows t l j i k : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= i <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w t l j k = w t l i k.
Proof. by move=> tT lL jn i_n; apply: tied_in; exact: all_tied. Qed.
Theorem T8_constant_weights_biases t l j i : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= i <= n l)%N -> b t l j = b t l i.
Proof. by move=> tT lL jn i_n; exact: tied_bias (all_tied tT lL jn i_n). Qed.
Theorem T8_constant_weights_columns t l j i r : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= i <= n l)%N -> (1 <= r <= n (l + 1)%N)%N -> w t (l + 1)%N r j = w t (l + 1)%N r i.
Proof. by move=> tT lL jn i_n; apply: tied_out; exact: all_tied. Qed.
Theorem T8_rank_one_into_a_hidden_layer t l j i k r : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= i <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= r <= n (l - 1)%N)%N ->
  w t l i r * w t l j k = w t l i k * w t l j r.
Proof.
move=> tT lL jn i_n kn rn; rewrite [w t l j k](T8_constant_weights_rows tT lL jn i_n kn).
by rewrite [w t l j r](T8_constant_weights_rows tT lL jn i_n rn) mulrC.
Qed.
Theorem T8_rank_one_out_of_a_hidden_layer t l j i k r : (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= j <= n (l + 1)%N)%N -> (1 <= i <= n (l + 1)%N)%N -> (1 <= k <= n l)%N -> (1 <= r <= n l)%N ->
  w t (l + 1)%N i r * w t (l + 1)%N j k = w t (l + 1)%N i k * w t (l + 1)%N j r.
Proof.
move=> tT lL jn i_n kn rn; rewrite (T8_constant_weights_columns tT lL rn kn i_n).
by rewrite (T8_constant_weights_columns tT lL rn kn jn).
Qed.
Theorem T8_a_single_value t l j i k r : (t <= T)%N -> (1 <= l <= L - 2)%N ->
  (1 <= j <= n (l + 1)%N)%N -> (1 <= i <= n (l + 1)%N)%N -> (1 <= k <= n l)%N -> (1 <= r <= n l)%N ->
  w t (l + 1)%N j k = w t (l + 1)%N i r.
Proof.
move=> tT lL jn i_n kn rn; have lL' : (1 <= l <= L - 1)%N by lia.
have l1L : (1 <= l + 1 <= L - 1)%N by lia.
rewrite (T8_constant_weights_columns tT lL' kn rn jn).
by apply: T8_constant_weights_rows; rewrite ?addnK.
Qed.
End Constant.

(* -------------------------------------------------- zero weights --------------------------------------------- *)
Section Zero.
Hypothesis h_activations_are_0_at_0 : forall l : nat, (1 <= l <= L - 1)%N -> sigma l 0 = 0.
Hypothesis h_zero_hidden_biases : forall l j : nat, (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> b 0%N l j = 0.
Hypothesis h_zero_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w 0%N l j k = 0.

Record zero (t : nat) : Prop := Zero {
  zero_in : forall l j k, (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N -> w t l j k = 0;
  zero_bias : forall l j, (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> b t l j = 0;
  zero_out : forall l r j, (1 <= l <= L - 1)%N -> (1 <= r <= n (l + 1)%N)%N -> (1 <= j <= n l)%N ->
    w t (l + 1)%N r j = 0 }.

Lemma zero_a t l s j : (t <= T)%N -> zero t -> (1 <= l <= L - 1)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  a t l s j = 0.
Proof.
move=> tT o lL sB jn; rewrite h_activation ?h_weighted_input //; try lia.
rewrite (zero_bias o) // add0r (eq_sum (G := fun=> 0)) => [|k kn]; last by rewrite (zero_in o) // mulr0.
by rewrite big1 // h_activations_are_0_at_0.
Qed.
Lemma zero_delta t l s j : (t <= T)%N -> zero t -> (1 <= l <= L - 1)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  delta t l s j = 0.
Proof.
move=> tT o lL sB jn; rewrite h_delta_of_a_hidden_layer // (eq_sum (G := fun=> 0)) => [|k kn].
  by rewrite big1 // mulr0.
by rewrite (zero_out o) // mulr0.
Qed.
Lemma always_zero t : (t <= T)%N -> zero t.
Proof.
elim: t => [|t IH] tT; first by split=> *; rewrite ?h_zero_weights ?h_zero_hidden_biases ?addnK //; lia.
have tT' : (t <= T)%N by lia.
have tT1 : (t <= T - 1)%N by lia.
have o := IH tT'; rewrite -addn1; split=> [l j k lL jn kn|l j lL jn|l r j lL rn jn].
- have l1 : (1 <= l <= L)%N by lia.
  rewrite h_gradient_descent_on_the_weights // (zero_in o) // addr0 h_gradient_of_the_weights //.
  rewrite (eq_sum (G := fun=> 0)) => [|s sB]; first by rewrite big1 // mulr0 oppr0.
  by rewrite zero_delta // mulr0.
- have l1 : (1 <= l <= L)%N by lia.
  rewrite h_gradient_descent_on_the_biases // (zero_bias o) // addr0 h_gradient_of_the_biases //.
  rewrite (eq_sum (G := fun=> 0)) => [|s sB]; first by rewrite big1 // mulr0 oppr0.
  by rewrite zero_delta.
- have l1 : (1 <= l + 1 <= L)%N by lia.
  rewrite h_gradient_descent_on_the_weights ?addnK // (zero_out o) // addr0 h_gradient_of_the_weights ?addnK //.
  rewrite (eq_sum (G := fun=> 0)) => [|s sB]; first by rewrite big1 // mulr0 oppr0.
  by rewrite zero_a // mul0r.
Qed.

Theorem T8_zeros_hidden_weights t l j k : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w t l j k = 0.
Proof. by move=> tT; apply: zero_in; exact: always_zero. Qed.
Theorem T8_zeros_hidden_biases t l j : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= j <= n l)%N -> b t l j = 0.
Proof. by move=> tT; apply: zero_bias; exact: always_zero. Qed.
Theorem T8_zeros_weights_after_a_hidden_layer t l r j : (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= r <= n (l + 1)%N)%N -> (1 <= j <= n l)%N -> w t (l + 1)%N r j = 0.
Proof. by move=> tT; apply: zero_out; exact: always_zero. Qed.
Theorem T8_zeros_outputs t l s j : (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n (l + 1)%N)%N -> a t (l + 1)%N s j = sigma (l + 1)%N (b t (l + 1)%N j).
Proof.
move=> tT lL sB jn; have l1 : (1 <= l + 1 <= L)%N by lia.
rewrite h_activation // h_weighted_input // addnK (eq_sum (G := fun=> 0)) => [|k kn].
  by rewrite big1 // addr0.
by rewrite T8_zeros_weights_after_a_hidden_layer // mulr0.
Qed.
End Zero.
End Collapse.
