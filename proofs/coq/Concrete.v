(* What the export of a concrete network rests on: its components, counted from 1, against the network of
   Network.v, whose gradients EpsilonDelta.v proves to be derivatives. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Network Backpropagation EpsilonDelta Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* the parameters with one entry replaced by t *)
Definition with_w (T : Type) (w : nat -> nat -> nat -> T) (l j k : nat) (t : T) : nat -> nat -> nat -> T :=
  fun l' j' k' => if (l' == l) && (j' == j) && (k' == k) then t else w l' j' k'.
Definition with_b (T : Type) (b : nat -> nat -> T) (l j : nat) (t : T) : nat -> nat -> T :=
  fun l' j' => if (l' == l) && (j' == j) then t else b l' j'.
(* parameters that count from 1 as those of Network.v, which count from 0 *)
Definition from_0 (T : Type) (w : nat -> nat -> nat -> T) (b : nat -> nat -> T) : param T :=
  Param (fun l k j => w l k.+1 j.+1) (fun l k => b l k.+1).

Lemma deriv_is (real : realFieldType) (t0 : real) (f g : real -> real) (d e : real) :
  deriv t0 f d -> (forall t, f t = g t) -> d = e -> deriv t0 g e.
Proof. by move=> D E <-; exact: deriv_ext E D. Qed.

Section Costs.
Variables (real : realFieldType) (L : nat) (n : nat -> nat) (x y : nat -> real).

Definition targets := [seq y j | j <- index_iota 1 (n L).+1].
Lemma outputs_from_1 (u : nat -> real) : mkseq u (n L) = [seq u j.-1 | j <- index_iota 1 (n L).+1].
Proof.
rewrite /mkseq /index_iota subSS subn0; apply: (@eq_from_nth _ 0); rewrite !size_map !size_iota // => i iL.
by rewrite !(nth_map 0%N) ?size_iota // !nth_iota.
Qed.

(* an arbitrary cost, of which partial derivatives are known *)
Variables (cost : seq real -> seq real -> real) (cost_1 cost_2 : nat -> seq real -> seq real -> real).
Definition of_cost := Sample (fun j => x j.+1) (fun out k => cost_1 k.+1 out targets).
Lemma of_cost_diff : partials (n L).+1 (n L).+1 cost cost_1 cost_2 ->
  forall t0, loss_diff L n t0 (deriv t0) of_cost (fun out => cost out targets).
Proof.
move=> P t0 u du Hu.
have Hu' j : (1 <= j < (n L).+1)%N -> deriv t0 (u j.-1) (du j.-1) by case: j => // j jn; exact: Hu.
have Hy j : (1 <= j < (n L).+1)%N -> deriv t0 (fun=> y j) 0 by move=> _; exact: deriv_const.
have := P t0 (fun j => u j.-1) (fun j => fun=> y j) (fun j => du j.-1) (fun=> 0) Hu' Hy.
rewrite [X in _ + X]big1 ?addr0; last by move=> j _; rewrite mulr0.
rewrite big_add1 big_mkord /= => D.
rewrite (_ : \sum_(k < n L) _ = \sum_(i < n L) cost_1 i.+1 [seq u i0.-1 t0 | i0 <- index_iota 1 (n L).+1]
  [seq y i0 | i0 <- index_iota 1 (n L).+1] * du i).
  by move: D; apply: deriv_ext => t; rewrite outputs_from_1.
by apply: eq_bigr => k _; rewrite /= outputs_from_1.
Qed.

(* the squared error with a factor *)
Variable factor : real.
Definition of_squared_error := Sample (fun j => x j.+1) (fun out k => factor * ((out`_k - y k.+1) *+ 2)).
Definition squared_error (out : seq real) := factor * \sum_(k < n L) (out`_k - y k.+1) ^+ 2.
Lemma of_squared_error_diff t0 : loss_diff L n t0 (deriv t0) of_squared_error squared_error.
Proof.
move=> u du Hu; pose s := Sample (fun j => x j.+1) (fun (out : seq real) k => (out`_k - y k.+1) *+ 2).
have D := @sqerr_diff _ L n t0 (deriv t0) (@deriv_ext _ t0) (@deriv_const _ t0) (@deriv_add _ t0) (@deriv_mul _ t0)
  s (fun k => y k.+1) (fun _ _ => erefl) u du Hu.
have := deriv_mul (deriv_const t0 factor) D; rewrite mulr0 addr0 mulr_sumr => D'.
rewrite (_ : \sum_(k < n L) _ = \sum_(i < n L) factor *
  (dloss s (mkseq (fun k0 => u k0 t0) (n L)) i * du i)); first exact: D'.
by apply: eq_bigr => k _; rewrite /= mulrA.
Qed.
End Costs.

Arguments act : simpl never.
Arguments pre : simpl never.
Arguments delta : simpl never.
