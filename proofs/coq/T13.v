(* T13 (proofs/t13_tied_on_xor.py), counted from 1 as it is printed: M hidden layers of tied neurons on four samples,
   monotone activations with squares as slacks, and the targets of XOR. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma sum_of_four (R : ringType) (f : nat -> R) : \sum_(1 <= s < 4.+1) f s = f 1%N + f 2%N + f 3%N + f 4%N.
Proof. by do 4!rewrite big_ltn //; rewrite big_geq // addr0 !addrA. Qed.

Section Tied.
Variables (real : realFieldType) (M : nat) (n : nat -> nat) (sigma : nat -> real -> real).
Variables (A B : nat -> real) (C : real) (N P : nat -> nat -> nat -> real) (W : nat -> real).
Variables (a : nat -> nat -> nat -> real) (b : nat -> nat -> real) (beta kappa : nat -> real).
Variables (m : nat -> nat -> nat -> nat -> real) (omega : nat -> nat -> real) (rho : nat -> real).
Variables (w : nat -> nat -> nat -> real) (x y : nat -> nat -> real) (z : nat -> nat -> nat -> real).
Hypothesis h_weighted_input : forall l s j : nat, (1 <= l <= M + 1)%N -> (1 <= s <= 4)%N -> (1 <= j <= n l)%N ->
  z l s j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k * w l j k).
Hypothesis h_tied_biases : forall l j : nat, (1 <= l <= M)%N -> (1 <= j <= n l)%N -> b l j = beta l.
Hypothesis h_tied_incoming_weights : forall l j k : nat, (1 <= l <= M)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w l j k = omega l k.

(* ------------------------------------------------ one neuron ------------------------------------------------ *)
Theorem T13_one_neuron_weighted_input l s j : (1 <= l <= M)%N -> (1 <= s <= 4)%N -> (1 <= j <= n l)%N ->
  z l s j = z l s 1%N.
Proof.
move=> lM s4 jn; have l1 : (1 <= l <= M + 1)%N by lia.
have first : (1 <= 1 <= n l)%N by lia.
rewrite !h_weighted_input // !h_tied_biases //; congr (_ + _).
by apply: eq_sum => k kn; rewrite !h_tied_incoming_weights.
Qed.

Hypothesis h_activation : forall l s j : nat, (1 <= l <= M + 1)%N -> (1 <= s <= 4)%N -> (1 <= j <= n l)%N ->
  a l s j = sigma l (z l s j).

Theorem T13_one_neuron l s j : (1 <= l <= M)%N -> (1 <= s <= 4)%N -> (1 <= j <= n l)%N -> a l s j = a l s 1%N.
Proof.
move=> lM s4 jn; have l1 : (1 <= l <= M + 1)%N by lia.
rewrite !h_activation //; last by lia.
by rewrite T13_one_neuron_weighted_input.
Qed.

(* the layer after a hidden one sees the activation of one neuron *)
Lemma after_one_neuron l s r j : (1 <= l <= M)%N -> (1 <= s <= 4)%N -> (1 <= r <= 4)%N -> (1 <= j <= n l.+1)%N ->
  - z l.+1 r j + z l.+1 s j = (- a l r 1%N + a l s 1%N) * (\sum_(1 <= k < (n l).+1) w l.+1 j k).
Proof.
move=> lM s4 r4 jn; have l1 : (1 <= l.+1 <= M + 1)%N by lia.
rewrite !h_weighted_input // subn1 /= opprD addrACA addNr add0r -sumrN -big_split mulr_sumr /=.
by apply: eq_sum => k kn; rewrite (@T13_one_neuron l r k) // (@T13_one_neuron l s k) //; ring.
Qed.

(* ---------------------------------------------- one linear form ---------------------------------------------- *)
Hypothesis M_positive : (0 < M)%N.
Hypothesis n_positive : forall l : nat, (l <= M + 1)%N -> (0 < n l)%N.
Hypothesis h_slope_between_two_samples : forall l s r : nat, (2 <= l <= M)%N -> (1 <= s <= 4)%N ->
  (1 <= r <= 4)%N -> P l s r = P (l - 1)%N s r * m l s r 1%N.
Hypothesis h_slope_between_two_samples_first_hidden_layer : forall s r : nat, (1 <= s <= 4)%N -> (1 <= r <= 4)%N ->
  P 1%N s r = m 1%N s r 1%N.
Hypothesis h_slope_of_a_hidden_layer : forall l : nat, (2 <= l <= M)%N -> rho l = W l * rho (l - 1)%N.
Hypothesis h_slope_of_the_first_hidden_layer : rho 1%N = 1.
Hypothesis h_sum_of_the_outgoing_weights : forall l : nat, (2 <= l <= M)%N ->
  W l = \sum_(1 <= k < (n (l - 1)%N).+1) omega l k.
Hypothesis h_monotone_activations : forall l s r j : nat, (1 <= l <= M + 1)%N -> (1 <= s <= 4)%N ->
  (1 <= r <= 4)%N -> (1 <= j <= n l)%N ->
  - (sigma l (z l r j)) + (sigma l (z l s j)) = (- z l r j + z l s j) * (m l s r j ^+ 2).

Theorem T13_one_linear_form l s r : (1 <= l <= M)%N -> (1 <= s <= 4)%N -> (1 <= r <= 4)%N ->
  - a l r 1%N + a l s 1%N = (- z 1%N r 1%N + z 1%N s 1%N) * rho l * (P l s r ^+ 2).
Proof.
move=> lM s4 r4; elim: l lM => // l IH lM; have l1 : (1 <= l.+1 <= M + 1)%N by lia.
have first : (1 <= 1 <= n l.+1)%N by rewrite n_positive //; lia.
rewrite !h_activation // h_monotone_activations //; case: l IH lM l1 first => [|l] IH lM l1 first.
  by rewrite h_slope_of_the_first_hidden_layer h_slope_between_two_samples_first_hidden_layer // mulr1.
have below : (1 <= l.+1 <= M)%N by lia. have second : (2 <= l.+2 <= M)%N by lia.
rewrite after_one_neuron // IH // (h_slope_of_a_hidden_layer second) (h_slope_between_two_samples second) //.
rewrite h_sum_of_the_outgoing_weights // subn1 /=.
have -> : \sum_(1 <= k < (n l.+1).+1) w l.+2 1%N k = \sum_(1 <= k < (n l.+1).+1) omega l.+2 k; last first.
  by move: (\sum_(1 <= k < _) _) => sum; ring.
by apply: eq_sum => k kn; rewrite h_tied_incoming_weights // subn1.
Qed.

Hypothesis h_slope_of_an_output : forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
  kappa j = rho M * (\sum_(1 <= k < (n M).+1) w (M + 1)%N j k).
Hypothesis h_slope_of_an_output_between_two_samples : forall s r j : nat, (1 <= s <= 4)%N -> (1 <= r <= 4)%N ->
  (1 <= j <= n (M + 1)%N)%N -> N s r j = P M s r * m (M + 1)%N s r j.

Theorem T13_monotone_output s r j : (1 <= s <= 4)%N -> (1 <= r <= 4)%N -> (1 <= j <= n (M + 1)%N)%N ->
  - a (M + 1)%N r j + a (M + 1)%N s j = (- z 1%N r 1%N + z 1%N s 1%N) * kappa j * (N s r j ^+ 2).
Proof.
move=> s4 r4 jn; have last_layer : (1 <= M + 1 <= M + 1)%N by lia.
have hidden : (1 <= M <= M)%N by rewrite M_positive leqnn.
rewrite !h_activation // h_monotone_activations // h_slope_of_an_output // h_slope_of_an_output_between_two_samples //.
have -> : - z (M + 1)%N r j + z (M + 1)%N s j
    = (- a M r 1%N + a M s 1%N) * (\sum_(1 <= k < (n M).+1) w (M + 1)%N j k).
  by move: jn; rewrite addn1 => jn; exact: after_one_neuron.
rewrite T13_one_linear_form //.
by move: (\sum_(1 <= k < _) _) => sum; ring.
Qed.

(* ------------------------------------------------ the bounds ------------------------------------------------ *)
Hypothesis h_input_of_the_network : forall s j : nat, (1 <= s <= 4)%N -> (1 <= j <= n 0%N)%N -> a 0%N s j = x s j.

(* two samples that differ as p and q do *)
Lemma placed s r p q j c : (1 <= s <= 4)%N -> (1 <= r <= 4)%N -> (1 <= j <= n (M + 1)%N)%N ->
  (forall k : nat, (1 <= k <= n 0%N)%N -> - x r k + x s k = - x p k + x q k) ->
  kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x p k + x q k) * omega 1%N k) = c ->
  a (M + 1)%N s j = a (M + 1)%N r j + c * (N s r j ^+ 2).
Proof.
move=> s4 r4 jn same <-; apply/eqP; rewrite addrC -subr_eq addrC; apply/eqP.
rewrite T13_monotone_output //; have l1 : (1 <= 1 <= M + 1)%N by lia.
have lM : (1 <= 1 <= M)%N by rewrite M_positive.
have first : (1 <= 1 <= n 1%N)%N by rewrite n_positive //; lia.
have -> : - z 1%N r 1%N + z 1%N s 1%N = \sum_(1 <= k < (n 0%N).+1) (- x p k + x q k) * omega 1%N k; last first.
  by move: (\sum_(1 <= k < _) _) => sum; ring.
rewrite !h_weighted_input // subnn opprD addrACA addNr add0r -sumrN -big_split /=.
by apply: eq_sum => k kn; rewrite -same // !h_input_of_the_network // h_tied_incoming_weights //; ring.
Qed.

Hypothesis h_targets_of_XOR : forall s j : nat, (1 <= s <= 4)%N -> (1 <= j <= n (M + 1)%N)%N ->
  y s j = ((2 == s)%N%:R) + ((3 == s)%N%:R).
Hypothesis h_cost : C = (1%:R / 4%:R) *
  (\sum_(1 <= s < 4.+1) (\sum_(1 <= j < (n (M + 1)%N).+1) ((- y s j + a (M + 1)%N s j) ^+ 2))).

(* what the bound of one output says, for all of them *)
Lemma each_output (excess : nat -> real) : (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
  a (M + 1)%N 1%N j ^+ 2 + (a (M + 1)%N 2%N j - 1) ^+ 2 + (a (M + 1)%N 3%N j - 1) ^+ 2 + a (M + 1)%N 4%N j ^+ 2
  = 2%:R / 3%:R + excess j) ->
  C = (1%:R / 6%:R) * ((n (M + 1)%N)%:R) + (1%:R / 4%:R) * (\sum_(1 <= j < (n (M + 1)%N).+1) excess j).
Proof.
move=> one; rewrite h_cost sum_of_four -!big_split /=.
have -> : (n (M + 1)%N)%:R = \sum_(1 <= j < (n (M + 1)%N).+1) 1 :> real by rewrite sumr_const_nat subn1.
rewrite !mulr_sumr -big_split /=; apply: eq_sum => j jn; have := one j jn.
rewrite !h_targets_of_XOR //= => E; transitivity ((1%:R / 4%:R) * (2%:R / 3%:R + excess j)); last by field.
by rewrite -E; congr (_ * _); ring.
Qed.

Theorem T13_bound_first_difference_is_not_negative_second_is_not_negativ :
  (forall k : nat, (1 <= k <= n 0%N)%N -> x 4%N k = - x 1%N k + x 2%N k + x 3%N k) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 2%N k) * omega 1%N k) = A j ^+ 2) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 3%N k) * omega 1%N k) = B j ^+ 2) ->
  C = (1%:R / 6%:R) * ((n (M + 1)%N)%:R) + (1%:R / 4%:R) * (\sum_(1 <= j < (n (M + 1)%N).+1) (
      (1%:R / 3%:R) * ((- ((A j ^+ 2) * (N 4%N 3%N j ^+ 2)) + (B j ^+ 2) * (N 4%N 2%N j ^+ 2)) ^+ 2)
      + 3%:R * ((- ((1%:R / 3%:R) * (A j ^+ 2) * (N 4%N 3%N j ^+ 2)) - ((1%:R / 3%:R) * (B j ^+ 2) * (N 4%N 2%N j ^+ 2))
        + a (M + 1)%N 4%N j - (2%:R / 3%:R)) ^+ 2)
      + (1%:R / 3%:R) * (A j ^+ 4) * (N 4%N 3%N j ^+ 4) + (2%:R / 3%:R) * (A j ^+ 2) * (N 4%N 3%N j ^+ 2)
      + (1%:R / 3%:R) * (B j ^+ 4) * (N 4%N 2%N j ^+ 4) + (2%:R / 3%:R) * (B j ^+ 2) * (N 4%N 2%N j ^+ 2)
      + (a (M + 1)%N 1%N j ^+ 2))).
Proof.
move=> parallel first second; apply: each_output => j jn.
have same_second k : (1 <= k <= n 0%N)%N -> - x 2%N k + x 4%N k = - x 1%N k + x 3%N k.
  by move=> kn; rewrite parallel //; ring.
have same_first k : (1 <= k <= n 0%N)%N -> - x 3%N k + x 4%N k = - x 1%N k + x 2%N k.
  by move=> kn; rewrite parallel //; ring.
have at_2 := @placed 4 2 1 3 j _ isT isT jn same_second (second j jn).
have at_3 := @placed 4 3 1 2 j _ isT isT jn same_first (first j jn).
have back_2 : a (M + 1)%N 2%N j = a (M + 1)%N 4%N j - (B j ^+ 2) * (N 4%N 2%N j ^+ 2).
  by rewrite at_2 addrK.
have back_3 : a (M + 1)%N 3%N j = a (M + 1)%N 4%N j - (A j ^+ 2) * (N 4%N 3%N j ^+ 2).
  by rewrite at_3 addrK.
by rewrite back_2 back_3; field.
Qed.

Theorem T13_bound_first_difference_is_not_negative_second_is_not_positiv :
  (forall k : nat, (1 <= k <= n 0%N)%N -> x 4%N k = - x 1%N k + x 2%N k + x 3%N k) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 2%N k) * omega 1%N k) = A j ^+ 2) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 3%N k) * omega 1%N k) = - (B j ^+ 2)) ->
  C = (1%:R / 6%:R) * ((n (M + 1)%N)%:R) + (1%:R / 4%:R) * (\sum_(1 <= j < (n (M + 1)%N).+1) (
      (1%:R / 3%:R) * ((- ((A j ^+ 2) * (N 4%N 3%N j ^+ 2)) + (B j ^+ 2) * (N 3%N 1%N j ^+ 2)) ^+ 2)
      + ((a (M + 1)%N 2%N j - 1) ^+ 2)
      + 3%:R * (((1%:R / 3%:R) * (A j ^+ 2) * (N 4%N 3%N j ^+ 2) + (1%:R / 3%:R) * (B j ^+ 2) * (N 3%N 1%N j ^+ 2)
        + a (M + 1)%N 3%N j - (1%:R / 3%:R)) ^+ 2)
      + (1%:R / 3%:R) * (A j ^+ 4) * (N 4%N 3%N j ^+ 4) + (2%:R / 3%:R) * (A j ^+ 2) * (N 4%N 3%N j ^+ 2)
      + (1%:R / 3%:R) * (B j ^+ 4) * (N 3%N 1%N j ^+ 4) + (2%:R / 3%:R) * (B j ^+ 2) * (N 3%N 1%N j ^+ 2))).
Proof.
move=> parallel first second; apply: each_output => j jn.
have same_first k : (1 <= k <= n 0%N)%N -> - x 3%N k + x 4%N k = - x 1%N k + x 2%N k.
  by move=> kn; rewrite parallel //; ring.
have at_1 := @placed 3 1 1 3 j _ isT isT jn (fun _ _ => erefl) (second j jn).
have at_4 := @placed 4 3 1 2 j _ isT isT jn same_first (first j jn).
have back_1 : a (M + 1)%N 1%N j = a (M + 1)%N 3%N j - (- (B j ^+ 2)) * (N 3%N 1%N j ^+ 2).
  by rewrite at_1 addrK.
by rewrite back_1 at_4; field.
Qed.

Theorem T13_bound_first_difference_is_not_positive_second_is_not_negativ :
  (forall k : nat, (1 <= k <= n 0%N)%N -> x 4%N k = - x 1%N k + x 2%N k + x 3%N k) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 2%N k) * omega 1%N k) = - (A j ^+ 2)) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 3%N k) * omega 1%N k) = B j ^+ 2) ->
  C = (1%:R / 6%:R) * ((n (M + 1)%N)%:R) + (1%:R / 4%:R) * (\sum_(1 <= j < (n (M + 1)%N).+1) (
      (1%:R / 3%:R) * (((A j ^+ 2) * (N 2%N 1%N j ^+ 2) - ((B j ^+ 2) * (N 4%N 2%N j ^+ 2))) ^+ 2)
      + ((a (M + 1)%N 3%N j - 1) ^+ 2)
      + 3%:R * (((1%:R / 3%:R) * (A j ^+ 2) * (N 2%N 1%N j ^+ 2) + (1%:R / 3%:R) * (B j ^+ 2) * (N 4%N 2%N j ^+ 2)
        + a (M + 1)%N 2%N j - (1%:R / 3%:R)) ^+ 2)
      + (1%:R / 3%:R) * (A j ^+ 4) * (N 2%N 1%N j ^+ 4) + (2%:R / 3%:R) * (A j ^+ 2) * (N 2%N 1%N j ^+ 2)
      + (1%:R / 3%:R) * (B j ^+ 4) * (N 4%N 2%N j ^+ 4) + (2%:R / 3%:R) * (B j ^+ 2) * (N 4%N 2%N j ^+ 2))).
Proof.
move=> parallel first second; apply: each_output => j jn.
have same_second k : (1 <= k <= n 0%N)%N -> - x 2%N k + x 4%N k = - x 1%N k + x 3%N k.
  by move=> kn; rewrite parallel //; ring.
have at_1 := @placed 2 1 1 2 j _ isT isT jn (fun _ _ => erefl) (first j jn).
have at_4 := @placed 4 2 1 3 j _ isT isT jn same_second (second j jn).
have back_1 : a (M + 1)%N 1%N j = a (M + 1)%N 2%N j - (- (A j ^+ 2)) * (N 2%N 1%N j ^+ 2).
  by rewrite at_1 addrK.
by rewrite back_1 at_4; field.
Qed.

Theorem T13_bound_first_difference_is_not_positive_second_is_not_positiv :
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 2%N k) * omega 1%N k) = - (A j ^+ 2)) ->
  (forall j : nat, (1 <= j <= n (M + 1)%N)%N ->
    kappa j * (\sum_(1 <= k < (n 0%N).+1) (- x 1%N k + x 3%N k) * omega 1%N k) = - (B j ^+ 2)) ->
  C = (1%:R / 6%:R) * ((n (M + 1)%N)%:R) + (1%:R / 4%:R) * (\sum_(1 <= j < (n (M + 1)%N).+1) (
      (1%:R / 3%:R) * (((A j ^+ 2) * (N 2%N 1%N j ^+ 2) - ((B j ^+ 2) * (N 3%N 1%N j ^+ 2))) ^+ 2)
      + 3%:R * ((- ((1%:R / 3%:R) * (A j ^+ 2) * (N 2%N 1%N j ^+ 2)) - ((1%:R / 3%:R) * (B j ^+ 2) * (N 3%N 1%N j ^+ 2))
        + a (M + 1)%N 1%N j - (2%:R / 3%:R)) ^+ 2)
      + (1%:R / 3%:R) * (A j ^+ 4) * (N 2%N 1%N j ^+ 4) + (2%:R / 3%:R) * (A j ^+ 2) * (N 2%N 1%N j ^+ 2)
      + (1%:R / 3%:R) * (B j ^+ 4) * (N 3%N 1%N j ^+ 4) + (2%:R / 3%:R) * (B j ^+ 2) * (N 3%N 1%N j ^+ 2)
      + (a (M + 1)%N 4%N j ^+ 2))).
Proof.
move=> first second; apply: each_output => j jn.
have at_2 := @placed 2 1 1 2 j _ isT isT jn (fun _ _ => erefl) (first j jn).
have at_3 := @placed 3 1 1 3 j _ isT isT jn (fun _ _ => erefl) (second j jn).
by rewrite at_2 at_3; field.
Qed.
End Tied.
