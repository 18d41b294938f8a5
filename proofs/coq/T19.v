(* T19 (proofs/t19_what_the_others_leave.py), counted from 1 as it is printed: neurons add up to one output, and to one
   of them the network is a linear regression on what the others leave of the target. What the neurons answer is
   anything. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* a sum is what stands before one of its terms, this term, and what stands behind it *)
Lemma sum_around (R : ringType) m p (f : nat -> R) : (1 <= p <= m)%N ->
  \sum_(1 <= i < m.+1) f i = \sum_(1 <= i < (p - 1)%N.+1) f i + f p + \sum_(p + 1 <= i < m.+1) f i.
Proof.
move=> pm; rewrite (big_cat_nat _ _ _ (n := p)) /=; [|lia|lia].
by rewrite [X in _ + X]big_ltn; [rewrite addrA addn1 subn1 prednK //; lia|lia].
Qed.

Section TheOthers.
Variables (real : realFieldType) (B H : nat).
Variables (a : nat -> nat -> real) (o : nat -> real) (r : nat -> nat -> real) (v y : nat -> real).
Hypothesis h_what_the_others_leave : forall s p : nat, (1 <= s <= B)%N -> (1 <= p <= H)%N ->
  r s p = y s - (\sum_(1 <= i < (p - 1)%N.+1) v i * a s i) - (\sum_(p + 1 <= i < H.+1) v i * a s i).

Lemma left_of_the_target s p : (1 <= s <= B)%N -> (1 <= p <= H)%N ->
  r s p = y s - (\sum_(1 <= i < H.+1) v i * a s i) + v p * a s p.
Proof. by move=> sB pH; rewrite h_what_the_others_leave // (sum_around _ pH) /=; ring. Qed.

Theorem T19_two_targets p q s : (1 <= p <= H)%N -> (1 <= q <= H)%N -> (1 <= s <= B)%N ->
  r s p - r s q = v p * a s p - (v q * a s q).
Proof. by move=> pH qH sB; rewrite !left_of_the_target //; ring. Qed.

Hypothesis h_output : forall s : nat, (1 <= s <= B)%N -> o s = \sum_(1 <= i < H.+1) v i * a s i.

Lemma own_error s p : (1 <= s <= B)%N -> (1 <= p <= H)%N -> o s - y s = v p * a s p - r s p.
Proof. by move=> sB pH; rewrite left_of_the_target // h_output //; ring. Qed.

Theorem T19_one_neuron (C : real) p : (1 <= p <= H)%N ->
  C = (1%:R / 2%:R) * (\sum_(1 <= s < B.+1) ((o s - y s) ^+ 2)) ->
  C = (1%:R / 2%:R) * (\sum_(1 <= s < B.+1) ((v p * a s p - r s p) ^+ 2)).
Proof.
by move=> pH ->; congr (_ * _); apply: eq_sum => s sB; rewrite (@own_error s p).
Qed.

Theorem T19_gradient (bar_o grad_v : nat -> real) p : (1 <= p <= H)%N ->
  (forall s : nat, (1 <= s <= B)%N -> bar_o s = o s - y s) ->
  (forall i : nat, (1 <= i <= H)%N -> grad_v i = \sum_(1 <= s < B.+1) bar_o s * a s i) ->
  grad_v p = \sum_(1 <= s < B.+1) (v p * a s p - r s p) * a s p.
Proof.
move=> pH error gradient; rewrite gradient //; apply: eq_sum => s sB.
by rewrite error // (@own_error s p).
Qed.
End TheOthers.
