(* T1 (proofs/t1_layer_equations.py), counted from 1 as it is printed. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section LayerEquations.
Variables (real : realFieldType) (L : nat) (n : nat -> nat) (sigma : nat -> real -> real).
Variables (a b z : nat -> nat -> real) (w : nat -> nat -> nat -> real) (x : nat -> real).
Hypothesis h_activation : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> a l j = sigma l (z l j).
Hypothesis h_weighted_input : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  z l j = b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k * w l j k).
Hypothesis h_input_of_the_network : forall j : nat, (1 <= j <= n 0)%N -> a 0 j = x j.

Theorem T1_one_layer l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  a l j = sigma l (b l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k * w l j k)).
Proof. by move=> lL jn; rewrite h_activation // h_weighted_input. Qed.

Theorem T1_two_layers l j : (1 <= l <= L - 1)%N -> (1 <= j <= n (l + 1)%N)%N ->
  a (l + 1)%N j = sigma (l + 1)%N (b (l + 1)%N j + (\sum_(1 <= k < (n l).+1)
    (sigma l (b l k + (\sum_(1 <= i < (n (l - 1)%N).+1) a (l - 1)%N i * w l k i))) * w (l + 1)%N j k)).
Proof.
move=> lL jn; rewrite T1_one_layer //; last by lia.
by rewrite addnK; congr (sigma _ (_ + _)); apply: eq_sum => k kn; rewrite T1_one_layer //; lia.
Qed.

Theorem T1_first_layer : (0 < L)%N -> forall j, (1 <= j <= n 1)%N ->
  a 1 j = sigma 1 (b 1 j + (\sum_(1 <= k < (n 0).+1) x k * w 1 j k)).
Proof.
move=> L0 j jn; rewrite T1_one_layer //.
by congr (sigma _ (_ + _)); apply: eq_sum => k kn; rewrite h_input_of_the_network.
Qed.
End LayerEquations.
